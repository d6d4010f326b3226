import { resolve } from "node:path";
import { stat } from "node:fs/promises";
import type { DatasetInfo, SamplePage } from "#shared/api/engine-api.ts";
import { AppError } from "#shared/api/errors.ts";
import type { JobSample } from "#shared/api/run.ts";
import type { FoundDataset } from "#shared/api/stream-api.ts";
import { fileError } from "#main/lib/files.ts";
import type { Library } from "#main/engine/library/library.ts";
import { clipsDataset } from "./clips.ts";
import { checkName, indexNames, readIndex, removeIndex, writeIndex } from "./index-file.ts";
import { CLIPS, type ResolvedDataset } from "./resolved.ts";

/** The data sets of one workspace: its own clips, and folders that have been added. */
export interface Datasets {
  list(): Promise<readonly DatasetInfo[]>;
  resolve(name: string): Promise<ResolvedDataset>;
  add(
    path: string,
    options: { readonly name: string; readonly layout?: string; readonly generated?: boolean },
  ): Promise<DatasetInfo>;
  remove(name: string): Promise<void>;
  samples(query: {
    readonly name: string;
    readonly label?: string;
    readonly offset?: number;
    readonly limit?: number;
  }): Promise<SamplePage>;
  sample(name: string, id: string): Promise<{ readonly sample: JobSample; readonly info: DatasetInfo }>;
}

export interface DatasetsContext {
  readonly workspace: string;
  readonly library: Library;
  readonly readOnly: boolean;
  /** Walks a folder, in a worker. */
  readonly find: (path: string, layout: string | undefined) => Promise<FoundDataset>;
}

export function createDatasets({ workspace, library, readOnly, find }: DatasetsContext): Datasets {
  const cache = new Map<string, Promise<ResolvedDataset>>();
  const get = (name: string): Promise<ResolvedDataset> => {
    if (name === CLIPS) return Promise.resolve(clipsDataset(library, workspace));
    const known = cache.get(name);
    if (known !== undefined) return known;
    const reading = readIndex(workspace, name);
    cache.set(name, reading);
    reading.catch(() => cache.delete(name));
    return reading;
  };
  const checkWritable = (): void => {
    if (readOnly)
      throw new AppError("read-only", `The workspace ${workspace} cannot be written to`, { hint: "Copy it elsewhere." });
  };

  return {
    resolve: get,
    list: async () => {
      const names = await indexNames(workspace);
      const all = await Promise.all([CLIPS, ...names].map(get));
      return all.map(({ info }) => info);
    },
    add: async (path, { name, layout, generated = false }) => {
      checkWritable();
      checkName(name);
      if (name === CLIPS)
        throw new AppError("exists", `"${CLIPS}" is the workspace's own data set`, { hint: "Choose another name." });
      const root = resolve(path);
      await stat(root).catch((error: unknown) => {
        throw fileError(error, root, "add the data set");
      });
      const found = await find(root, layout);
      if (found.samples.length === 0) {
        throw new AppError("empty", `There are no samples in ${root}`, {
          hint: "Choose the folder that holds one folder per class.",
        });
      }
      await writeIndex(workspace, name, root, found, generated);
      cache.delete(name);
      return (await get(name)).info;
    },
    remove: async (name) => {
      checkWritable();
      if (name === CLIPS) {
        throw new AppError("bad-argument", `"${CLIPS}" is the workspace's own data set`, {
          hint: "Remove clips in the library.",
        });
      }
      await get(name);
      await removeIndex(workspace, name);
      cache.delete(name);
    },
    samples: async ({ name, label, offset = 0, limit }) => {
      const { samples } = await get(name);
      const some = label === undefined ? samples : samples.filter((sample) => sample.label === label);
      return { total: some.length, samples: some.slice(offset, limit === undefined ? undefined : offset + limit) };
    },
    sample: async (name, id) => {
      const { samples, info } = await get(name);
      const sample = samples.find((candidate) => candidate.id === id);
      if (sample === undefined) throw new AppError("not-found", `The data set ${name} has no sample ${id}`);
      return { sample, info };
    },
  };
}
