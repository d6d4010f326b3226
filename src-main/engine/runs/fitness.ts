import { AppError } from "#shared/api/errors.ts";
import type { RunSpec } from "#shared/api/run.ts";
import { MIXED_SENSORS } from "#main/engine/datasets/clips.ts";
import type { ResolvedDataset } from "#main/engine/datasets/resolved.ts";

/** More names than this are counted and not listed. */
const NAMED = 5;

/** A single clip can be learned or tested, not both: it would count as known and never be asked. */
function checkLoneClips({ info }: ResolvedDataset, { split }: RunSpec): void {
  if (split.test === 0 && split.by !== "layout") return;
  const lone = info.classes.filter((_, index) => info.perClass[index] === 1);
  if (lone.length === 0) return;
  const names = lone.length > NAMED ? `${lone.slice(0, NAMED).join(", ")} and ${lone.length - NAMED} more` : lone.join(", ");
  throw new AppError(
    "bad-spec",
    `${lone.length === 1 ? "The class" : "The classes"} ${names} ${lone.length === 1 ? "has" : "have"} one clip only, which cannot be both learned and tested`,
    { hint: 'Label more clips of it, remove the class, or set "split.test" to 0.' },
  );
}

/**
 * Clips of several cameras would be stretched into the frame by different factors. Data sets that others have put together may
 * be like that on purpose; the labelled clips of a workspace are a mistake more often than not.
 */
function checkSensors({ info }: ResolvedDataset, { representation }: RunSpec): void {
  const mixed = info.layout === "workspace" ? info.warnings.find((warning) => warning.startsWith(MIXED_SENSORS)) : undefined;
  if (mixed === undefined || representation.params?.["bounds"] === "bounding-box") return;
  throw new AppError("bad-spec", mixed.replace(/\.$/, ""), {
    hint: 'Remove the labels of one camera\'s clips, or set "representation.params.bounds" to "bounding-box", so that each clip fills the frame.',
  });
}

/** Refuses data that cannot give a model whose figures mean anything. @throws AppError `bad-spec` with the remedy. */
export function checkFitness(dataset: ResolvedDataset, spec: RunSpec): void {
  checkLoneClips(dataset, spec);
  checkSensors(dataset, spec);
}
