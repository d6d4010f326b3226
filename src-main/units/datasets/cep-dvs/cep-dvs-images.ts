import type { DatasetLayout } from "../layout.ts";
import { foundPictures, isPicture } from "../pictures.ts";
import { countOf, notLikeThis } from "../walk.ts";
import { CEP_TABLE, cepClasses, cepFiles } from "./table.ts";

const FOLDERS = ["data/img", "img"];

/** CEP-DVS, the pictures: numbered as the recordings that were made with them (Deng et al., 2021). */
export const cepDvsImages = {
  id: "cep-dvs-images",
  label: "CEP-DVS, pictures",
  summary: "The pictures that belong to the recordings of CEP-DVS: data/img/0.jpg with pathFile.csv (Deng et al., 2021).",
  params: {},
  // The recordings come first: both lie in one folder, and who wants the pictures says so.
  probe: ({ files, folders }) => (files.includes(CEP_TABLE) ? (folders.includes("img") ? 0.8 : 0.7) : 0),
  read: async (root) => {
    const { files, unlabelled } = await cepFiles(root, FOLDERS, isPicture);
    if (files.length === 0)
      throw notLikeThis(root, "pictures of CEP-DVS (pathFile.csv and data/img/0.jpg …)", "no labelled pictures");
    const warnings = unlabelled > 0 ? [`Left out: ${countOf(unlabelled, "picture")} without a class in ${CEP_TABLE}.`] : [];
    const pairing = { pictures: "CEP-DVS", numbers: "class" } as const;
    return foundPictures({ layout: "cep-dvs-images", samples: files, classes: cepClasses, warnings, pairing });
  },
} as const satisfies DatasetLayout;
