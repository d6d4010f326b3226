import { basename, extname } from "node:path";
import { AppError } from "#shared/api/errors.ts";
import type { JobSample } from "#shared/api/run.ts";

/** A sample and the file it is written to, relative to the new folder, with forward slashes and without a suffix. */
export type NamedSample = { readonly sample: JobSample; readonly name: string };

/** N-MNIST names its classes by one digit. */
const DIGITS = 10;

/** What no system forbids in the name of a folder or file. */
function safe(name: string): string {
  const clean = name.replace(/[<>:"/\\|?*\p{Cc}]/gu, "_").replace(/[. ]+$/, "");
  return clean === "" || clean.startsWith(".") ? `_${clean}` : clean;
}

/** Gives a name to each of several things: its own, or its own with a number where it is taken (whatever the case). */
class Names {
  readonly #taken = new Set<string>();

  take(wanted: string): string {
    let name = wanted;
    for (let n = 2; this.#taken.has(name.toLowerCase()); n += 1) name = `${wanted} (${n})`;
    this.#taken.add(name.toLowerCase());
    return name;
  }
}

/** The number of the original goes to the end of the name, where the layout finds it again. */
function stemOf({ path, range, index, number }: JobSample, spans: Map<string, number>): string {
  const stem = basename(path, extname(path));
  if (range === undefined && index === undefined) return stem;
  const place = (spans.get(path) ?? 0) + 1;
  spans.set(path, place);
  return `${stem}_${String(number ?? place).padStart(4, "0")}`;
}

/** `[part/]class/[subject/]name`: parts are folders only when every sample has one, or those without would be overlooked. */
export function namesByClass(samples: readonly JobSample[]): readonly NamedSample[] {
  const names = new Names();
  const spans = new Map<string, number>();
  const folders = new Names();
  const folderOf = new Map<string, string>();
  for (const label of new Set(samples.map((sample) => sample.label))) folderOf.set(label, folders.take(safe(label)));
  const divided = samples.every(({ part }) => part !== undefined);
  return samples.map((sample) => {
    const { part, label, subject } = sample;
    const folder = [
      ...(divided && part !== undefined ? [safe(part)] : []),
      folderOf.get(label) ?? safe(label),
      ...(subject === undefined ? [] : [safe(subject)]),
    ];
    return { sample, name: names.take([...folder, safe(stemOf(sample, spans))].join("/")) };
  });
}

/**
 * `Train/0/00001`: folders are the digits the classes are named by, or else their numbers; files are counted within the part, by the number of the original
 * where all have one. @throws AppError for more than ten classes.
 */
export function namesAsNMnist(samples: readonly JobSample[], classes: readonly string[]): readonly NamedSample[] {
  if (classes.length > DIGITS) {
    throw new AppError("bad-argument", `N-MNIST names classes by one digit, and there are ${classes.length}`, {
      hint: "Export to a folder for each class.",
    });
  }
  const partOf = ({ part }: JobSample): string => (part === "test" ? "Test" : "Train");
  const originals = new Set(samples.map((sample) => `${partOf(sample)} ${sample.number}`));
  const paired = originals.size === samples.length && samples.every(({ number }) => number !== undefined);
  const next = new Map<string, number>();
  const digits = classes.every((label) => /^\d$/.test(label));
  return samples.map((sample) => {
    const part = partOf(sample);
    const counted = next.get(part) ?? 0;
    next.set(part, counted + 1);
    const number = (paired ? (sample.number ?? counted) : counted) + 1;
    return { sample, name: `${part}/${digits ? sample.label : sample.classIndex}/${String(number).padStart(5, "0")}` };
  });
}
