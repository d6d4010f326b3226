import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, beforeEach } from "vitest";
import { datasets } from "../index.ts";
import { lookAt } from "../look.ts";

/** A folder of its own for each test. */
export let root: string;

/** Makes the folder before each test of the file and takes it away behind it. */
export function useTree(): void {
  beforeEach(async () => {
    root = await mkdtemp(join(tmpdir(), "saccade-layout-"));
  });
  afterEach(() => rm(root, { recursive: true, force: true }));
}

/** Writes a file and the folders it lies in. */
export async function put(path: string, bytes: Uint8Array | string = ""): Promise<void> {
  await mkdir(dirname(join(root, path)), { recursive: true });
  await writeFile(join(root, path), bytes);
}

/** Many files at once, empty. */
export async function putAll(paths: readonly string[]): Promise<void> {
  for (const path of paths) await put(path);
}

/** Which layout takes the folder when nobody names one. */
export async function winner(): Promise<string | undefined> {
  const look = await lookAt(root);
  const [best] = datasets.map((layout) => ({ id: layout.id, sure: layout.probe(look) })).toSorted((a, b) => b.sure - a.sure);
  return best !== undefined && best.sure > 0 ? best.id : undefined;
}
