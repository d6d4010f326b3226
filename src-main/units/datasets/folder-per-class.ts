import { join } from "node:path";
import { AppError } from "#shared/api/errors.ts";
import { openRecording } from "#main/units/codecs/open-recording.ts";
import type { DatasetLayout } from "./layout.ts";
import { shareLike } from "./look.ts";
import { foundEvents, isRecording, mayBeRecording, type EventSample } from "./recordings.ts";
import { classFiles, countOf, notLikeThis, numberIn, someOf, type ClassFile } from "./walk.ts";

const sampleOf = (file: ClassFile): EventSample => {
  const number = numberIn(file.path);
  return { ...file, ...(number !== undefined && { number }) };
};

/** Whether a file that may be anything is a recording. */
async function opens(root: string, file: ClassFile | undefined): Promise<boolean> {
  if (file === undefined) return false;
  try {
    const { recording } = await openRecording(join(root, file.path));
    await recording.close();
    return true;
  } catch (error) {
    if (error instanceof AppError) return false; // whatever it is, it holds no events
    throw error;
  }
}

/** Event recordings in a folder for each class, with or without parts above and subjects below. */
export const folderPerClass = {
  id: "folder-per-class",
  label: "Recordings, a folder for each class",
  summary: "Event recordings of any format in folders named after their classes: [train/]rock/[anna/]0001.raw.",
  params: {},
  probe: (look) => {
    const sure = shareLike(look, isRecording);
    // Text files may be anything; a folder of nothing else may still be recordings.
    return sure > 0 ? 0.5 + 0.2 * sure : 0.3 * shareLike(look, mayBeRecording);
  },
  read: async (root, signal?: AbortSignal) => {
    const recordings: ClassFile[] = [];
    const unsure: ClassFile[] = [];
    const labels = new Set<string>();
    let others = 0;
    for await (const file of classFiles(root, signal)) {
      labels.add(file.label);
      if (isRecording(file.path)) recordings.push(file);
      else if (mayBeRecording(file.path)) unsure.push(file);
      // Notes and sidecars lie beside recordings everywhere; only a class of nothing else is worth a word.
      else others += 1;
    }
    const files = recordings.length > 0 ? recordings : (await opens(root, unsure[0])) ? unsure : [];
    if (files.length === 0) {
      others += unsure.length;
      throw notLikeThis(
        root,
        "recordings in a folder for each class",
        others === 0 ? "no files in folders" : countOf(others, "file of another kind", "files of other kinds"),
      );
    }
    const full = new Set(files.map(({ label }) => label));
    const without = [...labels].filter((label) => !full.has(label)).toSorted();
    const warnings = without.length > 0 ? [`No recordings in ${someOf(without)}: left out.`] : [];
    return foundEvents({ layout: "folder-per-class", root, samples: files.map(sampleOf), warnings }, signal);
  },
} as const satisfies DatasetLayout;
