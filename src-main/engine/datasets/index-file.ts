import { existsSync } from "node:fs";
import { readFile, readdir, rm, stat } from "node:fs/promises";
import { isAbsolute, join, relative, resolve, sep } from "node:path";
import { AppError } from "#shared/api/errors.ts";
import type { JobSample } from "#shared/api/run.ts";
import type { FoundDataset, FoundSample } from "#shared/api/stream-api.ts";
import { fileError, writeAtomic } from "#main/lib/files.ts";
import { countsOf, fingerprintOf, type ResolvedDataset } from "./resolved.ts";

/*
 * What a data set turned out to be, written once when it is added: `datasets/<name>.json`. Browsing and training read
 * this and never walk the folder again; the fingerprint says whether two runs have seen the same samples.
 */
const SCHEMA = 1;
/** How many files are looked at at once: enough to keep a network drive busy, few enough for any system's limit. */
const STATS_AT_ONCE = 64;

export type DatasetIndex = FoundDataset & {
  readonly schema: typeof SCHEMA;
  readonly name: string;
  /** Relative to the workspace when inside it, so that a workspace can be moved. */
  readonly root: string;
  readonly fingerprint: string;
  readonly generated: boolean;
  readonly addedAt: number;
};

const NAME = /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/;

/** @throws AppError for a name that cannot be a file and a word in a run file. */
export function checkName(name: string): void {
  if (NAME.test(name)) return;
  throw new AppError("bad-argument", `"${name}" cannot be the name of a data set`, {
    hint: "Use letters, digits, dots, hyphens and underscores, at most 64, beginning with a letter or digit.",
  });
}

const fileOf = (workspace: string, name: string): string => join(workspace, "datasets", `${name}.json`);

async function sizesOf(root: string, samples: readonly FoundSample[]): Promise<ReadonlyMap<string, number>> {
  const sizes = new Map<string, number>();
  const paths = [...new Set(samples.map(({ path }) => path))];
  let next = 0;
  const worker = async (): Promise<void> => {
    for (let path = paths[next++]; path !== undefined; path = paths[next++]) {
      const file = join(root, path);
      const info = await stat(file).catch((error: unknown) => {
        throw fileError(error, file, "look at");
      });
      sizes.set(path, info.size);
    }
  };
  await Promise.all(Array.from({ length: STATS_AT_ONCE }, worker));
  return sizes;
}

/** What the fingerprint is made of. Spans and answers come last, so that data sets without them keep theirs. */
function lineOf({ path, index, label, part, range, answers }: FoundSample, bytes: number | undefined): string {
  const line = [path, bytes, index, label, part].join(" ");
  if (range === undefined && answers === undefined) return line;
  return `${line} ${range?.start} ${range?.end} ${JSON.stringify(answers ?? {})}`;
}

/** The name of a sample in splits and reports: its file, and which record or span of it where there are several. */
function idOf({ path, index, range }: FoundSample): string {
  if (index !== undefined) return `${path}#${index}`;
  return range === undefined ? path : `${path}#${range.start}-${range.end}`;
}

/** Writes the index of a found data set. @throws AppError `exists`. */
export async function writeIndex(
  workspace: string,
  name: string,
  root: string,
  found: FoundDataset,
  generated: boolean,
): Promise<DatasetIndex> {
  const file = fileOf(workspace, name);
  if (existsSync(file)) {
    throw new AppError("exists", `There is a data set ${name} in this workspace already`, {
      hint: "Choose another name, or remove the other one first; its files stay.",
    });
  }
  const sizes = await sizesOf(root, found.samples);
  const inside = relative(workspace, root);
  const portable = !inside.startsWith("..") && !isAbsolute(inside);
  const index: DatasetIndex = {
    schema: SCHEMA,
    name,
    ...found,
    root: portable ? inside.split(sep).join("/") : root,
    fingerprint: fingerprintOf(found.samples.map((sample) => lineOf(sample, sizes.get(sample.path)))),
    generated,
    addedAt: Date.now(),
  };
  await writeAtomic(file, JSON.stringify(index));
  return index;
}

/** Names of all data sets that have been added. */
export async function indexNames(workspace: string): Promise<readonly string[]> {
  const folder = join(workspace, "datasets");
  if (!existsSync(folder)) return [];
  const files = await readdir(folder);
  return files
    .filter((file) => file.endsWith(".json"))
    .map((file) => file.slice(0, -".json".length))
    .toSorted();
}

/** @throws AppError `not-found`, `damaged`, `version`. */
export async function readIndex(workspace: string, name: string): Promise<ResolvedDataset> {
  const file = fileOf(workspace, name);
  if (!NAME.test(name) || !existsSync(file)) {
    const names = ["clips", ...(await indexNames(workspace))];
    throw new AppError("not-found", `There is no data set "${name}" in this workspace`, {
      hint: `There are: ${names.join(", ")}. Add one with "saccade dataset add PATH --name ${name}".`,
    });
  }
  let index: DatasetIndex;
  try {
    index = JSON.parse(await readFile(file, "utf8")) as DatasetIndex;
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw fileError(error, file, "read");
    throw new AppError("damaged", `The index of the data set ${name} cannot be read`, {
      hint: "Remove the data set and add it again.",
    });
  }
  if (index.schema > SCHEMA) {
    throw new AppError("version", `The data set ${name} was added by a newer version of Saccade`, { hint: "Update Saccade." });
  }
  return resolveIndex(index, workspace);
}

function resolveIndex(index: DatasetIndex, workspace: string): ResolvedDataset {
  const root = resolve(workspace, index.root);
  const positions = new Map(index.classes.map((label, position) => [label, position]));
  const samples = index.samples.map((sample): JobSample => ({
    ...sample,
    id: idOf(sample),
    path: join(root, sample.path),
    classIndex: positions.get(sample.label) ?? -1,
  }));
  const { name, layout, kind, classes, sensor, warnings, fingerprint, generated, pairing } = index;
  return {
    info: {
      ...{ name, layout, kind, root, classes, warnings, fingerprint, generated },
      ...countsOf(classes, samples),
      ...(sensor !== undefined && { sensor }),
      ...(pairing !== undefined && { pairing }),
    },
    samples,
  };
}

/** Takes the index away; the files of the data set stay. */
export const removeIndex = (workspace: string, name: string): Promise<void> => rm(fileOf(workspace, name));
