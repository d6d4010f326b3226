import type { Compared } from "#shared/api/run.ts";
import type { Estimate } from "#renderer/plot/method-figures.ts";

/** Which clips two streams were compared by. */
export const partWords: Readonly<Record<Compared["part"], string>> = {
  test: "test clips",
  validation: "validation clips",
  training: "training clips",
};

/** What an estimate of CKA says and does not say. */
export const alignmentWords: Readonly<Record<Estimate, string>> = {
  debiased: "1 is alike, 0 unrelated; slightly below 0 is chance.",
  biased: "As published: with few pairs it is high for unrelated features too.",
};
