import type { Dirent } from "node:fs";
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
  "n-cars_train": "train",
  "n-cars_test": "test",
};

/** What file managers and archivers leave behind; hidden files begin with a dot. */
const JUNK = /^(\.|__MACOSX|Thumbs\.db$|desktop\.ini$|Icon\r$)/i;

/** What tells us apart from the machine a list was made on: the order of the directory must not count. */
export const byCodeUnits = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

/** What lies in a folder, sorted by name; without hidden files, leftovers of systems and symbolic links. */
export async function entriesOf(folder: string): Promise<readonly Dirent[]> {
  const entries = await readdir(folder, { withFileTypes: true }).catch((error: unknown) => {
    throw fileError(error, folder, "list");
  });
  return entries
    .filter((entry) => !JUNK.test(entry.name) && !entry.isSymbolicLink())
    .toSorted((a, b) => byCodeUnits(a.name, b.name));
}

/** Names of the folders in a folder, sorted. */
export const foldersIn = async (folder: string): Promise<readonly string[]> =>
  (await entriesOf(folder)).filter((entry) => entry.isDirectory()).map(({ name }) => name);

/** Names of the files in a folder, sorted. */
export const filesIn = async (folder: string): Promise<readonly string[]> =>
  (await entriesOf(folder)).filter((entry) => entry.isFile()).map(({ name }) => name);

/** The last number in a file's name: which original it was made from. */
export function numberIn(name: string): number | undefined {
  const digits = /(\d+)\D*$/.exec(name.replace(/\.[^.]*$/, ""))?.[1];
  return digits === undefined || digits.length > 15 ? undefined : Number(digits);
}

/** What we call the part that a folder of this name holds. */
export const partOf = (name: string): string | undefined => PARTS[name.toLowerCase()];

/** The folders that hold the classes: the root itself, or one for each part of it. */
export async function partFolders(root: string): Promise<readonly { readonly folder: string; readonly part?: string }[]> {
  const parts: { folder: string; part: string }[] = [];
  for (const name of await foldersIn(root)) {
    const part = partOf(name);
    if (part === undefined) continue;
    // Archives of a part unpack to a folder of its name, which then lies in another one.
    const [only, ...more] = await foldersIn(join(root, name));
    const twice = only !== undefined && more.length === 0 && partOf(only) === part;
    parts.push({ folder: twice ? `${name}/${only}` : name, part });
  }
  return parts.length > 0 ? parts : [{ folder: "" }];
}

/** Every file below a folder, sorted, as paths relative to the root. */
export async function* filesBelow(root: string, folder: string, signal?: AbortSignal): AsyncGenerator<string> {
  for (const entry of await entriesOf(join(root, folder))) {
    signal?.throwIfAborted();
    const path = folder === "" ? entry.name : `${folder}/${entry.name}`;
    if (entry.isDirectory()) yield* filesBelow(root, path, signal);
    else if (entry.isFile()) yield path;
  }
}

/** Every file of every class, sorted: root/[part/]class/[subject/]file. */
export async function* classFiles(root: string, signal?: AbortSignal): AsyncGenerator<ClassFile> {
  for (const { folder, part } of await partFolders(root)) {
    for (const name of await foldersIn(join(root, folder))) {
      const classFolder = folder === "" ? name : `${folder}/${name}`;
      for await (const path of filesBelow(root, classFolder, signal)) {
        const between = path.slice(classFolder.length + 1).split("/");
        const subject = between.length > 1 ? between[0] : undefined;
        yield { path, label: name, ...(part !== undefined && { part }), ...(subject !== undefined && { subject }) };
      }
    }
  }
}

/** The path of a file from the folder of its class on: `rock/anna/1.raw`. */
export function classPath({ path, label }: Pick<ClassFile, "path" | "label">): string {
  return path.startsWith(`${label}/`) ? path : path.slice(path.indexOf(`/${label}/`) + 1);
}

/** "1 file", "2 files". */
export const countOf = (count: number, one: string, many = `${one}s`): string => `${count} ${count === 1 ? one : many}`;

/** "a, b and 3 more": as many names as a sentence bears. */
export const someOf = (names: readonly string[], shown = 5): string =>
  names.length > shown ? `${names.slice(0, shown).join(", ")} and ${names.length - shown} more` : names.join(", ");

/** The error of a folder that does not lie as expected. */
export const notLikeThis = (root: string, expected: string, found: string): AppError =>
  new AppError("unknown-format", `${root} does not hold ${expected}: found ${found}`, {
    hint: "Choose the folder itself and not one above or below it, or name the layout.",
  });

/** The same files, of a folder inside the root. */
export async function* classFilesIn(root: string, base: string, signal?: AbortSignal): AsyncGenerator<ClassFile> {
  for await (const file of classFiles(join(root, base), signal)) {
    yield base === "" ? file : { ...file, path: `${base}/${file.path}` };
  }
}
