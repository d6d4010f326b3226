import { existsSync } from "node:fs";
import { resolve } from "node:path";
import { rootDir } from "../paths.ts";

/** The folder with recorded camera dialogues, which are not part of the program; `undefined` where they are not at hand. */
export function sharedTranscripts(): string | undefined {
  const path = resolve(process.env["SACCADE_SHARED"] ?? resolve(rootDir, "../shared"), "cameras", "transcripts");
  return existsSync(path) ? path : undefined;
}
