import type { ComputeApi } from "#shared/api/compute-api.ts";
import { AppError, isAppErrorData } from "#shared/api/errors.ts";
import type { StreamApi, StreamWorkerApi } from "#shared/api/stream-api.ts";
import { connect, type Remote } from "#shared/channel/channel.ts";
import type { Host, WorkerHandle } from "#main/hosts/host.ts";
import { log } from "#main/lib/log.ts";

export type StreamWorkerRemote = Remote<StreamWorkerApi & { readonly stream: StreamApi }>;

/** A running worker and the engine's line to it. */
export interface Worker<A> {
  readonly handle: WorkerHandle;
  readonly api: A;
  /** Why it ended, once it has. */
  readonly ended: () => string | undefined;
}
export type StreamWorker = Worker<StreamWorkerRemote>;
export type ComputeWorker = Worker<Remote<ComputeApi>> & {
  /** The backend it computes with; undefined until it has been asked to. */
  readonly backend: string | undefined;
};

/** Starts, keeps and ends the workers. */
export interface Workers {
  /** Work on files by the worker that is kept at hand. */
  files<R>(work: (api: StreamWorkerRemote) => PromiseLike<R>): Promise<R>;
  /** A worker of one's own; `end` it when done. The one at hand is given away when nobody needs it. */
  takeStream(): Promise<StreamWorker>;
  /**
   * The compute worker. Another backend than the last one gets a fresh process, which also gives the device its memory
   * back. Without a backend: as it is, for questions that compute nothing.
   */
  compute(backend?: string): Promise<ComputeWorker>;
  /** The compute worker as it is, when there is one. */
  computeNow(): ComputeWorker | undefined;
  /** A compute worker for one piece of work, which may take the process down without harm. */
  aside<R>(work: (api: Remote<ComputeApi>) => PromiseLike<R>): Promise<R>;
  end(worker: Worker<unknown>): void;
  /** Process ids of all workers, for the memory figure. */
  pids(): readonly number[];
  close(): Promise<void>;
}

/** How long a worker may take to end when asked, before it is made to. */
const STOP_TIMEOUT_MS = 3000;

/** A line breaks a moment before the exit is known: waiting that long gives the error its reason. */
const EXIT_GRACE_MS = 500;

/** The error of a call to a worker. When the line broke because the worker ended, the reason is worth more than "closed". */
export async function explain(error: unknown, worker: Worker<unknown>, what: string): Promise<unknown> {
  if (!isAppErrorData(error) || error.code !== "closed") return error;
  const why = await Promise.race([worker.handle.exited, new Promise<void>((resolve) => setTimeout(resolve, EXIT_GRACE_MS))]);
  if (why === undefined) return error;
  return new AppError("internal", `The ${what} worker ended in the middle of it: ${why}`, {
    hint: "Try again: a new one is started. Everything else goes on.",
    cause: error,
  });
}

export function createWorkers(host: Host): Workers {
  const running = new Set<Worker<unknown>>();
  let spare: Promise<StreamWorker> | undefined;
  let spareJobs = 0;
  let compute: { backend: string | undefined; readonly worker: Promise<ComputeWorker> } | undefined;
  let current: ComputeWorker | undefined;
  let closed = false;

  async function start<A extends object>(role: "stream" | "compute"): Promise<Worker<Remote<A>>> {
    if (closed) throw new AppError("closed", "The application is closing");
    const handle = await host.fork(role);
    let why: string | undefined;
    const worker: Worker<Remote<A>> = { handle, api: connect<A>(handle.port), ended: () => why };
    running.add(worker);
    void handle.exited.then((reason) => {
      why = reason;
      running.delete(worker);
      log("info", "engine", `${role} worker ${handle.pid ?? ""}: ${reason}`);
    });
    if (closed) handle.kill();
    return worker;
  }

  const end = ({ handle }: Worker<unknown>): void => {
    handle.port.close(); // a worker ends with its line
    const late = setTimeout(() => handle.kill("SIGKILL"), STOP_TIMEOUT_MS);
    handle.kill("SIGTERM");
    void handle.exited.then(() => clearTimeout(late));
  };

  const startSpare = (): Promise<StreamWorker> => {
    const starting = start<StreamWorkerApi & { readonly stream: StreamApi }>("stream");
    spare = starting;
    const forget = (): void => {
      if (spare === starting) spare = undefined;
    };
    starting.then((worker) => worker.handle.exited.then(forget), forget);
    return starting;
  };

  return {
    files: async (work) => {
      spareJobs += 1;
      try {
        const worker = await (spare ?? startSpare());
        try {
          return await work(worker.api);
        } catch (error) {
          throw await explain(error, worker, "file");
        }
      } finally {
        spareJobs -= 1;
      }
    },
    takeStream: async () => {
      const idle = spareJobs === 0 ? spare : undefined;
      if (idle !== undefined) spare = undefined;
      const worker = await (idle ?? start<StreamWorkerApi & { readonly stream: StreamApi }>("stream"));
      if (spare === undefined && !closed) startSpare().catch((error: unknown) => log("warning", "engine", String(error)));
      return worker;
    },
    compute: (backend) => {
      if (compute !== undefined && (backend === undefined || (compute.backend ?? backend) === backend)) {
        compute.backend ??= backend;
        return compute.worker;
      }
      const before = compute?.worker;
      const begin = async (): Promise<ComputeWorker> => {
        const old = await before?.catch(() => undefined);
        if (old !== undefined) {
          end(old);
          await old.handle.exited;
        }
        const worker = await start<ComputeApi>("compute");
        current = {
          ...worker,
          get backend() {
            return entry.backend;
          },
        };
        return current;
      };
      const entry: NonNullable<typeof compute> = { backend, worker: begin() };
      const starting = entry.worker;
      compute = entry;
      const forget = (): void => {
        if (compute !== entry) return;
        compute = undefined;
        current = undefined;
      };
      starting.then((worker) => worker.handle.exited.then(forget), forget);
      return starting;
    },
    computeNow: () => current,
    aside: async (work) => {
      const worker = await start<ComputeApi>("compute");
      try {
        return await work(worker.api);
      } catch (error) {
        throw await explain(error, worker, "compute");
      } finally {
        end(worker);
      }
    },
    end,
    pids: () => [...running].flatMap(({ handle }) => (handle.pid === undefined ? [] : [handle.pid])),
    close: async () => {
      closed = true;
      const all = [...running];
      for (const worker of all) end(worker);
      await Promise.all(all.map(({ handle }) => handle.exited));
    },
  };
}
