import { createHash } from "node:crypto";
import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";

/** What a part is made from: files and folders relative to the root of the project. */
export interface Inputs {
  readonly paths: readonly string[];
  /** Paths that do not count, such as tests. */
  readonly except?: RegExp;
}

function* filesBelow(root: string, path: string): Generator<string> {
  const full = join(root, path);
  if (!existsSync(full)) return;
  if (statSync(full).isFile()) {
    yield path;
    return;
  }
  for (const name of readdirSync(full).sort()) yield* filesBelow(root, `${path}/${name}`);
}

/** One hash over names and contents of everything a part is made from: equal hashes, equal output. */
export function fingerprintOf(root: string, { paths, except }: Inputs): string {
  const hash = createHash("sha256");
  for (const path of [...paths].sort()) {
    for (const file of filesBelow(root, path)) {
      if (except?.test(file)) continue;
      hash
        .update(file)
        .update("\0")
        .update(readFileSync(join(root, file)))
        .update("\0");
    }
  }
  return hash.digest("hex");
}
