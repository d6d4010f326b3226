import { simpleLayout } from "./simple.ts";

/**
 * ASL-DVS: 24 letters shown with the hand, a folder for each (Y. Bi, A. Chadha, A. Abbas, E. Bourtsoulatze, Y. Andreopoulos,
 * "Graph-based object classification for neuromorphic vision sensing", ICCV 2019). Coordinates count from the lower right:
 * x = 239 - x, y = 179 - y.
 */
export const aslDvs = simpleLayout({
  id: "asl-dvs",
  label: "ASL-DVS",
  summary: "Letters of American sign language: a/a_0001.mat and so on (Bi et al., 2019).",
  example: "a/a_0001.mat",
  file: /^([a-z])\/\1_\d+\.mat$/,
  answers: { width: 240, height: 180, flipX: "yes", flipY: "yes", oneBased: "no" },
  sensor: { width: 240, height: 180 },
  remarks: [
    "Pictures are turned by half a turn while reading, so that hands stand upright.",
    "The data set has no split: five people showed all letters, and files do not name them.",
  ],
});
