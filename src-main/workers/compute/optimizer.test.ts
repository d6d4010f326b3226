import { describe, expect, it } from "vitest";
import { parseRunSpec } from "#shared/api/run-spec.ts";
import vectors from "#main/tensor/vectors.json" with { type: "json" };
import { rateOf } from "./optimizer.ts";
import { recipeOf } from "./spec.ts";

const { learning_rate: known } = vectors;
const dataset = { name: "any" };
const settingsOf = (over: object) => recipeOf(parseRunSpec({ dataset, ...over })).optimizer;
const rates = (over: object, epochs: number, at: readonly number[]): number[] => at.map(rateOf(settingsOf(over), epochs));
const expectRates = (found: readonly number[], wanted: readonly number[]): void => {
  expect(found.length).toBe(wanted.length);
  for (const [i, value] of wanted.entries()) expect(Math.abs(found[i]! - value)).toBeLessThan(1e-12 + 1e-9 * value);
};

describe("the schedules of a run file", () => {
  it.each([
    ["cosine", { schedule: "cosine", learningRate: known.he_ncaltech101.scaled_lr, warmupEpochs: 5 }, 300, known.he_ncaltech101],
    [
      "step",
      { schedule: "step", learningRate: known.he_nomniglot_step.scaled_lr, warmupEpochs: 5, stepEpochs: 40, gamma: 0.1 },
      50,
      known.he_nomniglot_step,
    ],
    ["stairs", { schedule: "stairs", learningRate: 2e-4, stepEpochs: 50, gamma: 0.5 }, 150, known.r2etl_step],
    ["cosine-to-zero", { schedule: "cosine-to-zero", learningRate: 1e-3 }, 150, known.tet_cosine],
  ] as const)("%s has the rates of its publication", (_, params, epochs, { epoch, lr }) => {
    for (const id of ["adamw", "adam", "sgd"]) expectRates(rates({ optimizer: { id, params } }, epochs, epoch), lr);
  });

  it("constant stays, after a warm-up that takes a quarter at most", () => {
    const params = { schedule: "constant", learningRate: 0.1, warmupEpochs: 5 };
    expectRates(rates({ optimizer: { params } }, 8, [0, 1, 2, 7]), [1e-6, 1e-6 + (0.1 - 1e-6) / 2, 0.1, 0.1]);
    expectRates(rates({ optimizer: { params } }, 40, [0, 5, 39]), [1e-6, 0.1, 0.1]);
  });

  it("a rate below the end of the cosine does not grow", () => {
    expectRates(rates({ optimizer: { params: { learningRate: 1e-6 } } }, 10, [0, 5, 9]), [1e-6, 1e-6, 1e-6]);
  });
});

describe("the optimizer of a published recipe", () => {
  const source = { dataset: "pictures" };
  const paper = { params: { preset: "paper" } };

  it.each([
    ["sliding-kt", { params: { mode: "reference" } }, {}],
    ["scratch", {}, { model: paper }],
    ["time-step-mixup", {}, { model: paper }],
    ["fine-tune", {}, { model: paper }],
  ])("of %s is AdamW, 5e-3 for 1024 clips, with five epochs of warm-up and a cosine", (id, transfer, over) => {
    const spec = { source, batchSize: 120, transfer: { id, ...transfer }, ...over };
    expect(settingsOf(spec)).toMatchObject({ kind: "adamw", weightDecay: 0.01 });
    expectRates(rates(spec, 300, known.he_ncaltech101.epoch), known.he_ncaltech101.lr);
  });

  it("of r2etl is Adam with stairs, of tet Adam with a cosine to zero", () => {
    const r2etl = { source, transfer: { id: "r2etl", params: { mode: "reference" } } };
    expect(settingsOf(r2etl)).toMatchObject({ kind: "adam", weightDecay: 0 });
    expectRates(rates(r2etl, 150, [0, 29, 30, 149]), [2e-4, 2e-4, 1e-4, 2e-4 / 16]);
    const tet = { transfer: "tet", model: paper };
    expectRates(rates(tet, 150, known.tet_cosine.epoch), known.tet_cosine.lr);
  });

  it("gives way to one that is named, and lends what is not", () => {
    const reference = { source, transfer: { id: "sliding-kt", params: { mode: "reference" } } };
    expect(settingsOf({ ...reference, optimizer: "sgd" })).toMatchObject({ kind: "sgd", learningRate: 0.1, momentum: 0.9 });
    const changed = settingsOf({ ...reference, optimizer: { params: { learningRate: 0.01 } } });
    expect(changed).toMatchObject({ kind: "adamw", learningRate: 0.01, warmupEpochs: 5 });
  });

  it("is not that of a small network", () => {
    expect(settingsOf({ source, transfer: "r2etl" })).toMatchObject({ kind: "adamw", learningRate: 3e-3 });
  });
});
