import { extname, join } from "node:path";
import { toAppError } from "#shared/api/errors.ts";
import type { FoundSample } from "#shared/api/stream-api.ts";
import type { Sensor } from "#shared/events/sensor.ts";
import { codecs } from "#main/units/codecs/index.ts";
import { openRecording } from "#main/units/codecs/open-recording.ts";
import type { DatasetLayout } from "./layout.ts";
import { classFiles, countOf, firstFiles, notLikeThis, numberIn } from "./walk.ts";

const params = {};

const extensions = new Set(codecs.flatMap((codec) => codec.extensions));
const isRecording = (path: string): boolean => extensions.has(extname(path).toLowerCase());

/** The sensor of one recording stands for all; a file that cannot be opened is told and not fatal. */
async function sensorOf(path: string): Promise<{ readonly sensor?: Sensor; readonly warning?: string }> {
  try {
    const { recording } = await openRecording(path);
    const { sensor } = recording.info;
    await recording.close();
    return { sensor };
  } catch (error) {
    return { warning: `The first recording cannot be read: ${toAppError(error).message}` };
  }
}

/** Event recordings in a folder for each class, with or without parts above and subjects below. */
export const folderPerClass = {
  id: "folder-per-class",
  label: "Recordings, a folder for each class",
  summary: "Event recordings in folders named after their classes: [train/]rock/[anna/]0001.raw.",
  params,
  probe: async (root) => {
    const files = await firstFiles(root, 20);
    const recordings = files.filter(({ path }) => isRecording(path)).length;
    return recordings === 0 ? 0 : 0.5 + (0.2 * recordings) / files.length;
  },
  read: async (root, signal?: AbortSignal) => {
    const samples: FoundSample[] = [];
    const empty = new Set<string>();
    const full = new Set<string>();
    let others = 0;
    for await (const file of classFiles(root, signal)) {
      if (isRecording(file.path)) {
        const number = numberIn(file.path);
        samples.push({ ...file, ...(number !== undefined && { number }) });
        full.add(file.label);
      } else {
        // Notes and sidecars lie beside recordings everywhere; only a class of nothing else is worth a word.
        others += 1;
        empty.add(file.label);
      }
    }
    const [first] = samples;
    if (first === undefined) {
      throw notLikeThis(
        root,
        "recordings in a folder for each class",
        others === 0 ? "no files in folders" : countOf(others, "file of another kind", "files of other kinds"),
      );
    }
    const { sensor, warning } = await sensorOf(join(root, first.path));
    const without = [...empty].filter((label) => !full.has(label));
    return {
      layout: "folder-per-class",
      kind: "events",
      classes: [...full].toSorted(),
      ...(sensor !== undefined && { sensor }),
      samples,
      warnings: [
        ...(warning === undefined ? [] : [warning]),
        ...(without.length > 0 ? [`No recordings in ${without.toSorted().join(", ")}: left out.`] : []),
      ],
    };
  },
} as const satisfies DatasetLayout;
