import type { FoundDataset, FoundSample, Pairing } from "#shared/api/stream-api.ts";
import { balanceOf } from "./recordings.ts";
import { byCodeUnits } from "./walk.ts";

/** Whether a file's name says that it is a picture we can read. */
export const isPicture = (path: string): boolean => /\.(png|jpe?g)$/i.test(path);

/** What a layout of pictures knows when it has walked its folder. */
export type WalkedPictures = {
  readonly layout: string;
  readonly samples: readonly FoundSample[];
  /** In this order; otherwise the labels that occur, sorted. */
  readonly classes?: readonly string[];
  readonly warnings?: readonly string[];
  readonly pairing?: Pairing;
};

/** Completes what was found: classes, and a word about unequal ones. */
export function foundPictures({ layout, samples, classes, warnings = [], pairing }: WalkedPictures): FoundDataset {
  const present = new Set(samples.map(({ label }) => label));
  const named = classes?.filter((label) => present.has(label)) ?? [...present].toSorted(byCodeUnits);
  return {
    layout,
    kind: "images",
    classes: named,
    samples,
    warnings: [...warnings, ...balanceOf(named, samples)],
    ...(pairing !== undefined && { pairing }),
  };
}
