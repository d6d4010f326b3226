import { extname, join } from "node:path";
import { toAppError } from "#shared/api/errors.ts";
import type { FoundDataset, FoundSample, Pairing } from "#shared/api/stream-api.ts";
import type { Sensor } from "#shared/events/sensor.ts";
import { codecs } from "#main/units/codecs/index.ts";
import { openRecording } from "#main/units/codecs/open-recording.ts";
import type { Answers } from "#main/units/codecs/reading.ts";
import { byCodeUnits, countOf, someOf } from "./walk.ts";

/** Kinds of file that may hold events and just as well notes, labels or figures: they count only where nothing else does. */
const AMBIGUOUS = new Set([".txt", ".csv", ".tsv", ".json", ".db", ".zip"]);

const extensions = new Set(codecs.flatMap((codec) => codec.extensions.map((own) => own.toLowerCase())));

const extensionOf = (path: string): string => extname(path).toLowerCase();

/** Whether some codec reads files of this name, and such files hold nothing but events. */
export const isRecording = (path: string): boolean => {
  const extension = extensionOf(path);
  return extensions.has(extension) && !AMBIGUOUS.has(extension);
};

/** Whether events may be in it, if there are no surer files. */
export const mayBeRecording = (path: string): boolean => extensions.has(extensionOf(path));

/** A sample as layouts make it: answers are typed until they leave the kind. */
export type EventSample = FoundSample & { readonly answers?: Answers };

/** So many files are opened when a data set is added: enough to notice a wrong format, few enough to wait for. */
const TRIED = 4;
/** The largest class may have so many times the samples of the smallest before it deserves a word. */
const UNEQUAL = 3;

/** Opens a few files spread over the list. One size for all of them is the sensor; what cannot be read is told and not fatal. */
async function tryOut(
  root: string,
  samples: readonly EventSample[],
  signal: AbortSignal | undefined,
): Promise<{ readonly sensor?: Sensor; readonly warnings: readonly string[] }> {
  const sizes = new Map<string, Sensor>();
  const warnings: string[] = [];
  const step = Math.max(1, Math.floor(samples.length / TRIED));
  const chosen = samples.filter((_, index) => index % step === 0).slice(0, TRIED);
  for (const { path, answers } of chosen) {
    signal?.throwIfAborted();
    try {
      const { recording } = await openRecording(join(root, path), answers === undefined ? {} : { answers });
      const { sensor } = recording.info;
      await recording.close();
      sizes.set(`${sensor.width}×${sensor.height}`, sensor);
    } catch (error) {
      warnings.push(`Cannot be read: ${toAppError(error).message}`);
    }
  }
  const [sensor] = sizes.values();
  const all = warnings.length === chosen.length && chosen.length > 1;
  return {
    ...(sizes.size === 1 && sensor !== undefined && { sensor }),
    warnings: all ? [`None of ${chosen.length} files tried can be read. ${warnings[0] ?? ""}`] : warnings,
  };
}

/** A word about classes of very different size, or of which a part has nothing. */
export function balanceOf(classes: readonly string[], samples: readonly FoundSample[]): readonly string[] {
  const counts = new Map(classes.map((label) => [label, 0]));
  const byPart = new Map<string, Set<string>>();
  for (const { label, part } of samples) {
    counts.set(label, (counts.get(label) ?? 0) + 1);
    if (part !== undefined) byPart.set(part, (byPart.get(part) ?? new Set()).add(label));
  }
  const ordered = [...counts].toSorted((a, b) => a[1] - b[1]);
  const [least, most] = [ordered[0], ordered.at(-1)];
  const unequal = least !== undefined && most !== undefined && most[1] > UNEQUAL * least[1];
  const gaps = [...byPart].flatMap(([part, labels]) => {
    const missing = classes.filter((label) => !labels.has(label));
    return missing.length > 0 ? [`The ${part} part has nothing of ${someOf(missing)}.`] : [];
  });
  return [
    ...(unequal ? [`Classes differ in size: ${most[0]} has ${countOf(most[1], "sample")}, ${least[0]} has ${least[1]}.`] : []),
    ...gaps,
  ];
}

/** What a layout of recordings knows when it has walked its folder. */
export type WalkedEvents = {
  readonly layout: string;
  readonly root: string;
  readonly samples: readonly EventSample[];
  /** In this order; otherwise the labels that occur, sorted. */
  readonly classes?: readonly string[];
  /** The size of all of them where the data set has one; "each": every clip has its own. */
  readonly sensor?: Sensor | "each";
  readonly warnings?: readonly string[];
  readonly pairing?: Pairing;
};

/** Completes what was found: classes, sensor, and a word about what is unequal or cannot be read. */
export async function foundEvents(walked: WalkedEvents, signal?: AbortSignal): Promise<FoundDataset> {
  const { layout, root, samples, warnings = [], pairing } = walked;
  const present = new Set(samples.map(({ label }) => label));
  const classes = walked.classes?.filter((label) => present.has(label)) ?? [...present].toSorted(byCodeUnits);
  const tried = await tryOut(root, samples, signal);
  const sensor = walked.sensor === "each" ? undefined : (walked.sensor ?? tried.sensor);
  return {
    layout,
    kind: "events",
    classes,
    ...(sensor !== undefined && { sensor }),
    samples,
    warnings: [...warnings, ...tried.warnings, ...balanceOf(classes, samples)],
    ...(pairing !== undefined && { pairing }),
  };
}
