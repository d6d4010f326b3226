import { classFilesIn, classPath, foldersIn, numberIn } from "./walk.ts";

/** The same pictures as in Faces_easy, less cropped: left out of both sets, as the authors of N-Caltech101 did. */
export const TWICE = "Faces";

/** The numbered files of Caltech101 or of its recordings, in the folder or in the one its archive unpacks to. */
export async function caltechFiles(
  root: string,
  wrapper: string,
  isFile: RegExp,
  signal: AbortSignal | undefined,
): Promise<{
  readonly samples: { readonly path: string; readonly label: string; readonly number: number }[];
  /** Files of the class that is there twice, and files that do not belong to the set. */
  readonly faces: number;
  readonly skipped: number;
}> {
  const base = (await foldersIn(root)).includes(wrapper) ? wrapper : "";
  const samples: { path: string; label: string; number: number }[] = [];
  let faces = 0;
  let skipped = 0;
  for await (const { path, label } of classFilesIn(root, base, signal)) {
    const number = numberIn(path);
    if (!isFile.test(classPath({ path, label })) || number === undefined) skipped += 1;
    else if (label === TWICE) faces += 1;
    else samples.push({ path, label, number });
  }
  return { samples, faces, skipped };
}
