import { describe, expect, it } from "vitest";
import { AppError } from "#shared/api/errors.ts";
import type { JobSample, SplitSpec } from "#shared/api/run.ts";
import { seeded } from "#main/lib/testing/random.ts";
import vectors from "#main/tensor/vectors.json" with { type: "json" };
import { warningsOf, withoutOriginals } from "./hygiene.ts";
import { splitSamples, type Split } from "./split.ts";

const classes = ["rock", "paper", "scissors"];
const sample = (id: string, classIndex: number, rest: Partial<JobSample> = {}): JobSample => ({
  id,
  path: `/data/${id}`,
  label: classes[classIndex] ?? "",
  classIndex,
  ...rest,
});
const many = (perClass: readonly number[], rest: (index: number) => Partial<JobSample> = () => ({})): JobSample[] =>
  perClass.flatMap((count, classIndex) =>
    Array.from({ length: count }, (_, index) => sample(`${classes[classIndex]}-${index}`, classIndex, rest(index))),
  );
const spec = (test: number, validation: number, by: SplitSpec["by"] = "sample"): SplitSpec => ({ test, validation, by });
const ids = (split: Split): Record<keyof Split, string[]> => ({
  train: split.train.map(({ id }) => id),
  validation: split.validation.map(({ id }) => id),
  test: split.test.map(({ id }) => id),
});
const shuffled = <T>(items: readonly T[], random: () => number): T[] =>
  items
    .map((item) => ({ item, at: random() }))
    .toSorted((a, b) => a.at - b.at)
    .map(({ item }) => item);
const perClass = (samples: readonly JobSample[]): number[] =>
  classes.map((_, index) => samples.filter(({ classIndex }) => classIndex === index).length);
const refusal = (work: () => unknown): AppError => {
  try {
    work();
  } catch (error) {
    if (error instanceof AppError) return error;
    throw error;
  }
  throw new Error("it was accepted");
};

describe("splitSamples", () => {
  it("is the same whatever the order of the samples, and another for another seed", () => {
    const random = seeded(5);
    const samples = many([20, 30, 25]);
    const first = ids(splitSamples(samples, classes, spec(0.2, 0.1), { perClass: 0 }, 1));
    for (let round = 0; round < 5; round += 1) {
      expect(ids(splitSamples(shuffled(samples, random), classes, spec(0.2, 0.1), { perClass: 0 }, 1))).toEqual(first);
    }
    expect(ids(splitSamples(samples, classes, spec(0.2, 0.1), { perClass: 0 }, 2)).test).not.toEqual(first.test);
  });

  it("gives every sample to exactly one side, in the asked shares of each class", () => {
    const samples = many([20, 30, 40]);
    const split = splitSamples(samples, classes, spec(0.2, 0.1), { perClass: 0 }, 3);
    expect([...ids(split).train, ...ids(split).validation, ...ids(split).test].toSorted()).toEqual(
      samples.map(({ id }) => id).toSorted(),
    );
    expect(perClass(split.test)).toEqual([4, 6, 8]);
    expect(perClass(split.validation)).toEqual([2, 3, 4]);
    expect(perClass(split.train)).toEqual([14, 21, 28]);
  });

  it("moves few samples when the data set grows", () => {
    const before = new Set(ids(splitSamples(many([50, 50, 50]), classes, spec(0.2, 0.1), { perClass: 0 }, 1)).test);
    const after = ids(splitSamples(many([55, 55, 55]), classes, spec(0.2, 0.1), { perClass: 0 }, 1)).test;
    const stayed = after.filter((id) => before.has(id)).length;
    expect(stayed).toBeGreaterThanOrEqual(24); // of 30; a shuffle of the list would keep about 6
  });

  it("gives N-Caltech101 the parts of the reference, but for a clip in the classes where a half is rounded", () => {
    // The reference rounds the training part half to even, this the held-out part half up.
    const { class_counts, train_per_class, total } = vectors.ncaltech101_split;
    const names = class_counts.map((_, index) => `class ${index}`);
    const samples = class_counts.flatMap((count, index) =>
      Array.from({ length: count }, (_, n) => ({ ...sample(`${index}/${n}`, index), label: names[index] ?? "" })),
    );
    const split = splitSamples(samples, names, spec(0.1, 0), { perClass: 0 }, 1);
    const found = names.map((_, index) => split.train.filter(({ classIndex }) => classIndex === index).length);
    expect(split.train.length + split.test.length).toBe(total);
    for (const [index, wanted] of train_per_class.entries()) {
      const isHalf = (class_counts[index] ?? 0) % 10 === 5;
      if (isHalf) expect(Math.abs((found[index] ?? 0) - wanted)).toBeLessThanOrEqual(1);
      else expect(found[index]).toBe(wanted);
    }
  });

  it("limits the labels of the training part only", () => {
    const samples = many([20, 30, 25]);
    const all = splitSamples(samples, classes, spec(0.2, 0.1), { perClass: 0 }, 1);
    const few = splitSamples(samples, classes, spec(0.2, 0.1), { perClass: 4 }, 1);
    expect(perClass(few.train)).toEqual([4, 4, 4]);
    expect(ids(few).test).toEqual(ids(all).test);
    expect(ids(few).validation).toEqual(ids(all).validation);
    const more = new Set(ids(splitSamples(samples, classes, spec(0.2, 0.1), { perClass: 8 }, 1)).train);
    expect(ids(few).train.every((id) => more.has(id))).toBe(true); // more labels are those and others
  });

  it("keeps something to train on however small the classes are", () => {
    const split = splitSamples(many([1, 2, 3]), classes, spec(0.5, 0.4), { perClass: 0 }, 1);
    expect(perClass(split.train).every((count) => count >= 1)).toBe(true);
    expect(perClass(split.test)).toEqual([0, 1, 2]);
  });

  it("holds out whole subjects", () => {
    const samples = many([24, 24, 24], (index) => ({ subject: `person ${index % 6}` }));
    for (let seed = 0; seed < 10; seed += 1) {
      const split = splitSamples(samples, classes, spec(0.2, 0.15, "subject"), { perClass: 0 }, seed);
      const subjects = (part: readonly JobSample[]): Set<string | undefined> => new Set(part.map(({ subject }) => subject));
      expect(subjects(split.test).size).toBe(1);
      expect(subjects(split.validation).size).toBe(1);
      expect(subjects(split.train).size).toBe(4);
      expect(split.train.length + split.validation.length + split.test.length).toBe(72);
    }
  });

  it("never holds out the only subject of a class", () => {
    const samples = [
      ...many([10, 10, 0], (index) => ({ subject: index % 2 === 0 ? "Anna" : "Ben" })),
      ...Array.from({ length: 10 }, (_, index) => sample(`s-${index}`, 2, { subject: "Cleo" })),
    ];
    for (let seed = 0; seed < 10; seed += 1) {
      const split = splitSamples(samples, classes, spec(0.4, 0, "subject"), { perClass: 0 }, seed);
      expect(perClass(split.train).every((count) => count > 0)).toBe(true);
    }
  });

  it("follows the parts a data set declares", () => {
    const samples = many([20, 20, 20], (index) => ({ part: index < 5 ? "Test" : "Train" }));
    const split = splitSamples(samples, classes, spec(0.9, 0.2, "layout"), { perClass: 0 }, 1);
    expect(split.test).toHaveLength(15);
    expect(split.test.every(({ part }) => part === "Test")).toBe(true);
    expect(perClass(split.validation)).toEqual([3, 3, 3]);
    expect(perClass(split.train)).toEqual([12, 12, 12]);
  });

  it("trains on the first numbers of the training part and tests on all others", () => {
    const samples = many([10, 10, 10], (index) => ({
      number: index < 8 ? index : index - 8,
      part: index < 8 ? "Train" : "Test",
    }));
    const split = splitSamples(samples, classes, { ...spec(0.2, 0, "number"), first: 12 }, { perClass: 0 }, 1);
    expect(split.train.every(({ number = 9, part }) => number < 4 && part === "Train")).toBe(true);
    expect(perClass(split.train)).toEqual([4, 4, 4]);
    expect(perClass(split.test)).toEqual([6, 6, 6]);
    expect(perClass(splitSamples(samples, classes, { ...spec(0.2, 0, "number"), first: 12 }, { perClass: 2 }, 1).train)).toEqual([
      2, 2, 2,
    ]);
    expect(split.validation).toHaveLength(0);
  });

  it.each<[string, () => unknown, RegExp, RegExp]>([
    ["one class", () => splitSamples(many([9]), ["rock"], spec(0.2, 0.1), { perClass: 0 }, 1), /only 1 class/, /at least two/],
    [
      "a class without clips",
      () => splitSamples(many([9, 0, 9]), classes, spec(0.2, 0.1), { perClass: 0 }, 1),
      /for the class paper/,
      /Label clips/,
    ],
    [
      "no subjects",
      () => splitSamples(many([9, 9, 9]), classes, spec(0.2, 0.1, "subject"), { perClass: 0 }, 1),
      /none has one/,
      /split by sample/,
    ],
    [
      "one subject",
      () =>
        splitSamples(
          many([9, 9, 9], () => ({ subject: "Anna" })),
          classes,
          spec(0.2, 0.1, "subject"),
          { perClass: 0 },
          1,
        ),
      /all are of the same one/,
      /split by sample/,
    ],
    [
      "no numbers",
      () => splitSamples(many([9, 9, 9]), classes, { ...spec(0.2, 0.1, "number"), first: 9 }, { perClass: 0 }, 1),
      /has none/,
      /split.by/,
    ],
    [
      "no parts",
      () => splitSamples(many([9, 9, 9]), classes, spec(0.2, 0.1, "layout"), { perClass: 0 }, 1),
      /no test part/,
      /split.by/,
    ],
  ])("refuses %s and says what to do", (_, work, message, hint) => {
    const error = refusal(work);
    expect(error.code).toBe("bad-spec");
    expect(error.message).toMatch(message);
    expect(error.hint).toMatch(hint);
  });
});

describe("withoutOriginals", () => {
  const picture = (label: string, number: number, part?: string): JobSample => ({
    ...sample(`${label} ${number} ${part ?? ""}`, 0),
    label,
    number,
    ...(part !== undefined && { part }),
  });

  it("takes out the original of each held-out recording and no other picture", () => {
    const pictures = [picture("0", 4, "train"), picture("0", 4, "test"), picture("1", 4, "test"), picture("0", 5, "test")];
    const { kept, excluded } = withoutOriginals(pictures, [picture("0", 4, "Test")]);
    expect(kept.map(({ id }) => id)).toEqual(["0 4 train", "1 4 test", "0 5 test"]);
    expect(excluded).toBe(1);
  });

  it("is careful where one side names no part", () => {
    expect(withoutOriginals([picture("a", 1), picture("a", 2)], [picture("a", 1, "test")]).excluded).toBe(1);
    expect(withoutOriginals([picture("a", 1, "train"), picture("a", 2, "train")], [picture("a", 1)]).excluded).toBe(1);
  });

  it("keeps pictures without numbers", () => {
    expect(withoutOriginals([sample("x", 0)], [picture("rock", 1)]).excluded).toBe(0);
  });
});

describe("warningsOf", () => {
  const clip = (id: string, classIndex: number, start: number, end: number, subject?: string): JobSample =>
    sample(id, classIndex, { path: "/data/long.raw", range: { start, end }, ...(subject !== undefined && { subject }) });

  it("is silent about a large, even, clean split", () => {
    const split = splitSamples(many([200, 200, 200]), classes, spec(0.2, 0.1), { perClass: 0 }, 1);
    expect(warningsOf(split, classes, 0)).toEqual([]);
  });

  it.each<[string, Split, RegExp]>([
    [
      "imbalance",
      { train: many([40, 10, 40]), validation: [], test: many([20, 20, 20]) },
      /rock has 40 training clips, paper only 10/,
    ],
    [
      "few clips",
      { train: many([40, 4, 40]), validation: [], test: many([20, 20, 20]) },
      /Fewer than 5 training clips for paper/,
    ],
    ["a small test", { train: many([9, 9, 9]), validation: [], test: many([2, 1, 1]) }, /Only 4 clips.*25\.0 %/],
    ["an untested class", { train: many([9, 9, 9]), validation: [], test: many([60, 0, 60]) }, /No clip of paper is held out/],
    ["no test", { train: many([9, 9, 9]), validation: [], test: [] }, /Nothing is held out/],
    [
      "shared time",
      { train: [clip("a", 0, 0, 100)], validation: [clip("b", 0, 99, 200)], test: [clip("c", 0, 200, 300)] },
      /1 held-out clip shares time/,
    ],
    [
      "the same people",
      {
        train: [clip("a", 0, 0, 100, "Anna"), clip("d", 0, 0, 100, "Ben")],
        validation: [],
        test: [clip("c", 0, 200, 300, "Anna")],
      },
      /Clips of Anna are in training and held out/,
    ],
    [
      "short clips",
      { train: [clip("a", 0, 0, 100), clip("b", 0, 100, 200), clip("c", 0, 200, 210)], validation: [], test: [] },
      /1 training clip is much shorter/,
    ],
  ])("tells of %s", (_, split, message) => {
    expect(warningsOf(split, classes, 0).some((text) => message.test(text))).toBe(true);
  });

  it("does not complain of few clips that were asked for", () => {
    const split = splitSamples(many([200, 200, 200]), classes, spec(0.2, 0.1), { perClass: 2 }, 1);
    expect(warningsOf(split, classes, 2)).toEqual([]);
  });
});
