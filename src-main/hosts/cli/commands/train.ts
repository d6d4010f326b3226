import { readFile } from "node:fs/promises";
import type { EngineApi } from "#shared/api/engine-api.ts";
import { AppError, fromErrorData } from "#shared/api/errors.ts";
import type { RunEvent, RunSpecInput } from "#shared/api/run.ts";
import type { Remote } from "#shared/channel/channel.ts";
import { fileError } from "#main/lib/files.ts";
import { command, UsageError, type Context } from "../command.ts";
import { formatBytes, parsePair, setPath } from "../values.ts";
import { percent } from "./table.ts";

/** A run file as an object. @throws AppError `bad-spec`, `not-found`. */
export async function readSpec(path: string): Promise<Record<string, unknown>> {
  let text: string;
  try {
    text = await readFile(path, "utf8");
  } catch (error) {
    throw fileError(error, path, "read");
  }
  let spec: unknown;
  try {
    spec = JSON.parse(text);
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : "";
    throw new AppError("bad-spec", `${path} is not JSON: ${why}`, {
      hint: 'The smallest run file is {"dataset":{"name":"…"}}.',
      cause,
    });
  }
  if (typeof spec !== "object" || spec === null || Array.isArray(spec))
    throw new AppError("bad-spec", `${path} holds no object`, { hint: 'The smallest run file is {"dataset":{"name":"…"}}.' });
  return spec as Record<string, unknown>;
}

/** The record of a run has been told when nothing has come for so long: what is kept comes without a pause. */
const QUIET_MS = 500;

const seconds = (value: number): string => (value >= 90 ? `${Math.round(value / 60)} min` : `${Math.round(value)} s`);

/** One event for people; steps are the progress line, the rest are lines on stderr. */
function tell({ out }: Context, event: RunEvent): void {
  switch (event.kind) {
    case "backend":
      return out.note(`computing on ${event.id} (${event.device}): ${event.reason}`);
    case "phase":
      return out.note(event.detail === undefined ? event.phase : `${event.phase}: ${event.detail}`);
    case "data":
      out.note(`${event.train} training, ${event.validation} validation, ${event.test} test, ${event.source} source samples`);
      for (const warning of event.warnings) out.note(warning);
      return;
    case "step":
      return out.progress(
        event.steps === 0 ? undefined : event.step / event.steps,
        `${event.phase} epoch ${event.epoch}, loss ${event.loss.toFixed(3)}, ${event.samplesPerSecond.toFixed(0)} samples/s`,
      );
    case "epoch": {
      const { trainLoss, trainAccuracy, validationAccuracy } = event.metrics;
      const validation = validationAccuracy === undefined ? "" : `, validation ${percent(validationAccuracy)}`;
      const left = event.secondsLeft > 0 ? `, ${seconds(event.secondsLeft)} left` : "";
      return out.note(
        `${event.phase} epoch ${event.epoch} of ${event.epochs}: loss ${trainLoss.toFixed(3)}, training ${percent(trainAccuracy)}${validation}${left}`,
      );
    }
    case "log":
      return out.note(event.message);
    case "state":
    case "checkpoint":
    case "alignment":
      return;
  }
}

/**
 * What the run will cost, on a line. Who stops it here stops the run, which is there to be resumed.
 * @throws AppError `too-large` for a run that cannot fit, which is then not begun.
 */
async function tellEstimate({ out, signal }: Context, engine: EngineApi, spec: RunSpecInput): Promise<void> {
  // In one process the engine takes the signal as its extra last argument, as it does over a channel.
  const runs = engine.runs as Remote<EngineApi["runs"]>;
  const estimate = await runs.estimate(spec, signal).catch((error: unknown) => {
    if (signal.aborted) return undefined;
    throw error;
  });
  if (estimate === undefined) return;
  const { seconds: own, controlSeconds, memoryBytes, memoryLimitBytes, stepMs } = estimate;
  const control = controlSeconds > 0 ? `, of which ${seconds(controlSeconds)} for the control` : "";
  const free = memoryLimitBytes === undefined ? "" : ` of ${formatBytes(memoryLimitBytes)} free`;
  out.note(
    `about ${seconds(own + controlSeconds)}${control}, ${formatBytes(memoryBytes)} of memory${free}, ${stepMs.toFixed(0)} ms a step`,
  );
}

/** Follows a run to its end. Ctrl-C stops it, and what it has by then is kept. */
async function follow(context: Context, engine: EngineApi, id: string, from: number): Promise<void> {
  const { out, signal } = context;
  const stop = (): void => {
    out.note("stopping after this step; the best checkpoint is kept …");
    engine.runs.stop(id).catch((error: unknown) => out.note(error instanceof Error ? error.message : String(error)));
  };
  if (signal.aborted) stop();
  else signal.addEventListener("abort", stop, { once: true });
  try {
    for await (const event of engine.runs.watch(id, from)) {
      const final = event.kind === "state" && event.state !== "queued" && event.state !== "running";
      if (final && event.state === "failed")
        throw fromErrorData(event.error ?? { code: "training-failed", message: `Run ${id} failed` });
      await out.data(final ? { ...event, run: event.run ?? id } : event);
      if (!out.json) tell(context, event);
      if (!final) continue;
      const figures = Object.entries(event.metrics ?? {}).map(
        ([name, value]) => `  ${name.padEnd(24)}${Number(value.toFixed(4))}`,
      );
      await out.text(
        [`run ${id}: ${event.state}${event.model === undefined ? "" : `, model ${event.model}`}`, ...figures].join("\n"),
      );
      return;
    }
    throw new AppError("closed", `Run ${id} ended without a word`, { hint: "saccade runs tells its state." });
  } finally {
    signal.removeEventListener("abort", stop);
  }
}

export const train = command({
  path: ["train"],
  summary: "Carries out a run: trains a network as a run file says.",
  details: [
    "The run folder is under the workspace. Ctrl-C stops after the current step and keeps the best checkpoint; --resume goes on from there.",
    "Before it begins, two batches are tried to tell time and memory; a run that cannot fit is refused with the next smaller one that does.",
    "Everything in a run file has a default but the data set. --set changes single values: --set epochs=5 --set model.params.preset=tiny.",
  ],
  positionals: [{ name: "RUN.json", summary: "Run file; not needed with --resume", optional: true }],
  options: {
    backend: {
      param: { type: "text", default: "", label: "Where to compute; saccade doctor lists what works here" },
      value: "ID",
      optional: true,
    },
    "skip-estimate": {
      param: { type: "boolean", default: false, label: "Begins without trying two batches to tell time and memory" },
    },
    set: { param: { type: "text", default: "", label: "Changes a value of the run file" }, value: "PATH=VALUE", many: true },
    resume: { param: { type: "text", default: "", label: "Goes on with a run that was stopped" }, value: "RUN", optional: true },
  },
  output: 'one run event per line, the last one {"kind":"state","state":"done","run","model","metrics":{…}}',
  run: async (context, [file], given) => {
    const { backend, set, resume } = given;
    if ((file === undefined) === (resume === undefined)) throw new UsageError("name either a run file or --resume RUN");
    if (resume !== undefined && (backend !== undefined || set.length > 0))
      throw new UsageError("a resumed run keeps its settings: --backend and --set do not go with --resume");
    const spec = file === undefined ? {} : await readSpec(file);
    for (const text of set) {
      const [path, value] = parsePair(text, "--set");
      setPath(spec, path, value);
    }
    if (backend !== undefined) spec["backend"] = backend;
    const engine = await context.engine();
    context.signal.throwIfAborted();
    if (resume === undefined && !given["skip-estimate"]) await tellEstimate(context, engine, spec as RunSpecInput);
    const before = resume === undefined ? 0 : await eventsSoFar(engine, resume);
    const id = resume === undefined ? await engine.runs.start(spec as RunSpecInput) : await engine.runs.resume(resume);
    await follow(context, engine, id, id === resume ? before : 0);
  },
});

/** How many events a run has already told, so that resuming does not tell them again. */
async function eventsSoFar(engine: EngineApi, id: string): Promise<number> {
  const quiet = new AbortController();
  const timer = setTimeout(() => quiet.abort(), QUIET_MS);
  // In one process the engine takes the signal as its extra last argument, as it does over a channel.
  const runs = engine.runs as Remote<EngineApi["runs"]>;
  let count = 0;
  for await (const _event of runs.watch(id, 0, quiet.signal)) {
    count += 1;
    timer.refresh();
  }
  clearTimeout(timer);
  return count;
}
