import { rm } from "node:fs/promises";
import { join } from "node:path";
import type { RunPreview, SystemStatus } from "#shared/api/engine-api.ts";
import { AppError, toErrorData } from "#shared/api/errors.ts";
import type { RunEvent, RunInfo, RunSpec, RunState, TrainEstimate } from "#shared/api/run.ts";
import { log } from "#main/lib/log.ts";
import { explain, type Workers } from "#main/engine/workers.ts";
import { isEnd, openEvents, type EventsFile } from "./events-file.ts";
import { EVENTS_FILE, newRunId, placesOf, readJob, readRun, runIds, writeRun } from "./folder.ts";
import { planRun, previewOf, type PlanContext } from "./plan.ts";
import { advanceSummary, defaultName, emptySummary, type RunSummary } from "./summary.ts";

/** How long a run may take to end when asked: a step on a slow backend, and writing the model. */
const STOP_TIMEOUT_MS = 60_000;

type Entry = {
  readonly id: string;
  readonly spec: RunSpec;
  readonly classes: readonly string[];
  readonly events: EventsFile;
  summary: RunSummary;
};

/** The trainings of one workspace: one at a time, others wait. */
export interface Runs {
  list(): readonly RunInfo[];
  preview(spec: unknown): Promise<RunPreview>;
  estimate(spec: unknown, signal?: AbortSignal): Promise<TrainEstimate>;
  start(spec: unknown): Promise<string>;
  resume(id: string): Promise<string>;
  stop(id: string): Promise<void>;
  remove(id: string): Promise<void>;
  watch(id: string, from: number, signal?: AbortSignal): AsyncIterable<RunEvent>;
  /** The running one, for the status bar. */
  current(): SystemStatus["run"];
  readonly active: boolean;
  /** The backend that computes, once a run has said so. */
  backend(): SystemStatus["backend"];
  /** Stops what runs, keeping it, and closes the files. */
  close(): Promise<void>;
}

export interface RunsContext extends PlanContext {
  readonly cache: string;
  readonly readOnly: boolean;
  readonly workers: Workers;
  /** Told the list whenever it has changed. */
  onList(list: readonly RunInfo[]): void;
  /** Told when a model has come into being, before the run says so. */
  onModel(): Promise<void>;
}

/** Opens the runs of a workspace. Those that were under way when the application ended can be resumed. */
export async function openRuns(context: RunsContext): Promise<Runs> {
  const { workspace, cache, readOnly, workers } = context;
  const entries = new Map<string, Entry>();
  const queue: string[] = [];
  let running: { readonly entry: Entry; stopping: boolean; finished: Promise<void>; secondsLeft: number } | undefined;
  let backend: SystemStatus["backend"];
  let closed = false;

  const infoOf = ({ id, spec, classes, summary }: Entry): RunInfo => ({
    ...summary,
    id,
    name: spec.name ?? defaultName(spec),
    epochs: spec.epochs,
    classes,
    spec,
  });
  const list = (): readonly RunInfo[] =>
    [...entries.values()].map(infoOf).toSorted((a, b) => b.createdAt - a.createdAt || (a.id < b.id ? 1 : -1));
  const publish = (): void => context.onList(list());

  const must = (id: string): Entry => {
    const entry = entries.get(id);
    if (entry === undefined) throw new AppError("not-found", `There is no run ${id} in this workspace`);
    return entry;
  };
  const checkWritable = (): void => {
    if (readOnly)
      throw new AppError("read-only", `The workspace ${workspace} cannot be written to`, { hint: "Copy it elsewhere." });
  };
  const record = async (entry: Entry, event: RunEvent): Promise<void> => {
    await entry.events.append(event);
    entry.summary = advanceSummary(entry.summary, event);
    if (event.kind === "state" || event.kind === "epoch") publish();
  };
  const recordState = (entry: Entry, state: RunState, rest: Omit<Extract<RunEvent, { kind: "state" }>, "kind" | "state"> = {}) =>
    record(entry, { kind: "state", state, run: entry.id, at: Date.now(), ...rest });

  /** Passes the worker's events on and completes what it says about states. Answers with the last state it gave. */
  const carryOut = async (entry: Entry): Promise<void> => {
    const job = await readJob(join(workspace, "runs", entry.id));
    const resume = entry.events.events.some((event) => event.kind === "checkpoint");
    const worker = await workers.compute(entry.spec.backend);
    if (running?.entry === entry && running.stopping) return; // asked before there was a worker to be told
    try {
      // The places are worked out anew: the workspace may have been moved since the job was frozen.
      for await (const event of worker.api.train({ ...job, ...placesOf(workspace, cache, entry.id), resume })) {
        if (event.kind === "state") {
          if (event.state === "queued" || event.state === "running") continue;
          if (event.model !== undefined) await context.onModel();
          await recordState(entry, event.state, { ...event, at: Date.now(), run: entry.id });
          continue;
        }
        if (event.kind === "backend") backend = { id: event.id, device: event.device };
        if (event.kind === "epoch" && running?.entry === entry) running.secondsLeft = event.secondsLeft;
        await record(entry, event);
      }
    } catch (error) {
      throw await explain(error, worker, "compute");
    }
  };

  const runOne = async (entry: Entry): Promise<void> => {
    try {
      await recordState(entry, "running");
      await carryOut(entry);
      if (!isEnd(entry.events.events.at(-1))) await recordState(entry, running?.stopping === true ? "stopped" : "done");
    } catch (error) {
      const data = toErrorData(error);
      const stopped = running?.stopping === true;
      const hint = data.hint ?? "The checkpoints are kept: resume the run to go on from the last one.";
      await recordState(entry, stopped ? "stopped" : "failed", stopped ? {} : { error: { ...data, hint } });
    }
  };

  const next = (): void => {
    if (running !== undefined || closed) return;
    const id = queue.shift();
    const entry = id === undefined ? undefined : entries.get(id);
    if (entry === undefined) return;
    const finished = runOne(entry)
      .catch((error: unknown) => log("error", "runs", `${entry.id}: ${String(error)}`)) // the record itself cannot be written
      .finally(() => {
        running = undefined;
        publish();
        next();
      });
    running = { entry, stopping: false, finished, secondsLeft: 0 };
  };

  const stopRunning = async (job: NonNullable<typeof running>): Promise<void> => {
    job.stopping = true;
    const worker = workers.computeNow();
    const late = setTimeout(() => worker?.handle.kill("SIGKILL"), STOP_TIMEOUT_MS);
    try {
      await worker?.api.stop();
    } catch (error) {
      log("warning", "runs", `stopping ${job.entry.id}: ${String(error)}`); // the feed tells the same, and the run ends by it
    }
    await job.finished;
    clearTimeout(late);
  };

  for (const id of await runIds(workspace)) {
    const runDir = join(workspace, "runs", id);
    const run = await readRun(runDir).catch((error: unknown) => log("warning", "runs", String(error)));
    if (run === undefined) continue;
    const events = openEvents(join(runDir, EVENTS_FILE), readOnly);
    const entry: Entry = { id, ...run, events, summary: events.events.reduce(advanceSummary, emptySummary) };
    entries.set(id, entry);
    if (!readOnly && (entry.summary.state === "running" || entry.summary.state === "queued")) {
      const before = entry.summary.state === "queued" ? "before the run began" : "in the middle of the run";
      await recordState(entry, "stopped", {
        error: {
          code: "closed",
          message: `The application ended ${before}`,
          hint: "Resume the run to go on from the last checkpoint.",
        },
      });
    }
  }
  publish();

  return {
    list,
    get active() {
      return running !== undefined || queue.length > 0;
    },
    backend: () => backend,
    preview: async (raw) => previewOf(await planRun(raw, context)),
    estimate: async (raw, signal) => {
      const plan = await planRun(raw, context);
      const id = newRunId(plan.spec);
      const job = { ...plan, runId: id, ...placesOf(workspace, cache, id), resume: false };
      // While a run computes, its process is asked: a second one would fight it for the device.
      const worker = await workers.compute(running?.entry.spec.backend ?? plan.spec.backend);
      try {
        return await (signal === undefined ? worker.api.estimate(job) : worker.api.estimate(job, signal));
      } catch (error) {
        throw await explain(error, worker, "compute");
      }
    },
    start: async (raw) => {
      checkWritable();
      const plan = await planRun(raw, context);
      const id = newRunId(plan.spec);
      await writeRun(workspace, cache, id, plan);
      const events = openEvents(join(workspace, "runs", id, EVENTS_FILE), false);
      const entry: Entry = { id, spec: plan.spec, classes: plan.classes, events, summary: emptySummary };
      entries.set(id, entry);
      await recordState(entry, "queued");
      queue.push(id);
      next();
      return id;
    },
    resume: async (id) => {
      checkWritable();
      const entry = must(id);
      const { state } = entry.summary;
      if (state === "queued" || state === "running") return id;
      if (state === "done")
        throw new AppError("bad-argument", `The run ${id} is done`, { hint: "Start a new one from its settings." });
      await recordState(entry, "queued");
      queue.push(id);
      next();
      return id;
    },
    stop: async (id) => {
      const entry = must(id);
      const place = queue.indexOf(id);
      if (place >= 0) {
        queue.splice(place, 1);
        await recordState(entry, "stopped");
      } else if (running?.entry === entry) {
        await stopRunning(running);
      }
    },
    remove: async (id) => {
      checkWritable();
      const entry = must(id);
      if (running?.entry === entry && isEnd(entry.events.events.at(-1))) await running.finished; // it says so a moment before
      if (running?.entry === entry || queue.includes(id)) {
        throw new AppError("busy", `The run ${id} has not ended`, { hint: "Stop it first." });
      }
      await entry.events.close();
      entries.delete(id);
      await rm(join(workspace, "runs", id), { recursive: true, force: true });
      publish();
    },
    watch: (id, from, signal) => must(id).events.follow(from, signal),
    current: () => {
      if (running === undefined) return undefined;
      const { entry, secondsLeft } = running;
      const { id, name, epoch, epochs } = infoOf(entry);
      return { id, name, fraction: Math.min(1, epoch / epochs), secondsLeft };
    },
    close: async () => {
      closed = true;
      for (const id of queue.splice(0)) await recordState(must(id), "stopped");
      if (running !== undefined) await stopRunning(running);
      for (const { events } of entries.values()) await events.close();
    },
  };
}
