import { randomBytes } from "node:crypto";
import { existsSync } from "node:fs";
import { mkdir, readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { AppError } from "#shared/api/errors.ts";
import type { RunSpec, TrainJob } from "#shared/api/run.ts";
import { fileError, writeAtomic } from "#main/lib/files.ts";
import type { RunPlan } from "./plan.ts";

/*
 * A run is a folder: run.json (the complete spec: "saccade train" takes it as it is), job.json (the frozen lists of
 * samples), classes.json, events.jsonl, and checkpoints/ written by the compute worker.
 */
export const RUN_FILE = "run.json";
export const JOB_FILE = "job.json";
/** The names in the order of the confusion matrix, apart from the job: that one is large and rarely needed. */
const CLASSES_FILE = "classes.json";
export const EVENTS_FILE = "events.jsonl";

/** `20261121-201503-sliding-kt-3f9a`: sorts by time, can be read and typed. */
export function newRunId(spec: RunSpec, now = new Date()): string {
  const stamp = now.toISOString().slice(0, 19).replaceAll(/[-:]/g, "").replace("T", "-");
  const word = spec.transfer.id.replaceAll(/[^a-z0-9-]/gi, "");
  return `${stamp}-${word}-${randomBytes(2).toString("hex")}`;
}

export async function writeRun(workspace: string, cache: string, id: string, plan: RunPlan): Promise<void> {
  const runDir = join(workspace, "runs", id);
  try {
    await mkdir(join(runDir, "checkpoints"), { recursive: true });
  } catch (error) {
    throw fileError(error, runDir, "make the run");
  }
  const job: TrainJob = { ...plan, runId: id, ...placesOf(workspace, cache, id), resume: false };
  await writeAtomic(join(runDir, JOB_FILE), JSON.stringify(job));
  await writeAtomic(join(runDir, CLASSES_FILE), JSON.stringify(plan.classes));
  await writeAtomic(join(runDir, RUN_FILE), `${JSON.stringify(plan.spec, undefined, 2)}\n`);
}

/** Where a run writes. The model has the name of its run. */
export const placesOf = (workspace: string, cache: string, id: string): Pick<TrainJob, "runDir" | "modelDir" | "cacheDir"> => ({
  runDir: join(workspace, "runs", id),
  modelDir: join(workspace, "models", id),
  cacheDir: join(cache, "samples"),
});

async function readJson(path: string): Promise<unknown> {
  const text = await readFile(path, "utf8").catch((error: unknown) => {
    throw fileError(error, path, "read");
  });
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new AppError("damaged", `${path} cannot be read: ${String(error)}`, { hint: "Remove the run and start it again." });
  }
}

export const readRun = async (runDir: string): Promise<{ readonly spec: RunSpec; readonly classes: readonly string[] }> => ({
  spec: (await readJson(join(runDir, RUN_FILE))) as RunSpec,
  classes: (await readJson(join(runDir, CLASSES_FILE))) as readonly string[],
});

export const readJob = async (runDir: string): Promise<TrainJob> => (await readJson(join(runDir, JOB_FILE))) as TrainJob;

/** Ids of the runs in a workspace, oldest first. A folder without run.json was never started. */
export async function runIds(workspace: string): Promise<readonly string[]> {
  const folder = join(workspace, "runs");
  if (!existsSync(folder)) return [];
  const names = await readdir(folder);
  return names.filter((name) => existsSync(join(folder, name, RUN_FILE))).toSorted();
}
