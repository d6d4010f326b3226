import { mkdir, readdir, readFile } from "node:fs/promises";
import { cpus, totalmem } from "node:os";
import { join } from "node:path";
import { AppError } from "#shared/api/errors.ts";
import type { RunEvent } from "#shared/api/run.ts";
import { fileError, writeAtomic } from "#main/lib/files.ts";

/*
 * What finished runs have found: a file each, written in one go, so that a kill loses at most the run that was under way, and
 * so that many tasks can write into one folder without knowing of each other.
 */

/** Where it was computed. */
export interface Machine {
  readonly processor: string;
  readonly cores: number;
  readonly memoryBytes: number;
  readonly node: string;
  readonly platform: string;
}

/** A finished run. */
export interface Result {
  readonly schema: 1;
  readonly key: string;
  readonly spec: Readonly<Record<string, unknown>>;
  readonly run: string;
  readonly metrics: Readonly<Record<string, number>>;
  /** How many samples of each kind there were. */
  readonly data: Readonly<Record<"train" | "validation" | "test" | "source" | "excludedSource", number>>;
  readonly warnings: readonly string[];
  /** Numbers of each epoch of the training, by name. */
  readonly epochs: Readonly<Record<string, readonly number[]>>;
  /** Steps of training in all; unknown where the epochs were too short to be told of. */
  readonly steps?: number;
  readonly backend: { readonly id: string; readonly device: string };
  /** From its start to its end; a run that was interrupted counts from where it went on. */
  readonly seconds: number;
  readonly interrupted: number;
  readonly finishedAt: number;
  readonly machine: Machine;
}

export const thisMachine = (): Machine => ({
  processor: cpus()[0]?.model.trim() ?? "unknown",
  cores: cpus().length,
  memoryBytes: totalmem(),
  node: process.version,
  platform: `${process.platform} ${process.arch}`,
});

/** Digits of a number of an epoch that are worth keeping. */
const DIGITS = 5;

/**
 * How alike pictures and clips are in the network, by layer, without what a small sample adds; `alikeLast` is that of the last
 * layer, whatever its name is.
 */
function alikeness({ alignment }: Extract<RunEvent, { kind: "epoch" }>): Readonly<Record<string, number>> {
  if (alignment === undefined) return {};
  const { layers, debiased } = alignment;
  const last = debiased.at(-1);
  return {
    ...Object.fromEntries(layers.map((layer, index) => [`alike.${layer}`, debiased[index] ?? NaN])),
    ...(last !== undefined && { alikeLast: last }),
  };
}

/** What the record of a run says of it; undefined while it has not ended well. */
export function resultOf(
  run: { readonly key: string; readonly spec: Readonly<Record<string, unknown>> },
  id: string,
  events: readonly RunEvent[],
): Result | undefined {
  const last = events.at(-1);
  if (last?.kind !== "state" || last.state !== "done") return undefined;
  const starts = events.filter((event) => event.kind === "state" && event.state === "running");
  const began = starts.at(-1);
  const epochs: Record<string, number[]> = {};
  let data: Result["data"] = { train: 0, validation: 0, test: 0, source: 0, excludedSource: 0 };
  let warnings: readonly string[] = [];
  let backend = { id: "", device: "" };
  const seen = new Set<string>();
  const stepsOf = new Map<string, number>();
  let steps = 0;
  for (const event of events) {
    if (event.kind === "backend") backend = { id: event.id, device: event.device };
    if (event.kind === "data") {
      const { train, validation, test, source, excludedSource } = event;
      data = { train, validation, test, source, excludedSource };
      warnings = event.warnings;
    }
    if (event.kind === "step") stepsOf.set(event.phase, event.steps);
    // An epoch may be told twice when its checkpoint was written and the run was killed before the next one.
    if (event.kind !== "epoch" || event.phase === "control" || seen.has(`${event.phase} ${event.epoch}`)) continue;
    seen.add(`${event.phase} ${event.epoch}`);
    steps += stepsOf.get(event.phase) ?? NaN;
    if (event.phase !== "training") continue;
    for (const [name, value] of Object.entries({ ...event.metrics, ...alikeness(event) })) {
      if (value !== undefined) (epochs[name] ??= []).push(Number(value.toPrecision(DIGITS)));
    }
  }
  const beganAt = began?.kind === "state" ? (began.at ?? 0) : 0;
  const finishedAt = last.at ?? 0;
  return {
    schema: 1,
    key: run.key,
    spec: run.spec,
    run: id,
    metrics: last.metrics ?? {},
    data,
    warnings,
    epochs,
    ...(Number.isFinite(steps) && { steps }),
    backend,
    seconds: Math.round(finishedAt - beganAt) / 1000,
    interrupted: starts.length - 1,
    finishedAt,
    machine: thisMachine(),
  };
}

const folderOf = (out: string): string => join(out, "results");

/** Keeps a result. @throws AppError when the folder cannot be written to. */
export async function writeResult(out: string, result: Result): Promise<void> {
  const folder = folderOf(out);
  await mkdir(folder, { recursive: true }).catch((error: unknown) => {
    throw fileError(error, folder, "make the folder");
  });
  await writeAtomic(join(folder, `${result.key}.json`), `${JSON.stringify(result)}\n`);
}

/** All results in a folder, by key. @throws AppError `damaged`, naming the file that is no result. */
export async function readResults(out: string): Promise<ReadonlyMap<string, Result>> {
  const folder = folderOf(out);
  const names = await readdir(folder).catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT") return [];
    throw fileError(error, folder, "read");
  });
  const results = new Map<string, Result>();
  for (const name of names.filter((file) => file.endsWith(".json"))) {
    const path = join(folder, name);
    const text = await readFile(path, "utf8").catch((error: unknown) => {
      throw fileError(error, path, "read");
    });
    let result: Result;
    try {
      result = JSON.parse(text) as Result;
    } catch (cause) {
      throw new AppError("damaged", `${path} is no result of a sweep`, {
        hint: "Remove the file: its run is carried out again.",
        cause,
      });
    }
    results.set(result.key, result);
  }
  return results;
}
