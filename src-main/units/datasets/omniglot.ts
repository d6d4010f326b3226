import type { FoundSample } from "#shared/api/stream-api.ts";
import type { DatasetLayout } from "./layout.ts";
import { foundPictures } from "./pictures.ts";
import { countOf, filesBelow, foldersIn, notLikeThis, numberIn } from "./walk.ts";

const HALVES = /^images_(background|evaluation)(_small\d)?$/i;
/** The folder may lie in another one of its name, as some archives unpack. */
const FILE = /^images_[a-z]+(?:_small\d)?\/(?:images_[a-z]+\/)?([^/]+)\/(character\d+)\/\d+_\d+\.png$/i;

/**
 * Omniglot: pictures of 1623 characters, each drawn by 20 people; the second number of a name is who drew it (B. Lake,
 * R. Salakhutdinov, J. Tenenbaum, "Human-level concept learning through probabilistic program induction", 2015,
 * doi:10.1126/science.aab3050).
 */
export const omniglot = {
  id: "omniglot",
  label: "Omniglot",
  summary: "Characters of 50 alphabets: images_background/Greek/character01/0394_01.png and so on (Lake et al., 2015).",
  params: {},
  probe: ({ folders }) => (folders.some((name) => HALVES.test(name)) ? 0.95 : 0),
  read: async (root, signal?: AbortSignal) => {
    const samples: FoundSample[] = [];
    let skipped = 0;
    for (const half of (await foldersIn(root)).filter((name) => HALVES.test(name))) {
      for await (const path of filesBelow(root, half, signal)) {
        const [, alphabet, character] = FILE.exec(path) ?? [];
        const number = numberIn(path);
        if (alphabet === undefined || character === undefined || number === undefined) skipped += 1;
        else samples.push({ path, label: `${alphabet}/${character}`, number });
      }
    }
    if (samples.length === 0) {
      throw notLikeThis(root, "Omniglot (images_background/Greek/character01/0394_01.png …)", countOf(skipped, "other file"));
    }
    const warnings = skipped > 0 ? [`Left out: ${countOf(skipped, "file")} other than drawings.`] : [];
    return foundPictures({ layout: "omniglot", samples, warnings, pairing: { pictures: "Omniglot", numbers: "class" } });
  },
} as const satisfies DatasetLayout;
