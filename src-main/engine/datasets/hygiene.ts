import type { JobSample } from "#shared/api/run.ts";
import type { Pairing } from "#shared/api/stream-api.ts";
import type { Split } from "./split.ts";

/*
 * What keeps an accuracy honest: no original of a held-out recording among the pictures, and a word about everything
 * else that would make the figure better than the model.
 */

/** Under this many held-out clips one of them moves the figure by more than two per cent. */
const SMALL_TEST = 50;
/** The largest class may have so many times the clips of the smallest before it deserves a word. */
const IMBALANCE = 3;
/** Fewer training clips than this are worth a warning, unless that was asked for. */
const FEW_CLIPS = 5;
/** A clip shorter than this share of the median probably shows a part of what it should. */
const SHORT = 0.2;

const originalKey = ({ label, number }: JobSample): string => `${label.toLowerCase()}\0${number}`;

/**
 * Pictures without those that a held-out recording was filmed from: same class, same number, and the same part where both name
 * one and numbers begin anew in each.
 */
export function withoutOriginals(
  pictures: readonly JobSample[],
  held: readonly JobSample[],
  numbers: Pairing["numbers"] = "part",
): { readonly kept: readonly JobSample[]; readonly excluded: number } {
  const parts = new Map<string, Set<string | undefined>>();
  for (const sample of held) {
    if (sample.number === undefined) continue;
    const key = originalKey(sample);
    const known = parts.get(key) ?? new Set();
    parts.set(key, known.add(sample.part?.toLowerCase()));
  }
  const kept = pictures.filter((picture) => {
    const known = picture.number === undefined ? undefined : parts.get(originalKey(picture));
    if (known === undefined) return true;
    if (numbers !== "part") return false; // the parts are not the originals' own
    return !(picture.part === undefined || known.has(undefined) || known.has(picture.part.toLowerCase()));
  });
  return { kept, excluded: pictures.length - kept.length };
}

/** Whether spans of one recording lie on both sides and share time. */
function overlapping(train: readonly JobSample[], held: readonly JobSample[]): number {
  const spans = new Map<string, { readonly start: number; readonly end: number }[]>();
  for (const { path, range } of train) {
    if (range === undefined) continue;
    spans.set(path, [...(spans.get(path) ?? []), range]);
  }
  return held.filter(
    ({ path, range }) => range !== undefined && spans.get(path)?.some(({ start, end }) => start < range.end && range.start < end),
  ).length;
}

const namesOf = (names: readonly string[]): string =>
  names.length > 3 ? `${names.slice(0, 3).join(", ")} and ${names.length - 3} more` : names.join(", ");

/** Everything that should be known before the figure is believed. */
export function warningsOf(split: Split, classes: readonly string[], perClass: number): readonly string[] {
  const { train, validation, test } = split;
  const held = [...validation, ...test];
  const warnings: string[] = [];
  const counts = classes.map((_, index) => train.filter(({ classIndex }) => classIndex === index).length);
  const [most, least] = [Math.max(...counts), Math.min(...counts)];
  const nameAt = (count: number): string => classes[counts.indexOf(count)] ?? "";
  if (most > IMBALANCE * least) {
    warnings.push(
      `${nameAt(most)} has ${most} training clips, ${nameAt(least)} only ${least}: the model will favor the larger class.`,
    );
  }
  const few = classes.filter((_, index) => (counts[index] ?? 0) < FEW_CLIPS);
  if (few.length > 0 && perClass === 0) warnings.push(`Fewer than ${FEW_CLIPS} training clips for ${namesOf(few)}.`);
  const shared = overlapping(train, held);
  if (shared > 0) {
    warnings.push(
      `${shared === 1 ? "1 held-out clip shares" : `${shared} held-out clips share`} time with a training clip of the same recording: the accuracy will look better than it is.`,
    );
  }
  const trained = new Set(train.map(({ subject }) => subject));
  const both = [...new Set(held.flatMap(({ subject }) => (subject !== undefined && trained.has(subject) ? [subject] : [])))];
  const subjects = new Set([...train, ...held].map(({ subject }) => subject));
  if (both.length > 0 && subjects.size > 1) {
    warnings.push(
      `Clips of ${namesOf(both.toSorted())} are in training and held out. Split by subject to see how well new people are understood.`,
    );
  }
  const spans = train.flatMap(({ range }) => (range === undefined ? [] : [range.end - range.start])).toSorted((a, b) => a - b);
  const median = spans[spans.length >> 1];
  const short = median === undefined ? 0 : spans.filter((span) => span < SHORT * median).length;
  if (short > 0)
    warnings.push(`${short === 1 ? "1 training clip is" : `${short} training clips are`} much shorter than the others.`);
  const untested = classes.filter((_, index) => test.every(({ classIndex }) => classIndex !== index));
  if (test.length > 0 && untested.length > 0) warnings.push(`No clip of ${namesOf(untested)} is held out for the test.`);
  if (test.length === 0) warnings.push("Nothing is held out for the test: there will be no test accuracy.");
  else if (test.length < SMALL_TEST) {
    warnings.push(
      `Only ${test.length} clips are held out for the test: one of them is ${(100 / test.length).toFixed(1)} % of the accuracy.`,
    );
  }
  return warnings;
}
