import { caltechFiles, TWICE } from "./caltech-files.ts";
import type { DatasetLayout } from "./layout.ts";
import { shareLike } from "./look.ts";
import { foundPictures } from "./pictures.ts";
import { countOf, notLikeThis } from "./walk.ts";

const FILE = /^[^/]+\/image_\d{4}\.jpe?g$/i;
const PICTURES = "101_ObjectCategories";
/** The first classes of the set: a folder of pictures called image_0001.jpg alone may be anybody's. */
const FIRST = new Set([
  "101_ObjectCategories",
  "BACKGROUND_Google",
  "Faces",
  "Faces_easy",
  "Leopards",
  "Motorbikes",
  "accordion",
]);

/**
 * Caltech101: a folder for each class with image_0001.jpg and so on (L. Fei-Fei, R. Fergus, P. Perona, "Learning generative
 * visual models from few training examples", 2004, doi:10.1109/CVPR.2004.383). Faces is left out, as in N-Caltech101.
 */
export const caltech101 = {
  id: "caltech101",
  label: "Caltech101",
  summary: "Pictures of 101 classes: 101_ObjectCategories/accordion/image_0001.jpg (Fei-Fei et al., 2004).",
  params: {},
  probe: (look) =>
    shareLike(look, (path, { label }) => FILE.test(label === PICTURES ? path.slice(PICTURES.length + 1) : path)) > 0.5 &&
    look.samples.some(({ label }) => FIRST.has(label))
      ? 0.9
      : 0,
  read: async (root, signal?: AbortSignal) => {
    const { samples, faces, skipped } = await caltechFiles(root, PICTURES, FILE, signal);
    if (samples.length === 0) {
      throw notLikeThis(root, "Caltech101 (101_ObjectCategories/accordion/image_0001.jpg …)", countOf(skipped, "other file"));
    }
    const warnings = [
      ...(faces > 0 ? [`${TWICE} is left out (${countOf(faces, "picture")}): Faces_easy shows the same pictures.`] : []),
      ...(skipped > 0 ? [`Left out: ${countOf(skipped, "file")} other than pictures.`] : []),
    ];
    return foundPictures({ layout: "caltech101", samples, warnings, pairing: { pictures: "Caltech101", numbers: "class" } });
  },
} as const satisfies DatasetLayout;
