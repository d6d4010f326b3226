import { caltechFiles, TWICE } from "./caltech-files.ts";
import type { DatasetLayout } from "./layout.ts";
import { shareLike } from "./look.ts";
import { dealOut, NINE_TO_ONE } from "./parts.ts";
import { foundEvents } from "./recordings.ts";
import { countOf, notLikeThis } from "./walk.ts";

const FILE = /^[^/]+\/image_\d+\.bin$/;
/** The archive unpacks to clips and outlines side by side. */
const CLIPS = "Caltech101";

/**
 * N-Caltech101: a folder for each class, image_0001.bin filmed from image_0001.jpg of the same class (G. Orchard, A. Jayawant,
 * G. Cohen, N. Thakor, 2015, doi:10.3389/fnins.2015.00437). It has no split; the first nine tenths of each class, rounded half
 * to even, train (X. He et al., "An efficient knowledge transfer strategy for spiking neural networks", AAAI 2024).
 */
export const nCaltech101 = {
  id: "n-caltech101",
  label: "N-Caltech101",
  summary: "Pictures of 101 classes filmed by a moving sensor: Caltech101/accordion/image_0001.bin (Orchard et al., 2015).",
  params: {},
  probe: (look) =>
    shareLike(look, (path, { label }) => FILE.test(label === CLIPS ? path.slice(CLIPS.length + 1) : path)) > 0.5 ? 0.95 : 0,
  read: async (root, signal?: AbortSignal) => {
    const { samples, faces, skipped } = await caltechFiles(root, CLIPS, FILE, signal);
    if (samples.length === 0) {
      throw notLikeThis(root, "N-Caltech101 (Caltech101/accordion/image_0001.bin …)", countOf(skipped, "other file"));
    }
    const warnings = [
      ...(faces > 0 ? [`${TWICE} is left out (${countOf(faces, "clip")}): it shows the pictures of Faces_easy again.`] : []),
      ...(skipped > 0 ? [`Left out: ${countOf(skipped, "file")} other than clips.`] : []),
      "Every clip has a size of its own, as the picture had.",
      "The data set has no split; by layout, the first 9 of 10 clips of each class train and the rest is the test.",
    ];
    const pairing = { pictures: "Caltech101", numbers: "class" } as const;
    const dealt = dealOut(samples, NINE_TO_ONE);
    return foundEvents({ layout: "n-caltech101", root, samples: dealt, sensor: "each", warnings, pairing }, signal);
  },
} as const satisfies DatasetLayout;
