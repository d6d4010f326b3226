import type { EngineApi } from "#shared/api/engine-api.ts";
import { AppError, fromErrorData } from "#shared/api/errors.ts";
import type { RunEvent, RunSpecInput } from "#shared/api/run.ts";
import type { SweepRun } from "./expand.ts";
import { resultOf, type Result } from "./results.ts";

/** The name by which a run of a sweep is found again in the workspace. */
export const runName = (sweep: string, { key }: SweepRun): string => `${sweep} ${key}`;

/** Starts a run, or goes on where an earlier call was interrupted. Answers with its id. */
async function begin(engine: EngineApi, sweep: string, run: SweepRun): Promise<string> {
  const name = runName(sweep, run);
  const before = (await engine.runs.list()).find((info) => info.name === name); // newest first
  if (before?.state === "done") return before.id; // ended just before its result was kept
  if (before?.state === "stopped") return engine.runs.resume(before.id);
  return engine.runs.start({ ...run.spec, name } as unknown as RunSpecInput);
}

/**
 * Carries out one run of a sweep. Nothing when it was stopped by `signal`; it goes on with the next call.
 * @throws AppError with the reason when it fails.
 */
export async function carryOut(
  engine: EngineApi,
  sweep: string,
  run: SweepRun,
  signal: AbortSignal,
  onEvent: (event: RunEvent) => void,
): Promise<Result | undefined> {
  const id = await begin(engine, sweep, run);
  let stopping: Promise<void> | undefined;
  const stop = (): void => {
    stopping ??= engine.runs.stop(id);
  };
  if (signal.aborted) stop();
  else signal.addEventListener("abort", stop, { once: true });
  const events: RunEvent[] = [];
  try {
    for await (const event of engine.runs.watch(id, 0)) {
      events.push(event);
      onEvent(event);
    }
    await stopping;
  } finally {
    signal.removeEventListener("abort", stop);
  }
  const last = events.at(-1);
  if (last?.kind === "state" && last.state === "failed")
    throw fromErrorData(last.error ?? { code: "training-failed", message: `Run ${id} failed` });
  const result = resultOf(run, id, events);
  if (result === undefined && !signal.aborted)
    throw new AppError("closed", `Run ${id} was stopped from elsewhere`, { hint: "Call the sweep again: it goes on with it." });
  return result;
}
