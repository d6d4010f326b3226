import { existsSync } from "node:fs";
import { resolve } from "node:path";
import { rootDir } from "../paths.ts";

/** The folder with reference recordings, which are not part of the program; `undefined` where they are not at hand. */
export function sharedData(): string | undefined {
  const path = process.env["SACCADE_SHARED"] ?? resolve(rootDir, "../shared");
  return existsSync(resolve(path, "data", "samples", "manifest.json")) ? resolve(path, "data") : undefined;
}
