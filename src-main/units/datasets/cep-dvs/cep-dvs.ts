import type { DatasetLayout } from "../layout.ts";
import { dealOut } from "../parts.ts";
import { foundEvents } from "../recordings.ts";
import { countOf, notLikeThis } from "../walk.ts";
import { CEP_TABLE, cepClasses, cepFiles } from "./table.ts";

const FOLDERS = ["data/MAT/img", "MAT/img"];

/**
 * CEP-DVS, the recordings: numbered MATLAB files, whose classes stand in a table; recording n was filmed with picture n (Y. Deng,
 * H. Chen, Y. Li, "Learning from images: a distillation learning framework for event cameras", 2021,
 * doi:10.1109/TIP.2021.3077136). No split: as X. He et al. (AAAI 2024), the first half of each class trains and the next fifth
 * is the test; what they leave unused is the validation part.
 */
export const cepDvs = {
  id: "cep-dvs",
  label: "CEP-DVS, recordings",
  summary: "Recordings with a picture each, 20 classes: data/MAT/img/0.mat with pathFile.csv (Deng et al., 2021).",
  params: {},
  probe: ({ files, folders }) =>
    files.includes(CEP_TABLE) ? (folders.includes("data") || folders.includes("MAT") ? 0.95 : 0.4) : 0,
  read: async (root, signal?: AbortSignal) => {
    const { files, unlabelled } = await cepFiles(root, FOLDERS, (name) => name.endsWith(".mat"));
    if (files.length === 0) throw notLikeThis(root, "CEP-DVS (pathFile.csv and data/MAT/img/0.mat …)", "no labelled recordings");
    const samples = dealOut(files, [
      { part: "train", tenths: 5 },
      { part: "test", tenths: 2 },
      { part: "validation", tenths: 3 },
    ]);
    const warnings = [
      ...(unlabelled > 0 ? [`Left out: ${countOf(unlabelled, "recording")} without a class in ${CEP_TABLE}.`] : []),
      "Its pictures are a data set of their own: add the folder again with the layout cep-dvs-images.",
      "The data set has no split; by layout, of each class the first half trains, the next fifth is the test, the rest validation.",
    ];
    const pairing = { pictures: "CEP-DVS", numbers: "class" } as const;
    return foundEvents({ layout: "cep-dvs", root, samples, classes: cepClasses, warnings, pairing }, signal);
  },
} as const satisfies DatasetLayout;
