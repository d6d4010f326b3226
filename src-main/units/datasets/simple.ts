import type { Sensor } from "#shared/events/sensor.ts";
import type { Answers } from "#main/units/codecs/reading.ts";
import type { DatasetLayout } from "./layout.ts";
import { shareLike } from "./look.ts";
import { foundEvents, type EventSample } from "./recordings.ts";
import { classFiles, classPath, countOf, notLikeThis, numberIn } from "./walk.ts";

/** A data set that is a folder for each class and differs from others in what its files are called and how they are read. */
export type SimpleSet = {
  readonly id: string;
  readonly label: string;
  readonly summary: string;
  /** An example, for messages. */
  readonly example: string;
  /** What the path of a recording looks like, from class to suffix. */
  readonly file: RegExp;
  /** Some of its classes, where other sets may have files of the same names. */
  readonly known?: ReadonlySet<string>;
  readonly answers?: Answers;
  readonly sensor: Sensor | "each";
  /** Quirks that are worth a word whenever the set is added. */
  readonly remarks: readonly string[];
};

/** The layout of such a set. */
export const simpleLayout = ({ id, label, summary, example, file, known, answers, sensor, remarks }: SimpleSet) =>
  ({
    id,
    label,
    summary,
    params: {},
    probe: (look) => {
      const named = known === undefined || look.samples.some((sample) => known.has(sample.label));
      return named && shareLike(look, (path) => file.test(path)) > 0.5 ? 0.9 : 0;
    },
    read: async (root, signal?: AbortSignal) => {
      const samples: EventSample[] = [];
      const parts = new Set<string>();
      let skipped = 0;
      for await (const found of classFiles(root, signal)) {
        if (!file.test(classPath(found))) {
          skipped += 1;
          continue;
        }
        const number = numberIn(found.path);
        if (found.part !== undefined) parts.add(found.part);
        samples.push({ ...found, ...(number !== undefined && { number }), ...(answers !== undefined && { answers }) });
      }
      if (samples.length === 0) throw notLikeThis(root, `${label} (${example} …)`, countOf(skipped, "other file"));
      const warnings = [
        ...(skipped > 0 ? [`Left out: ${countOf(skipped, "file")} other than recordings.`] : []),
        ...(parts.size === 1 ? [`Only the ${[...parts].join("")} part is there.`] : []),
        ...remarks,
      ];
      return foundEvents({ layout: id, root, samples, sensor, warnings }, signal);
    },
  }) as const satisfies DatasetLayout;
