import { extname, join } from "node:path";
import { AppError } from "#shared/api/errors.ts";
import { openRecording } from "#main/units/codecs/open-recording.ts";
import type { Answers } from "#main/units/codecs/reading.ts";
import { cifar10Classes } from "./cifar10/classes.ts";
import type { DatasetLayout } from "./layout.ts";
import { shareLike } from "./look.ts";
import { dealOut, NINE_TO_ONE } from "./parts.ts";
import { foundEvents, type EventSample } from "./recordings.ts";
import { classFiles, classPath, countOf, notLikeThis, numberIn } from "./walk.ts";

const SENSOR = { width: 128, height: 128 };
const FILE = new RegExp(`^(${cifar10Classes.join("|")})/[^/]*\\d+\\.aedat4?$`, "i");

/**
 * The camera stood on its side: columns and rows are exchanged. AEDAT 2 counts both from the lower right, so they are turned
 * as well; AEDAT 4 as DV writes it has its origin top left already. The bit of the polarity is undone by the codec.
 */
const TURNS = {
  aedat2: { swapXY: "yes", flipX: "yes", flipY: "yes", ...SENSOR },
  aedat4: { swapXY: "yes", flipX: "no", flipY: "no", ...SENSOR },
} as const satisfies Record<string, Answers>;

/** Which of the two a file is: its content decides, for one copy in use has AEDAT 4 under the suffix of AEDAT 2. */
async function versionOf(path: string): Promise<keyof typeof TURNS> {
  try {
    const { codec, recording } = await openRecording(path);
    await recording.close();
    return codec.id.includes("4") || recording.encoding.includes("aedat4") ? "aedat4" : "aedat2";
  } catch (error) {
    // Told with the other files that are tried; the name has to do.
    if (!(error instanceof AppError)) throw error;
    return extname(path).toLowerCase() === ".aedat4" ? "aedat4" : "aedat2";
  }
}

/**
 * CIFAR10-DVS: a folder for each class with numbered recordings (H. Li, H. Liu, X. Ji, G. Li, L. Shi, "CIFAR10-DVS: an
 * event-stream dataset for object classification", 2017, doi:10.3389/fnins.2017.00309). It has no split: the first nine tenths
 * by number train, as is usual.
 */
export const cifar10Dvs = {
  id: "cifar10-dvs",
  label: "CIFAR10-DVS",
  summary: "Pictures of CIFAR-10 filmed by a DVS128: airplane/cifar10_airplane_0.aedat and so on (Li et al., 2017).",
  params: {},
  probe: (look) => (shareLike(look, (path) => FILE.test(path)) > 0.5 ? 0.95 : 0),
  read: async (root, signal?: AbortSignal) => {
    const found: EventSample[] = [];
    let skipped = 0;
    for await (const { path, label } of classFiles(root, signal)) {
      const number = numberIn(path);
      if (FILE.test(classPath({ path, label })) && number !== undefined) found.push({ path, label: label.toLowerCase(), number });
      else skipped += 1;
    }
    if (found.length === 0) {
      throw notLikeThis(root, "CIFAR10-DVS (airplane/cifar10_airplane_0.aedat …)", countOf(skipped, "other file"));
    }
    const versions = new Map<string, keyof typeof TURNS>();
    for (const { path } of found) {
      const suffix = extname(path).toLowerCase();
      if (!versions.has(suffix)) versions.set(suffix, await versionOf(join(root, path)));
    }
    const turned = found.map((sample) => ({
      ...sample,
      answers: TURNS[versions.get(extname(sample.path).toLowerCase()) ?? "aedat2"],
    }));
    const samples = dealOut(
      turned.toSorted((a, b) => (a.number ?? 0) - (b.number ?? 0)),
      NINE_TO_ONE,
    );
    const warnings = [
      ...(skipped > 0 ? [`Left out: ${countOf(skipped, "file")} other than recordings.`] : []),
      "Columns and rows are exchanged while reading, so that pictures stand upright.",
      ...([...versions.values()].includes("aedat4")
        ? ["AEDAT 4 copies are read as DV converts them: look at one before use."]
        : []),
      "The data set has no split; by layout, the first 9 of 10 recordings of each class by number train and the rest is the test.",
    ];
    const pairing = { pictures: "CIFAR-10", numbers: "guessed" } as const;
    return foundEvents(
      { layout: "cifar10-dvs", root, samples, classes: cifar10Classes, sensor: SENSOR, warnings, pairing },
      signal,
    );
  },
} as const satisfies DatasetLayout;
