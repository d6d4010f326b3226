import type { DatasetLayout } from "./layout.ts";
import { shareLike } from "./look.ts";
import { foundEvents, type EventSample } from "./recordings.ts";
import { classFiles, classPath, countOf, notLikeThis, numberIn, partFolders } from "./walk.ts";

/** The window of the ATIS sensor that the recordings were cut to. */
const SENSOR = { width: 34, height: 34 };
const FILE = /^[0-9]\/\d+\.(bin|bs2)$/;

/**
 * N-MNIST: Train and Test, a folder for each digit, a numbered file for each recording. Recording n was filmed from the
 * picture n - 1 of its part of MNIST (G. Orchard, A. Jayawant, G. Cohen, N. Thakor, "Converting static image datasets to
 * spiking neuromorphic datasets using saccades", 2015, doi:10.3389/fnins.2015.00437).
 */
export const nMnist = {
  id: "n-mnist",
  label: "N-MNIST",
  summary: "Handwritten digits filmed by a moving sensor: Train/0/00002.bin and so on (Orchard et al., 2015).",
  params: {},
  probe: (look) => (shareLike(look, (path) => FILE.test(path)) > 0.5 ? 0.95 : 0),
  read: async (root, signal?: AbortSignal) => {
    const samples: EventSample[] = [];
    let skipped = 0;
    for await (const { path, label, part } of classFiles(root, signal)) {
      const number = numberIn(path);
      if (FILE.test(classPath({ path, label })) && number !== undefined && number > 0) {
        samples.push({ path, label, number: number - 1, ...(part !== undefined && { part }) });
      } else {
        skipped += 1;
      }
    }
    if (samples.length === 0) throw notLikeThis(root, "N-MNIST (Train/0/00002.bin …)", countOf(skipped, "other file"));
    const parts = await partFolders(root);
    const warnings = [
      ...(skipped > 0 ? [`Left out: ${countOf(skipped, "file")} without a recording.`] : []),
      ...(parts.length === 1 ? ["The parts Train and Test are not both there."] : []),
    ];
    const pairing = { pictures: "MNIST", numbers: "part" } as const;
    return foundEvents({ layout: "n-mnist", root, samples, sensor: SENSOR, warnings, pairing }, signal);
  },
} as const satisfies DatasetLayout;
