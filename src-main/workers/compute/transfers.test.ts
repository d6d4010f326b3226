import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Tensor2D } from "@tensorflow/tfjs";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { RunSpec } from "#shared/api/run.ts";
import { ckaPerStep } from "#main/tensor/cka.ts";
import { slidingProbability } from "#main/tensor/schedules.ts";
import { onEachBackend } from "#main/tensor/testing/each-backend.ts";
import { tf } from "#main/tensor/tf.ts";
import { replaceRows } from "#main/units/transfers/replace-rows.ts";
import type { HostBatch } from "#main/units/transfers/transfer.ts";
import { Batches, Randoms } from "./batches.ts";
import { copyShifted } from "./shift.ts";
import { noSamples } from "./load.ts";
import { chooseTransfer, recipeOf } from "./spec.ts";
import { quarterSamples, r2etlUnits } from "./testing/short-run.ts";
import { tinySpec } from "./testing/tiny-job.ts";
import { Trainer } from "./trainer.ts";
import type { Training } from "./training.ts";

const input = [4, 16, 16, 2] as const;
const classes = 4;

/** Generators for a network that is built without a trainer. */
const drawsOf = (seed: number) => {
  const randoms = new Randoms(seed);
  return { weights: randoms.of("weights").next, noise: randoms.of("noise").next };
};

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "saccade-transfers-"));
});
vi.setConfig({ testTimeout: 300_000 }); // several trainings, on a machine that may be busy

afterEach(async () => {
  await rm(folder, { recursive: true, force: true });
});

function trainerFor(
  transfer: string,
  params: Readonly<Record<string, unknown>>,
  epochs: number,
  batchSize = 16,
  over: Partial<RunSpec> = {},
): Trainer {
  const optimizer = { id: "adamw", params: { learningRate: 0.005, schedule: "constant" } };
  const recipe = recipeOf(tinySpec({ transfer: { id: transfer, params }, epochs, batchSize, optimizer, ...over }));
  const training: Training = {
    recipe,
    transfer: recipe.transfer,
    train: quarterSamples(16, 1, 4),
    validation: noSamples,
    pictures: recipe.transfer.unit.needsSource ? quarterSamples(16, 2, 1, recipe.transfer.ownInput?.["static"]) : noSamples,
    classes,
    initial: undefined,
    folder,
    resume: false,
    control: false,
    emit: () => undefined,
    stopping: () => false,
  };
  return new Trainer(training);
}

describe("sliding replacement", () => {
  const batchOf = (size: number): HostBatch => ({
    events: new Float32Array(3 * size * 2).fill(1),
    pictures: new Float32Array(3 * size * 2),
    labels: new Int32Array(size),
    steps: 3,
    size,
  });

  it("replaces whole sequences of single samples: a quarter over a run, give or take four standard errors", () => {
    const draw = new Randoms(1).of("replacement").next;
    const total = 400;
    const size = 25;
    let replaced = 0;
    for (let i = 0; i < total; i += 1) {
      const batch = batchOf(size);
      const count = replaceRows(batch, slidingProbability(i, total), draw);
      replaced += count;
      expect(batch.pictures?.reduce((sum, value) => sum + value, 0)).toBe(count * 3 * 2);
    }
    const trials = total * size;
    expect(Math.abs(replaced / trials - 0.25)).toBeLessThan(4 * Math.sqrt((0.25 * 0.75) / trials));
  });

  it("keeps the order of draws whatever the probability", () => {
    const after = (p: number): number => {
      const draw = new Randoms(1).of("replacement").next;
      replaceRows(batchOf(7), p, draw);
      return draw();
    };
    expect(after(0)).toBe(after(1));
  });
});

describe("batches", () => {
  it("pair clips with pictures of their class and give every clip its turn", () => {
    const clips = quarterSamples(16, 1, 4);
    const pictures = quarterSamples(16, 2, 1);
    const batches = new Batches(clips, pictures, input, 0, new Randoms(3));
    const { labels, events, pictures: shown, size } = batches.next("pairs", 16);
    expect([...labels].toSorted()).toEqual(clips.samples.map(({ classIndex }) => classIndex).toSorted());
    const frame = 16 * 16 * 2;
    for (let n = 0; n < size; n += 1) {
      const clip = events?.subarray(n * frame, (n + 1) * frame) ?? new Float32Array(0);
      const found = clips.values.findIndex((value) => value.subarray(0, frame).every((pixel, i) => pixel === clip[i]));
      expect(clips.samples[found]?.classIndex).toBe(labels[n]);
      const still = shown?.subarray(n * frame, (n + 1) * frame) ?? new Float32Array(0);
      const last = shown?.subarray((3 * size + n) * frame, (3 * size + n + 1) * frame);
      expect(last).toEqual(still); // a picture holds still over all steps
      const partner = pictures.values.findIndex((value) => value.every((pixel, i) => pixel === still[i]));
      expect(pictures.samples[partner]?.classIndex).toBe(labels[n]);
    }
  });

  it("pair pictures with the clips that their places in the class decide, when asked to", () => {
    const clips = quarterSamples(12, 1, 4); // three of each class
    const pictures = quarterSamples(32, 2, 1); // eight of each
    const batches = new Batches(clips, pictures, input, 0, new Randoms(3));
    const frame = 16 * 16 * 2;
    const seen = new Set<number>();
    for (let round = 0; round < 2; round += 1) {
      const { labels, events, pictures: shown, size } = batches.next("pairs", 16, "by-picture");
      for (let n = 0; n < size; n += 1) {
        const still = shown?.subarray(n * frame, (n + 1) * frame) ?? new Float32Array(0);
        const picture = pictures.values.findIndex((value) => value.every((pixel, i) => pixel === still[i]));
        const clip = events?.subarray(n * frame, (n + 1) * frame) ?? new Float32Array(0);
        const found = clips.values.findIndex((value) => value.subarray(0, frame).every((pixel, i) => pixel === clip[i]));
        expect(labels[n]).toBe(picture % classes);
        // The k-th picture of a class is number classes · k + class of the list, and so are clips.
        expect(found).toBe(classes * (Math.floor(picture / classes) % 3) + (picture % classes));
        seen.add(picture);
      }
    }
    expect(seen.size).toBe(32); // every picture has had its turn
    const without = new Batches({ samples: [], values: [] }, pictures, input, 0, new Randoms(3));
    expect(() => without.next("pairs", 4, "by-picture")).toThrow(/no training clip of class number/);
  });

  it("vary clips and never pictures, and hand out shares of classes where clips are mixed", () => {
    const clips = quarterSamples(16, 1, 4);
    const pictures = quarterSamples(16, 2, 1);
    const of = (augmentations: RunSpec["augmentations"] & object) => {
      const recipe = recipeOf(tinySpec({ augmentations }));
      const batches = new Batches(clips, pictures, input, 0, new Randoms(3), { classes, augmentations: recipe.augmentations });
      return { pairs: batches.next("pairs", 16), stills: batches.next("pictures", 16) };
    };
    const [plain, varied, mixed] = [of([]), of([{ id: "nda" }]), of([{ id: "nda" }, { id: "mixup" }])];
    for (const { pairs, stills } of [varied, mixed]) {
      expect(pairs.events).not.toEqual(plain.pairs.events);
      expect(pairs.labels).toEqual(plain.pairs.labels);
      expect(pairs.pictures).toEqual(plain.pairs.pictures);
      expect(stills).toEqual(plain.stills);
    }
    expect(plain.pairs.targets ?? varied.pairs.targets).toBeUndefined();
    expect(mixed.pairs.targets?.events.some((share) => share > 0.1 && share < 0.9)).toBe(true);
    expect(
      mixed.pairs.targets?.pictures.every(
        (share, i) => share === (i % classes === plain.pairs.labels[Math.floor(i / classes)] ? 1 : 0),
      ),
    ).toBe(true);
  });

  it("shift with zeros from outside", () => {
    const from = Float32Array.from({ length: 3 * 3 }, (_, i) => i + 1);
    const to = new Float32Array(9);
    copyShifted(from, 0, to, 0, [1, 3, 3, 1], 1, -1);
    expect([...to]).toEqual([0, 4, 5, 0, 7, 8, 0, 0, 0]);
    to.fill(0);
    copyShifted(from, 0, to, 0, [1, 3, 3, 1], -2, 1);
    expect([...to]).toEqual([0, 0, 0, 3, 0, 0, 6, 0, 0]);
  });
});

// Whole trainings take minutes in plain JavaScript and on a GPU in software; there only the single passes are tried.
onEachBackend((backend, software) => {
  const slow = backend === "js" || software;
  // Without what keeps the loss above zero for good: the coefficients, and most of the alignment.
  it.skipIf(slow).each<[string, Readonly<Record<string, unknown>>, Partial<RunSpec>]>([
    ["scratch", {}, {}],
    ["tet", {}, { ...r2etlUnits, model: { id: "vgg-snn", params: { preset: "nano" } } }],
    ["sliding-kt", { coefficients: "off", kappa: 0.05 }, {}],
    ["r2etl", {}, r2etlUnits],
    ["time-step-mixup", { lambdaAlignment: 0.05 }, {}],
  ])("learns one batch by heart with %s: loss below a tenth of its start in 200 steps", async (id, params, over) => {
    const trainer = trainerFor(id, { shift: 0, ...params }, 8, 16, over);
    const { best } = await trainer.run();
    const start = Math.log(classes) * chooseTransfer({ id }).heads.length; // of logits that say nothing
    expect(best?.metrics.trainLoss).toBeLessThan(0.1 * start);
    expect(best?.metrics.trainAccuracy).toBe(1);
    trainer.dispose();
  });

  it.skipIf(slow)("equals training from scratch when pictures have no weight", async () => {
    const run = async (id: string, params: Readonly<Record<string, unknown>>) => {
      const trainer = trainerFor(id, params, 1, 4);
      await trainer.run();
      const names = ["block1.conv", "block3.conv", "block4.gamma", "head.event.weights"];
      const values = await Promise.all(names.map(async (name) => trainer.network.weights[name]?.data()));
      trainer.dispose();
      return values.map((value) => [...(value ?? [])]);
    };
    const scratch = await run("scratch", {});
    const silent = await run("sliding-kt", { kappa: 0, coefficients: "off", staticWeight: 0 });
    expect(silent).toEqual(scratch);
    expect(await run("sliding-kt", { kappa: 0, coefficients: "off" })).not.toEqual(scratch);
  });

  it("sees identical streams as aligned once all pictures are replaced", async () => {
    const network = recipeOf(tinySpec()).network(classes, { heads: ["event", "static"] }, drawsOf(1));
    const clips = quarterSamples(8, 1, 4);
    const batch = new Batches(clips, quarterSamples(8, 2, 1), input, 0, new Randoms(1)).next("pairs", 8);
    replaceRows(batch, 1, () => 0.5);
    expect(batch.pictures).toEqual(batch.events);
    const cka = tf.tidy(() => {
      const features = (values: Float32Array | undefined, head: string): Tensor2D => {
        const x = tf.tensor4d(values ?? new Float32Array(0), [32, 16, 16, 2]);
        return network.forward(x, { head, training: true }).features as Tensor2D;
      };
      return ckaPerStep(features(batch.pictures, "static"), features(batch.events, "event"), 4);
    });
    for (const value of await cka.data()) expect(value).toBeCloseTo(1, 4);
    cka.dispose();
    network.dispose();
  });
});

describe("transfers", () => {
  it("refuse parameters they do not have, by name", () => {
    expect(() => chooseTransfer({ id: "sliding-kt", params: { kapa: 1 } })).toThrow(/unknown parameter "kapa"/);
    expect(() => chooseTransfer({ id: "osmosis" })).toThrow(/no transfer called "osmosis"/);
  });
});
