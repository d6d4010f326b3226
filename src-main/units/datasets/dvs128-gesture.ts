import { existsSync } from "node:fs";
import { join } from "node:path";
import { toAppError } from "#shared/api/errors.ts";
import { readTable, readText, spansOf } from "./labels.ts";
import type { DatasetLayout } from "./layout.ts";
import { foundEvents, type EventSample } from "./recordings.ts";
import { countOf, filesIn, notLikeThis, someOf } from "./walk.ts";

const SENSOR = { width: 128, height: 128 };
const FILE = /^user(\d+)_\w+\.aedat$/i;
const TRIALS = { train: "trials_to_train.txt", test: "trials_to_test.txt" } as const;
/** Users up to this one train where the lists are missing: that is what the lists say. */
const LAST_TRAINING_USER = 23;

/** Class numbers of the label files begin with 1. */
const CLASSES = [
  "hand clapping",
  "right wave",
  "left wave",
  "right arm clockwise",
  "right arm counter-clockwise",
  "left arm clockwise",
  "left arm counter-clockwise",
  "arm roll",
  "air drums",
  "air guitar",
  "other",
] as const;

type Part = keyof typeof TRIALS;

/** Which part each recording belongs to, as the lists say. */
async function readTrials(root: string): Promise<ReadonlyMap<string, Part> | undefined> {
  const parts = new Map<string, Part>();
  for (const part of ["train", "test"] as const) {
    const path = join(root, TRIALS[part]);
    if (!existsSync(path)) return undefined;
    for (const line of (await readText(path)).split(/\r?\n/)) if (line.trim() !== "") parts.set(line.trim(), part);
  }
  return parts;
}

/**
 * DVS128 Gesture: long recordings in AEDAT 3.1, each with a table of what is shown when; lists say who trains (A. Amir et al.,
 * "A low power, fully event-based gesture recognition system", CVPR 2017, doi:10.1109/CVPR.2017.781).
 */
export const dvs128Gesture = {
  id: "dvs128-gesture",
  label: "DVS128 Gesture",
  summary: "Hand gestures of 29 people: user01_natural.aedat with user01_natural_labels.csv and so on (Amir et al., 2017).",
  params: {},
  probe: ({ files }) => {
    const recordings = files.filter((name) => FILE.test(name));
    if (recordings.length === 0) return 0;
    return files.some((name) => /^user\d+_\w+_labels\.csv$/i.test(name)) ? 0.95 : 0.4;
  },
  read: async (root, signal?: AbortSignal) => {
    const files = await filesIn(root);
    const there = new Set(files);
    const recordings = files.filter((name) => FILE.test(name));
    const trials = await readTrials(root);
    const samples: EventSample[] = [];
    const unlabelled: string[] = [];
    const unlisted: string[] = [];
    const warnings: string[] = [];
    for (const path of recordings) {
      signal?.throwIfAborted();
      const table = path.replace(/\.aedat$/i, "_labels.csv");
      const user = /^user(\d+)/i.exec(path)?.[1] ?? "";
      if (!there.has(table)) {
        unlabelled.push(path);
        continue;
      }
      const part = trials === undefined ? (Number(user) <= LAST_TRAINING_USER ? "train" : "test") : trials.get(path);
      if (part === undefined) {
        unlisted.push(path); // some trials were withdrawn by the authors and are in neither list
        continue;
      }
      try {
        const { spans, problems } = spansOf(await readTable(join(root, table)));
        if (problems.length > 0) warnings.push(`${table}: ${someOf(problems, 3)}.`);
        for (const { start, end, label } of spans) {
          const name = CLASSES[Number(label) - 1];
          if (name === undefined) warnings.push(`${table}: there is no class ${label}; its clip is left out.`);
          else samples.push({ path, label: name, part, subject: `user${user}`, range: { start, end } });
        }
      } catch (error) {
        signal?.throwIfAborted();
        warnings.push(`${path} is left out: ${toAppError(error).message}`);
      }
    }
    if (samples.length === 0) {
      const found =
        recordings.length > 0 ? `${countOf(recordings.length, "recording")} without labels` : countOf(files.length, "other file");
      throw notLikeThis(root, "DVS128 Gesture (user01_natural.aedat with user01_natural_labels.csv …)", found);
    }
    if (unlabelled.length > 0) warnings.push(`Without a table of labels and left out: ${someOf(unlabelled)}.`);
    if (unlisted.length > 0) warnings.push(`In neither list of trials and left out: ${someOf(unlisted)}.`);
    if (trials === undefined) {
      warnings.push(
        `${TRIALS.train} and ${TRIALS.test} are not both there: users up to ${LAST_TRAINING_USER} train, the others are the test.`,
      );
    }
    const lost = trials === undefined ? [] : [...trials.keys()].filter((name) => !there.has(name));
    if (lost.length > 0) warnings.push(`Listed and not there: ${someOf(lost)}.`);
    return foundEvents({ layout: "dvs128-gesture", root, samples, classes: CLASSES, sensor: SENSOR, warnings }, signal);
  },
} as const satisfies DatasetLayout;
