import { createHash } from "node:crypto";
import { AppError } from "#shared/api/errors.ts";
import type { JobSample, LabelsSpec, SplitSpec } from "#shared/api/run.ts";

/*
 * Who trains and who is held out. Pure: the same samples, spec and seed give the same lists on every machine and in every
 * order of reading. Each sample draws its rank from a hash of seed and id and not from a shuffle of the list, so that a
 * data set that grows moves as few samples as possible from one side to the other.
 */
export type Split = {
  readonly train: readonly JobSample[];
  readonly validation: readonly JobSample[];
  readonly test: readonly JobSample[];
};

type Purpose = "test" | "validation" | "labels" | "pictures";

function rankOf(seed: number, purpose: Purpose, name: string): string {
  return createHash("sha256").update(`${seed}\0${purpose}\0${name}`).digest("hex").slice(0, 16);
}

const byId = (a: JobSample, b: JobSample): number => (a.id < b.id ? -1 : a.id > b.id ? 1 : 0);
const byNumberOrId = (a: JobSample, b: JobSample): number => (a.number ?? 0) - (b.number ?? 0) || byId(a, b);

function ranked<T>(items: readonly T[], seed: number, purpose: Purpose, nameOf: (item: T) => string): T[] {
  const ranks = new Map(items.map((item) => [item, rankOf(seed, purpose, nameOf(item))]));
  return items.toSorted((a, b) => {
    const [x, y] = [ranks.get(a) ?? "", ranks.get(b) ?? ""];
    return x < y ? -1 : x > y ? 1 : nameOf(a) < nameOf(b) ? -1 : 1;
  });
}

function groupBy<T>(items: readonly T[], key: (item: T) => string): Map<string, T[]> {
  const groups = new Map<string, T[]>();
  for (const item of items) {
    const group = groups.get(key(item));
    if (group === undefined) groups.set(key(item), [item]);
    else group.push(item);
  }
  return groups;
}

/** How many of n are held out: the nearest number, at least one where some are wanted, never all. */
const shareOf = (fraction: number, of: number, available: number): number =>
  fraction === 0 ? 0 : Math.min(Math.max(1, Math.round(fraction * of)), Math.max(0, available - 1));

function bySample(samples: readonly JobSample[], spec: SplitSpec, seed: number): Split {
  const parts: Record<keyof Split, JobSample[]> = { train: [], validation: [], test: [] };
  for (const group of groupBy(samples, ({ classIndex }) => String(classIndex)).values()) {
    const order = ranked(group, seed, "test", ({ id }) => id);
    const test = shareOf(spec.test, order.length, order.length);
    const rest = ranked(order.slice(test), seed, "validation", ({ id }) => id);
    // Two clips are not enough to give one away for choosing the epoch.
    const validation = rest.length < 3 ? 0 : shareOf(spec.validation, order.length, rest.length);
    parts.test.push(...order.slice(0, test));
    parts.validation.push(...rest.slice(0, validation));
    parts.train.push(...rest.slice(validation));
  }
  return parts;
}

/** Whole subjects are held out, in the order of their ranks, until the share is reached and as long as every class stays. */
function bySubject(samples: readonly JobSample[], spec: SplitSpec, seed: number): Split {
  const groups = groupBy(samples, ({ subject, id }) => (subject === undefined ? `clip ${id}` : `subject ${subject}`));
  const subjects = [...groups.keys()].filter((name) => name.startsWith("subject "));
  if (subjects.length < 2) {
    throw new AppError(
      "bad-spec",
      subjects.length === 0
        ? "The clips cannot be split by subject: none has one"
        : "The clips cannot be split by subject: all are of the same one",
      { hint: "Name the subjects in the library, or split by sample." },
    );
  }
  const left = new Map<number, number>();
  for (const { classIndex } of samples) left.set(classIndex, (left.get(classIndex) ?? 0) + 1);
  const taken = new Set<string>();
  const take = (fraction: number, purpose: Purpose): JobSample[] => {
    const wanted = fraction * samples.length;
    const chosen: JobSample[] = [];
    for (const name of ranked([...groups.keys()], seed, purpose, (key) => key)) {
      const group = groups.get(name) ?? [];
      // The share is reached once another subject would lead further away from it than stopping does.
      if (taken.has(name) || (chosen.length > 0 && chosen.length + group.length / 2 > wanted) || wanted === 0) continue;
      const counts = groupBy(group, ({ classIndex }) => String(classIndex));
      const emptiesClass = [...counts].some(([index, part]) => (left.get(Number(index)) ?? 0) <= part.length);
      if (emptiesClass) continue;
      for (const [index, part] of counts) left.set(Number(index), (left.get(Number(index)) ?? 0) - part.length);
      taken.add(name);
      chosen.push(...group);
    }
    return chosen;
  };
  const test = take(spec.test, "test");
  const validation = take(spec.validation, "validation");
  return { test, validation, train: [...groups].flatMap(([name, group]) => (taken.has(name) ? [] : group)) };
}

/** The parts the data set declares; without a validation part it is drawn from the training part. */
function byLayout(samples: readonly JobSample[], spec: SplitSpec, seed: number): Split {
  const partOf = (sample: JobSample): string => sample.part?.toLowerCase() ?? "";
  const test = samples.filter((sample) => partOf(sample) === "test");
  if (test.length === 0) {
    throw new AppError("bad-spec", "The data set declares no test part to split by", {
      hint: 'Set split.by to "sample" or "subject".',
    });
  }
  const declared = samples.filter((sample) => ["validation", "val", "valid"].includes(partOf(sample)));
  const rest = samples.filter((sample) => !test.includes(sample) && !declared.includes(sample));
  if (declared.length > 0) return { test, validation: declared, train: rest };
  const drawn = bySample(rest, { ...spec, test: 0 }, seed);
  return { test, validation: drawn.validation, train: drawn.train };
}

/** The first clips of the training part (of everything, where there are no parts), in the order of their numbers; all others test. */
function byNumber(samples: readonly JobSample[], spec: SplitSpec, seed: number): Split {
  const unnumbered = samples.find(({ number }) => number === undefined);
  if (unnumbered !== undefined) {
    throw new AppError("bad-spec", `The clips cannot be split by number: ${unnumbered.id} has none`, {
      hint: 'Set split.by to "sample" or "layout".',
    });
  }
  const declared = samples.filter(({ part }) => part?.toLowerCase() === "train");
  const order = (declared.length > 0 ? declared : samples).toSorted(byNumberOrId);
  const first = new Set(order.slice(0, spec.first));
  const drawn = bySample([...first], { ...spec, test: 0 }, seed);
  return { ...drawn, test: samples.filter((sample) => !first.has(sample)) };
}

/** Some of each class: the first ones by the seed or by number, as many as are wanted and at least one. */
function someOf(
  samples: readonly JobSample[],
  share: number,
  most: number,
  choose: LabelsSpec["choose"],
  purpose: Purpose,
  seed: number,
): readonly JobSample[] {
  if (share === 1 && most === 0) return samples;
  return [...groupBy(samples, ({ classIndex }) => String(classIndex)).values()].flatMap((group) => {
    const order = choose === "first" ? group.toSorted(byNumberOrId) : ranked(group, seed, purpose, ({ id }) => id);
    const count = Math.max(1, Math.round(share * group.length));
    return order.slice(0, most === 0 ? count : Math.min(most, count));
  });
}

/** The clips of a training part that may be used. */
const fewer = (train: readonly JobSample[], { share = 1, perClass, choose }: LabelsSpec, seed: number): readonly JobSample[] =>
  someOf(train, share, perClass, choose, "labels", seed);

/** The pictures that may be used, in the order of their ids. */
export const fewerPictures = (
  pictures: readonly JobSample[],
  { pictures: share = 1, choose }: LabelsSpec,
  seed: number,
): readonly JobSample[] => someOf(pictures, share, 0, choose, "pictures", seed);

/**
 * Deals the samples out.
 * @param labels how much of the training part is used.
 * @throws AppError `bad-spec` with the remedy when nothing can be learned from what is left.
 */
export function splitSamples(
  samples: readonly JobSample[],
  classes: readonly string[],
  spec: SplitSpec,
  labels: LabelsSpec,
  seed: number,
): Split {
  if (classes.length < 2) {
    throw new AppError("bad-spec", `There ${classes.length === 1 ? "is only 1 class" : "are no classes"} to tell apart`, {
      hint: "Label clips of at least two classes.",
    });
  }
  const sorted = samples.toSorted(byId);
  const deal = { sample: bySample, subject: bySubject, layout: byLayout, number: byNumber }[spec.by];
  const dealt = deal(sorted, spec, seed);
  const train = fewer(dealt.train, labels, seed);
  const empty = classes.filter((_, index) => train.every(({ classIndex }) => classIndex !== index));
  if (empty.length > 0) {
    const names = empty.length > 5 ? `${empty.slice(0, 5).join(", ")} and ${empty.length - 5} more` : empty.join(", ");
    throw new AppError("bad-spec", `No clip to train on for ${empty.length === 1 ? "the class" : "the classes"} ${names}`, {
      hint: "Label clips of it, remove the class, or hold out less.",
    });
  }
  return { train: train.toSorted(byId), validation: dealt.validation.toSorted(byId), test: dealt.test.toSorted(byId) };
}
