import { join } from "node:path";
import type { ComputeApi } from "#shared/api/compute-api.ts";
import { AppError } from "#shared/api/errors.ts";
import type { StreamApi, StreamWorkerApi } from "#shared/api/stream-api.ts";
import { serve } from "#shared/channel/channel.ts";
import { portPair } from "#shared/channel/port.ts";
import type { Host, WorkerHandle } from "#main/hosts/host.ts";

/** What a fake worker answers; what it does not name is refused as a real worker would refuse an unknown method. */
export type FakeStream = Partial<StreamWorkerApi> & { readonly stream?: Partial<StreamApi> };

export interface FakeWorker {
  readonly role: "stream" | "compute";
  readonly handle: WorkerHandle;
  /** Ends it as a crash would: the line breaks, then the exit is known. */
  crash(reason: string): void;
  readonly alive: boolean;
}

/** A host whose workers live in the test's own process, behind real channels. */
export interface FakeHost extends Host {
  readonly workers: readonly FakeWorker[];
  /** The youngest living worker of a role. */
  last(role: "stream" | "compute"): FakeWorker;
  /** Endpoints that pages could connect to now. */
  readonly exposed: ReadonlySet<string>;
}

/**
 * @param folder where data and cache lie.
 * @param make answers with the API of each new worker; `count` is how many of that role there were before.
 */
export function createFakeHost(
  folder: string,
  make: {
    readonly stream?: (count: number) => FakeStream;
    readonly compute?: (count: number) => Partial<ComputeApi>;
  },
  options: { readonly roots?: readonly string[] } = {},
): FakeHost {
  const workers: FakeWorker[] = [];
  const exposed = new Set<string>();
  return {
    kind: "test",
    paths: { data: join(folder, "data"), cache: join(folder, "cache"), logs: join(folder, "logs") },
    roots: options.roots ?? [],
    workers,
    exposed,
    last: (role) => {
      const worker = workers.findLast((candidate) => candidate.role === role && candidate.alive);
      if (worker === undefined) throw new Error(`no ${role} worker is alive`);
      return worker;
    },
    fork: (role) => {
      const api = make[role]?.(workers.filter((worker) => worker.role === role).length);
      if (api === undefined)
        return Promise.reject(new AppError("internal", `The ${role} worker did not start: it is not part of this test`));
      const [near, far] = portPair();
      const { promise: exited, resolve } = Promise.withResolvers<string>();
      let alive = true;
      const end = (reason: string): void => {
        if (!alive) return;
        alive = false;
        far.close();
        resolve(reason);
      };
      far.onClose(() => end("it ended with code 0")); // a worker ends with its line
      serve(far, api);
      const handle: WorkerHandle = {
        port: near,
        pid: undefined,
        exited,
        kill: (signal = "SIGTERM") => end(signal === "SIGKILL" ? "it was ended by SIGKILL" : "it ended with code 0"),
      };
      workers.push({
        role,
        handle,
        crash: end,
        get alive() {
          return alive;
        },
      });
      return Promise.resolve(handle);
    },
    expose: (_, name) => {
      exposed.add(name);
      return name;
    },
    conceal: (endpoint) => void exposed.delete(endpoint),
  };
}
