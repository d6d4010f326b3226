import { randomBytes } from "node:crypto";
import { mkdir, readdir, rename, rm, rmdir } from "node:fs/promises";
import { dirname, join } from "node:path";
import type { DatasetExport, DatasetExportOptions } from "#shared/api/engine-api.ts";
import { AppError, toAppError, type ErrorCode } from "#shared/api/errors.ts";
import type { ConvertOptions, ConvertProgress } from "#shared/api/stream-api.ts";
import { fileError, writeAtomic } from "#main/lib/files.ts";
import { namesAsNMnist, namesByClass, type NamedSample } from "./export-names.ts";
import type { ResolvedDataset } from "./resolved.ts";

/** So many recordings are rewritten at once: while one waits for the disk another is decoded. */
const AT_ONCE = 4;
/** More recordings that were left out are counted and not named. */
const NAMED = 5;
/** Faults of one recording; anything else would be the same with the next. */
const SKIPPED: ReadonlySet<ErrorCode> = new Set<ErrorCode>(["damaged", "empty", "not-found", "unknown-format", "bad-argument"]);
/** Between two reports of progress, ms. */
const REPORT_MS = 200;
const N_MNIST_CODEC = "nmnist-bin";
const USUAL_CODEC = "prophesee-raw";

/** What the exporter needs of the rest: the formats and someone who rewrites files. */
export interface Rewriting {
  readonly codecs: readonly { readonly id: string; readonly extensions: readonly string[]; readonly writes: boolean }[];
  readonly convert: (options: ConvertOptions) => AsyncIterable<ConvertProgress>;
}

type Codec = Rewriting["codecs"][number];

/** @throws AppError naming what can be written. */
function codecFor(codecs: readonly Codec[], { as, codec: id }: DatasetExportOptions): Codec {
  const writable = codecs.filter(({ writes }) => writes);
  const wanted = id ?? (as === "n-mnist" ? N_MNIST_CODEC : USUAL_CODEC);
  if (as === "n-mnist" && wanted !== N_MNIST_CODEC) {
    throw new AppError("bad-argument", `N-MNIST is written as ${N_MNIST_CODEC}, not as ${wanted}`, {
      hint: "Leave the format out, or export to a folder for each class.",
    });
  }
  const codec = writable.find((candidate) => candidate.id === wanted);
  if (codec !== undefined) return codec;
  const why = codecs.some((candidate) => candidate.id === wanted) ? "can be read and not written" : "is no format known here";
  throw new AppError("unsupported", `${wanted} ${why}`, {
    hint: `Choose one of ${writable.map((candidate) => candidate.id).join(", ")}.`,
  });
}

/** @throws AppError `exists` unless there is nothing at the place, or an empty folder. */
async function checkFree(folder: string): Promise<void> {
  const names = await readdir(folder).catch((error: unknown) => {
    const failure = fileError(error, folder, "write to");
    if (failure.code === "not-found") return [];
    throw failure;
  });
  if (names.length === 0) return;
  throw new AppError("exists", `${folder} is not empty`, { hint: "Name a folder that does not exist yet." });
}

const HEADER = "path,class,part,subject,number,source,start_us,end_us";

const cell = (value: string | number | undefined): string => {
  const text = String(value ?? "");
  return /[",\r\n]|^\s|\s$/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
};

/** What was written, a line each. Times are where a clip lay in its source; in its own file they begin at zero. */
const labelsOf = (written: readonly { readonly path: string; readonly named: NamedSample }[]): string =>
  [
    HEADER,
    ...written.map(({ path, named: { sample } }) =>
      [path, sample.label, sample.part, sample.subject, sample.number, sample.path, sample.range?.start, sample.range?.end]
        .map(cell)
        .join(","),
    ),
    "",
  ].join("\n");

/** Rewrites the recordings of a data set into a new folder, which takes its name when everything is in it. */
export async function* exportDataset(
  { info, samples }: ResolvedDataset,
  folder: string,
  options: DatasetExportOptions,
  { codecs, convert }: Rewriting,
  signal?: AbortSignal,
): AsyncGenerator<DatasetExport, void, undefined> {
  if (info.kind !== "events") {
    throw new AppError("bad-argument", `${info.name} holds pictures; recordings can be exported`, {
      hint: "Copy the folder of the pictures.",
    });
  }
  const codec = codecFor(codecs, options);
  await checkFree(folder);
  const named = options.as === "n-mnist" ? namesAsNMnist(samples, info.classes) : namesByClass(samples);
  const temporary = `${folder}.${randomBytes(6).toString("hex")}.part`;
  const written = new Map<number, { readonly path: string; readonly named: NamedSample }>();
  const problems: AppError[] = [];
  let [events, bytes, next, done] = [0, 0, 0, 0];

  const writeOne = async (position: number, item: NamedSample): Promise<void> => {
    const path = `${item.name}${codec.extensions[0] ?? ""}`;
    const output = join(temporary, path);
    const { path: input, range, answers } = item.sample;
    await mkdir(dirname(output), { recursive: true });
    const wanted: ConvertOptions = {
      ...{ input, output, codec: codec.id, fromZero: true },
      ...(range !== undefined && { range: { from: range.start, to: range.end } }),
      ...(answers !== undefined && { answers }),
    };
    try {
      for await (const step of convert(wanted)) {
        if (step.kind !== "done") continue;
        if (step.events === 0) throw new AppError("empty", `${item.sample.id} has no events`);
        events += step.events;
        bytes += step.bytes;
      }
      written.set(position, { path, named: item });
    } catch (error) {
      const problem = toAppError(error);
      if (!SKIPPED.has(problem.code)) throw problem;
      await rm(output, { force: true });
      problems.push(problem);
    }
  };
  const work = async (): Promise<void> => {
    for (let position = next++; position < named.length; position = next++) {
      signal?.throwIfAborted();
      const item = named[position];
      if (item !== undefined) await writeOne(position, item);
      done += 1;
    }
  };
  const workers = Promise.allSettled(Array.from({ length: AT_ONCE }, () => work().catch(stop)));
  function stop(error: unknown): never {
    next = named.length; // the others finish what they have begun
    throw error;
  }
  let settled = false;
  void workers.then(() => (settled = true));
  let complete = false;
  try {
    while (!settled) {
      yield { kind: "progress", done, total: named.length };
      await Promise.race([workers, new Promise((resolve) => setTimeout(resolve, REPORT_MS))]);
    }
    for (const result of await workers) if (result.status === "rejected") throw result.reason;
    if (written.size === 0) throw problems[0] ?? new AppError("empty", `${info.name} has no recordings`);
    const order = [...written].toSorted(([a], [b]) => a - b).map(([, item]) => item);
    await writeAtomic(join(temporary, "labels.csv"), labelsOf(order));
    await checkFree(folder);
    await rmdir(folder).catch((error: unknown) => {
      if (fileError(error, folder, "replace").code !== "not-found") throw fileError(error, folder, "replace");
    });
    await rename(temporary, folder).catch((error: unknown) => {
      throw fileError(error, folder, "create");
    });
    complete = true;
  } finally {
    next = named.length; // also when the caller leaves
    if (!complete) {
      await workers;
      await rm(temporary, { recursive: true, force: true });
    }
  }
  const told = problems.slice(0, NAMED).map(({ message }) => `Left out: ${message}`);
  const warnings = problems.length > NAMED ? [...told, `${problems.length} recordings in all are left out.`] : told;
  yield { kind: "done", folder, files: written.size, events, bytes, warnings };
}
