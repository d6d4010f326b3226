import { join } from "node:path";
import { toAppError } from "#shared/api/errors.ts";
import { readTable, type Table } from "./labels.ts";
import type { DatasetLayout } from "./layout.ts";
import { foundEvents, type EventSample } from "./recordings.ts";
import { countOf, filesBelow, foldersIn, notLikeThis, someOf } from "./walk.ts";

const SENSOR = { width: 346, height: 260 };
const HALVES = /^dvs_(background|evaluation)(_\d)?$/i;
const FILE = /^(dvs_[a-z]+(?:_\d)?)\/(.+)\/(character\d+)\/([^/]+)\.aedat4$/i;
/** Drawers up to this one train, the others are the test (X. He et al., AAAI 2024). */
const LAST_TRAINING_DRAWER = 15;

/** Rows are drawers in their order: number, first and last time. Both are times of events; the last one is not part of it. */
function clipsOf({ rows }: Table): {
  readonly clips: readonly { drawer: number; start: number; end: number }[];
  readonly bad: number;
} {
  const clips = rows.flatMap((row, index) => {
    const [start, end] = [Number(row[1]), Number(row[2])];
    return Number.isSafeInteger(start) && Number.isSafeInteger(end) && start < end ? [{ drawer: index + 1, start, end }] : [];
  });
  return { clips, bad: rows.length - clips.length };
}

/**
 * N-Omniglot: one recording for each character, in which 20 people draw it one after the other; a table of the same name says
 * when. Drawing n repeats the picture of drawer n (Y. Li, Y. Dong, D. Zhao, Y. Zeng, "N-Omniglot, a large-scale neuromorphic
 * dataset for spatio-temporal sparse few-shot learning", 2022, doi:10.1038/s41597-022-01851-z).
 */
export const nOmniglot = {
  id: "n-omniglot",
  label: "N-Omniglot",
  summary: "Characters of 50 alphabets being drawn: dvs_background/Greek/character01/0394.aedat4 with a table (Li et al., 2022).",
  params: {},
  probe: ({ folders }) => (folders.some((name) => HALVES.test(name)) ? 0.95 : 0),
  read: async (root, signal?: AbortSignal) => {
    const samples: EventSample[] = [];
    const warnings: string[] = [];
    const without: string[] = [];
    let rejected = 0;
    const halves = (await foldersIn(root)).filter((name) => HALVES.test(name));
    for (const half of halves) {
      const paths: string[] = [];
      for await (const path of filesBelow(root, half, signal)) paths.push(path);
      const there = new Set(paths);
      for (const path of paths) {
        const [, , alphabet, character] = FILE.exec(path) ?? [];
        if (alphabet === undefined || character === undefined) continue;
        const folder = path.slice(0, path.lastIndexOf("/") + 1);
        const own = path.replace(/\.aedat4$/i, ".csv");
        // The table has the number of the character; where the recording has another name it is still the only one there.
        const table = there.has(own) ? own : paths.find((other) => other.startsWith(folder) && /\/\d+\.csv$/.test(other));
        if (table === undefined) {
          without.push(path);
          continue;
        }
        try {
          const { clips, bad } = clipsOf(await readTable(join(root, table)));
          rejected += bad;
          for (const { drawer, start, end } of clips) {
            samples.push({
              path,
              label: `${alphabet}/${character}`,
              part: drawer <= LAST_TRAINING_DRAWER ? "train" : "test",
              subject: `drawer ${String(drawer).padStart(2, "0")}`,
              number: drawer,
              range: { start, end },
            });
          }
        } catch (error) {
          signal?.throwIfAborted();
          warnings.push(`${path} is left out: ${toAppError(error).message}`);
        }
      }
    }
    if (samples.length === 0) {
      throw notLikeThis(
        root,
        "N-Omniglot (dvs_background/Greek/character01/0394.aedat4 with 0394.csv …)",
        without.length > 0 ? `${countOf(without.length, "recording")} without a table` : "no recordings with tables",
      );
    }
    if (without.length > 0) warnings.push(`Without a table and left out: ${someOf(without)}.`);
    if (rejected > 0)
      warnings.push(`${countOf(rejected, "line")} of the tables ${rejected === 1 ? "has" : "have"} no start and end.`);
    warnings.push(`By layout, drawers 1 to ${LAST_TRAINING_DRAWER} train and the others are the test.`);
    const pairing = { pictures: "Omniglot", numbers: "class" } as const;
    return foundEvents({ layout: "n-omniglot", root, samples, sensor: SENSOR, warnings, pairing }, signal);
  },
} as const satisfies DatasetLayout;
