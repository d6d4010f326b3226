import { existsSync } from "node:fs";
import { readdir, readFile, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import type { ModelInfo } from "#shared/api/engine-api.ts";
import { AppError } from "#shared/api/errors.ts";
import type { Evaluation, ModelManifest } from "#shared/api/run.ts";
import { fileError, writeAtomic } from "#main/lib/files.ts";
import { log } from "#main/lib/log.ts";

const MANIFEST_FILE = "model.json";
const REPORT_FILE = "report.json";
const SCHEMA = 1;

/** The trained models of one workspace: a folder each, written by the compute worker. */
export interface Models {
  list(): readonly ModelInfo[];
  /** Looks at the folder again. */
  refresh(): Promise<readonly ModelInfo[]>;
  /** @throws AppError `not-found`. */
  get(id: string): Promise<ModelInfo>;
  remove(id: string): Promise<void>;
  report(id: string): Promise<Evaluation | undefined>;
  saveReport(id: string, evaluation: Evaluation): Promise<void>;
}

async function sizeOf(folder: string): Promise<number> {
  const names = await readdir(folder);
  const sizes = await Promise.all(names.map((name) => stat(join(folder, name))));
  return sizes.reduce((sum, { size }) => sum + size, 0);
}

async function readModel(folder: string): Promise<ModelInfo> {
  const path = join(folder, MANIFEST_FILE);
  let manifest: ModelManifest;
  try {
    manifest = JSON.parse(await readFile(path, "utf8")) as ModelManifest;
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw fileError(error, path, "read");
    throw new AppError("damaged", `The model ${folder} cannot be read: ${error.message}`, {
      hint: "Remove it and train it again.",
    });
  }
  if (Number(manifest.schema) > SCHEMA) {
    throw new AppError("version", `The model ${folder} was made by a newer version of Saccade`, { hint: "Update Saccade." });
  }
  return { ...manifest, path: folder, bytes: await sizeOf(folder) };
}

/** @param onList told the list whenever it has been read. */
export async function openModels(
  workspace: string,
  readOnly: boolean,
  onList: (models: readonly ModelInfo[]) => void,
): Promise<Models> {
  const folder = join(workspace, "models");
  let list: readonly ModelInfo[] = [];
  const folderOf = (id: string): string => {
    const path = join(folder, id);
    if (!/^[A-Za-z0-9][A-Za-z0-9._-]*$/.test(id) || !existsSync(join(path, MANIFEST_FILE))) {
      throw new AppError("not-found", `There is no model "${id}" in this workspace`, {
        hint: list.length === 0 ? "Train one first." : `There are: ${list.map((model) => model.id).join(", ")}.`,
      });
    }
    return path;
  };
  const refresh = async (): Promise<readonly ModelInfo[]> => {
    const names = existsSync(folder) ? await readdir(folder) : [];
    const there = names.filter((name) => existsSync(join(folder, name, MANIFEST_FILE)) && !/\.(part|old)$/.test(name));
    const models = await Promise.all(
      there.map(
        (name) => readModel(join(folder, name)).catch((error: unknown) => log("warning", "models", String(error))), // one broken model must not hide the others
      ),
    );
    const good = models.filter((model) => model !== undefined);
    list = good.toSorted((a, b) => b.createdAt - a.createdAt);
    onList(list);
    return list;
  };
  await refresh();
  return {
    list: () => list,
    refresh,
    get: (id) => Promise.resolve().then(() => readModel(folderOf(id))),
    remove: async (id) => {
      if (readOnly)
        throw new AppError("read-only", `The workspace ${workspace} cannot be written to`, { hint: "Copy it elsewhere." });
      await rm(folderOf(id), { recursive: true });
      await refresh();
    },
    report: async (id) => {
      const path = join(folderOf(id), REPORT_FILE);
      if (!existsSync(path)) return undefined;
      return JSON.parse(await readFile(path, "utf8")) as Evaluation;
    },
    saveReport: (id, evaluation) => writeAtomic(join(folderOf(id), REPORT_FILE), `${JSON.stringify(evaluation, undefined, 2)}\n`),
  };
}
