import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { AppError } from "#shared/api/errors.ts";
import { fileError } from "#main/lib/files.ts";

/** A file of a class, as folders tell it. */
export type ClassFile = {
  /** Relative to the root, with forward slashes. */
  readonly path: string;
  readonly label: string;
  /** "train", "validation" or "test" where the root is divided so. */
  readonly part?: string;
  /** The folder between class and file, where there is one: who is seen. */
  readonly subject?: string;
};

/** Names under which data sets keep their parts, and what we call them. */
const PARTS: Readonly<Record<string, string>> = {
  train: "train",
  training: "train",
  test: "test",
  testing: "test",
  validation: "validation",
  valid: "validation",
  val: "validation",
};

/** What tells us apart from the machine a list was made on: the order of the directory must not count. */
const byName = (a: { readonly name: string }, b: { readonly name: string }): number =>
  a.name < b.name ? -1 : a.name > b.name ? 1 : 0;

async function entriesOf(folder: string) {
  const entries = await readdir(folder, { withFileTypes: true }).catch((error: unknown) => {
    throw fileError(error, folder, "list");
  });
  return entries.filter(({ name }) => !name.startsWith(".") && !name.startsWith("__MACOSX")).toSorted(byName);
}

/** The last number in a file's name: which original it was made from. */
export function numberIn(name: string): number | undefined {
  const digits = /(\d+)\D*$/.exec(name.replace(/\.[^.]*$/, ""))?.[1];
  return digits === undefined || digits.length > 15 ? undefined : Number(digits);
}

/** The folders that hold the classes: the root itself, or one for each part of it. */
export async function partFolders(root: string): Promise<readonly { readonly folder: string; readonly part?: string }[]> {
  const folders = (await entriesOf(root)).filter((entry) => entry.isDirectory());
  const parts = folders.flatMap(({ name }) => {
    const part = PARTS[name.toLowerCase()];
    return part === undefined ? [] : [{ folder: name, part }];
  });
  return parts.length > 0 ? parts : [{ folder: "" }];
}

async function* filesBelow(root: string, folder: string, signal: AbortSignal | undefined): AsyncGenerator<string> {
  for (const entry of await entriesOf(join(root, folder))) {
    signal?.throwIfAborted();
    const path = `${folder}/${entry.name}`;
    if (entry.isDirectory()) yield* filesBelow(root, path, signal);
    else if (entry.isFile()) yield path;
  }
}

/** Every file of every class, sorted: root/[part/]class/[subject/]file. */
export async function* classFiles(root: string, signal?: AbortSignal): AsyncGenerator<ClassFile> {
  for (const { folder, part } of await partFolders(root)) {
    for (const entry of await entriesOf(join(root, folder))) {
      if (!entry.isDirectory()) continue;
      const classFolder = folder === "" ? entry.name : `${folder}/${entry.name}`;
      for await (const path of filesBelow(root, classFolder, signal)) {
        const between = path.slice(classFolder.length + 1).split("/");
        const subject = between.length > 1 ? between[0] : undefined;
        yield { path, label: entry.name, ...(part !== undefined && { part }), ...(subject !== undefined && { subject }) };
      }
    }
  }
}

/** The first files of the first classes: enough to recognise a layout without walking a large folder. */
export async function firstFiles(root: string, count: number): Promise<readonly ClassFile[]> {
  const files: ClassFile[] = [];
  try {
    for await (const file of classFiles(root)) {
      files.push(file);
      if (files.length >= count) break;
    }
  } catch (error) {
    // A folder that cannot be listed does not lie like anything; reading it says why.
    if (!(error instanceof AppError)) throw error;
  }
  return files;
}

/** "1 file", "2 files". */
export const countOf = (count: number, one: string, many = `${one}s`): string => `${count} ${count === 1 ? one : many}`;

/** The error of a folder that does not lie as expected. */
export const notLikeThis = (root: string, expected: string, found: string): AppError =>
  new AppError("unknown-format", `${root} does not hold ${expected}: found ${found}`, {
    hint: "Choose the folder itself and not one above or below it, or name the layout.",
  });
