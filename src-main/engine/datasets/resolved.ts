import { createHash } from "node:crypto";
import type { DatasetInfo } from "#shared/api/engine-api.ts";
import type { JobSample } from "#shared/api/run.ts";

/** A data set with every sample made absolute: what runs and evaluations work with. */
export type ResolvedDataset = {
  readonly info: DatasetInfo;
  readonly samples: readonly JobSample[];
};

/** Name under which the labelled clips of the workspace are always there. */
export const CLIPS = "clips";

/** The part of the world that a list of samples is: the same list gives the same words, whatever its order. */
export function fingerprintOf(lines: readonly string[]): string {
  const hash = createHash("sha256");
  for (const line of lines.toSorted()) hash.update(`${line}\n`);
  return `sha256:${hash.digest("hex").slice(0, 32)}`;
}

/** Counts of a data set for lists and forms. */
export function countsOf(
  classes: readonly string[],
  samples: readonly JobSample[],
): Pick<DatasetInfo, "samples" | "perClass" | "parts"> {
  const perClass = classes.map(() => 0);
  const parts: Record<string, number> = {};
  for (const { classIndex, part } of samples) {
    perClass[classIndex] = (perClass[classIndex] ?? 0) + 1;
    if (part !== undefined) parts[part] = (parts[part] ?? 0) + 1;
  }
  return { samples: samples.length, perClass, parts };
}
