import { stat } from "node:fs/promises";
import { join } from "node:path";
import { AppError } from "#shared/api/errors.ts";
import { fileError } from "#main/lib/files.ts";
import { classPath, entriesOf, filesIn, foldersIn, partFolders, type ClassFile } from "./walk.ts";

/** What a first look at a folder shows: enough to recognise a layout without walking 60 000 files. */
export interface FolderLook {
  readonly root: string;
  /** Names in the folder itself, sorted. */
  readonly folders: readonly string[];
  readonly files: readonly string[];
  /** Files in folders of parts, outside any class. */
  readonly loose: readonly string[];
  /** The first files of the first classes of each part. */
  readonly samples: readonly ClassFile[];
}

/** So many classes of each part and files of each class are looked at; files may lie that deep below their class. */
const CLASSES = 6;
const FILES = 4;
const DEPTH = 3;

async function firstFiles(root: string, folder: string, depth: number): Promise<readonly string[]> {
  const entries = await entriesOf(join(root, folder)).catch((error: unknown) => {
    // A folder that cannot be listed does not lie like anything; reading it says why.
    if (error instanceof AppError) return [];
    throw error;
  });
  const files = entries.filter((entry) => entry.isFile()).slice(0, FILES);
  const paths = files.map(({ name }) => `${folder}/${name}`);
  for (const { name } of entries.filter((entry) => entry.isDirectory()).slice(0, depth > 0 ? FILES : 0)) {
    if (paths.length >= FILES) break;
    paths.push(...(await firstFiles(root, `${folder}/${name}`, depth - 1)));
  }
  return paths.slice(0, FILES);
}

/** Takes the first look. @throws AppError for a folder that is none or cannot be listed. */
export async function lookAt(root: string): Promise<FolderLook> {
  const info = await stat(root).catch((error: unknown) => {
    throw fileError(error, root, "look at");
  });
  if (!info.isDirectory()) {
    throw new AppError("bad-argument", `${root} is a file, and a data set is a folder`, { hint: "Name the folder it lies in." });
  }
  const entries = await entriesOf(root);
  const samples: ClassFile[] = [];
  const loose: string[] = [];
  for (const { folder, part } of await partFolders(root)) {
    if (folder !== "") loose.push(...(await filesIn(join(root, folder))).map((name) => `${folder}/${name}`));
    for (const label of (await foldersIn(join(root, folder))).slice(0, CLASSES)) {
      const classFolder = folder === "" ? label : `${folder}/${label}`;
      for (const path of await firstFiles(root, classFolder, DEPTH)) {
        samples.push({ path, label, ...(part !== undefined && { part }) });
      }
    }
  }
  return {
    root,
    folders: entries.filter((entry) => entry.isDirectory()).map(({ name }) => name),
    files: entries.filter((entry) => entry.isFile()).map(({ name }) => name),
    loose,
    samples,
  };
}

/** Share of the first files that fit; told by their path from the folder of their class on. */
export function shareLike({ samples }: FolderLook, fits: (path: string, file: ClassFile) => boolean): number {
  return samples.length === 0 ? 0 : samples.filter((file) => fits(classPath(file), file)).length / samples.length;
}
