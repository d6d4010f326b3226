import { dirname, join } from "node:path";
import { toAppError } from "#shared/api/errors.ts";
import { isLabelTable, readTable, spansOf } from "./labels.ts";
import type { DatasetLayout } from "./layout.ts";
import { foundEvents, isRecording, type EventSample } from "./recordings.ts";
import { countOf, filesBelow, notLikeThis, partFolders, someOf } from "./walk.ts";

const withoutSuffix = (path: string): string => path.replace(/\.[^./]*$/, "");

/** Where the labels of a recording may lie: take.csv, take_labels.csv, take.labels.csv. */
const tablesOf = (path: string): readonly string[] =>
  [".csv", "_labels.csv", ".labels.csv"].map((ending) => `${withoutSuffix(path)}${ending}`);

const beside = (path: string, there: ReadonlySet<string>): string | undefined => tablesOf(path).find((table) => there.has(table));

/** Recordings of several clips each, with a table beside each that says what is shown when. */
export const labelledRecordings = {
  id: "labelled-recordings",
  label: "Recordings with tables of labels",
  summary: "Long recordings, each with a table beside it: take.raw and take.csv with columns start, end, class (µs).",
  params: {},
  probe: ({ files, loose, samples }) => {
    const all = [...files, ...loose, ...samples.map(({ path }) => path)];
    const recordings = all.filter(isRecording);
    const there = new Set(all);
    const labelled = recordings.filter((path) => beside(path, there) !== undefined).length;
    return recordings.length === 0 ? 0 : (0.8 * labelled) / recordings.length;
  },
  read: async (root, signal?: AbortSignal) => {
    const parts = (await partFolders(root)).filter(({ part }) => part !== undefined);
    const paths: string[] = [];
    for await (const path of filesBelow(root, "", signal)) paths.push(path);
    const there = new Set(paths);
    const recordings = paths.filter(isRecording);
    const samples: EventSample[] = [];
    const unlabelled: string[] = [];
    const warnings: string[] = [];
    for (const path of recordings) {
      signal?.throwIfAborted();
      const table = beside(path, there);
      if (table === undefined) {
        unlabelled.push(path);
        continue;
      }
      try {
        const labels = await readTable(join(root, table));
        if (!isLabelTable(labels)) {
          warnings.push(`${table} has no columns start, end and class: left out.`);
          continue;
        }
        const { spans, problems } = spansOf(labels);
        if (problems.length > 0) warnings.push(`${table}: ${someOf(problems, 3)}.`);
        const part = parts.find(({ folder }) => `${dirname(path)}/`.startsWith(`${folder}/`))?.part;
        for (const { start, end, label, subject } of spans) {
          samples.push({
            ...{ path, label, range: { start, end } },
            ...(part !== undefined && { part }),
            ...(subject !== undefined && { subject }),
          });
        }
      } catch (error) {
        signal?.throwIfAborted();
        warnings.push(`${path} is left out: ${toAppError(error).message}`);
      }
    }
    if (samples.length === 0) {
      const found =
        recordings.length > 0 ? `${countOf(recordings.length, "recording")} without labels` : countOf(paths.length, "other file");
      throw notLikeThis(root, "recordings with tables of labels (take.raw and take.csv …)", found);
    }
    if (unlabelled.length > 0) warnings.push(`Without a table of labels and left out: ${someOf(unlabelled)}.`);
    return foundEvents({ layout: "labelled-recordings", root, samples, warnings }, signal);
  },
} as const satisfies DatasetLayout;
