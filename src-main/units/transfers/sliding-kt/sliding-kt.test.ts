import { describe, expect, it } from "vitest";
import { seeded } from "#main/lib/testing/random.ts";
import { onEachBackend } from "#main/tensor/testing/each-backend.ts";
import { expectClose, foldNtd, vectors } from "#main/tensor/testing/vectors.ts";
import { tf } from "#main/tensor/tf.ts";
import { rowsOfOtherClasses } from "../other-class.ts";
import { replaceRows } from "../replace-rows.ts";
import { fakeNetwork, planOf, positionIn } from "../testing/fake-network.ts";
import { slidingKt } from "./sliding-kt.ts";

describe("replacement", () => {
  it("follows the reference's draws", () => {
    const { u, P, replaced } = vectors.sliding.draw_example;
    let at = 0;
    const batch = {
      ...{ events: new Float32Array(8).fill(1), pictures: new Float32Array(8), labels: new Int32Array(4), steps: 2, size: 4 },
      targets: { events: Float32Array.of(0.5, 0.5, 0.5, 0.5), pictures: Float32Array.of(1, 1, 1, 1) },
    };
    expect(replaceRows(batch, P, () => u[at++]!)).toBe(2);
    expect([...batch.pictures]).toEqual([...replaced, ...replaced]);
    expect([...batch.targets.pictures]).toEqual(replaced.map((row) => (row === 1 ? 0.5 : 1)));
  });
});

it("reports the probability of replacement that was used, and what came of it", async () => {
  const plan = planOf(slidingKt, { coefficients: "off" }, fakeNetwork({}), 3, 3);
  for (const iteration of [0, 50, 100]) {
    const host = { events: new Float32Array(64), pictures: new Float32Array(64), labels: new Int32Array(64), steps: 1, size: 64 };
    plan.prepare?.(host, positionIn(plan, 0, iteration, 100));
  }
  const { replacementProbability, replaced } = await plan.report();
  expect(replacementProbability).toBeCloseTo((0 + 1 / 8 + 1) / 3, 6);
  expect(Math.abs((replaced ?? 0) - 0.375)).toBeLessThan(0.06);
  expect(await plan.report()).toEqual({});
});

describe("rows of other classes", () => {
  it("never have the same class, and are none when there is one class", () => {
    const labels = Int32Array.of(0, 1, 1, 2, 0, 2);
    const others = rowsOfOtherClasses(labels, seeded(1)) ?? [];
    for (const [n, m] of others.entries()) expect(labels[m]).not.toBe(labels[n]);
    expect(others).toHaveLength(6);
    expect(rowsOfOtherClasses(Int32Array.of(1, 1), seeded(1))).toBeUndefined();
  });
});

onEachBackend(() => {
  const v = vectors.he_total_loss;
  const rows = (values: readonly (readonly number[])[]) => tf.tensor2d(values.map((row) => [...row]));
  const stream = (logits: typeof v.logits_event_TNC, features: typeof v.features_event_NTD) => () => ({
    logits: rows(logits.flat()),
    features: rows(foldNtd(features)),
  });
  const network = () =>
    fakeNetwork({
      static: stream(v.logits_static_TNC, v.features_static_NTD),
      event: stream(v.logits_event_TNC, v.features_event_NTD),
    });
  const batch = { events: tf.zeros([1]), pictures: tf.ones([1]), size: 4 };
  const lossOf = async (raw: Readonly<Record<string, unknown>>, extra: object = {}) => {
    const plan = planOf(slidingKt, raw, network(), 3, 3);
    const labels = tf.tensor1d(v.labels, "int32");
    const { loss } = plan.loss({ ...batch, labels, ...extra }, positionIn(plan, 0, 50, 100));
    const reported = await plan.report();
    return { value: (await loss.data())[0] ?? NaN, reported, variables: plan.variables };
  };

  it("has the reference's loss without coefficients, and as many variables as it trains", async () => {
    const { value, variables } = await lossOf({ coefficients: "off" });
    expectClose([value], [v.without_coefficients.total]);
    expect(variables).toEqual({});
    expect(Object.keys((await lossOf({})).variables)).toEqual(["eta"]);
    expect((await lossOf({ kappa: 0 })).variables).toEqual({});
    expect((await lossOf({ coefficients: "fixed" })).variables).toEqual({});
  });

  it("classifies the mean over the steps alone when asked to, without coefficients", async () => {
    const { value, variables } = await lossOf({ loss: "mean-logits" });
    const mean = (logits: typeof v.logits_event_TNC): number => {
      const rowsOf = v.labels.map((_, n) =>
        logits[0]!.at(n).map((_value, c) => logits.reduce((sum, step) => sum + step[n]![c]!, 0) / 3),
      );
      const losses = rowsOf.map((row, n) => Math.log(row.reduce((sum, o) => sum + Math.exp(o), 0)) - row[v.labels[n]!]!);
      return losses.reduce((sum, loss) => sum + loss, 0) / losses.length;
    };
    const tet = (await lossOf({ coefficients: "off" })).value;
    const alignment = tet - (await lossOf({ coefficients: "off", kappa: 0 })).value;
    expectClose([value], [mean(v.logits_static_TNC) + mean(v.logits_event_TNC) + alignment], 1e-5);
    expect(variables).toEqual({});
  });

  it("begins with the reference's coefficients", async () => {
    const { reported } = await lossOf({});
    for (const t of [0, 1, 2]) expect(reported[`coefficient${t}`]).toBeCloseTo(v.sigmoid_of_initial_eta, 5);
  });

  it("adds the semantic term of the first version, less the more pictures are replaced", async () => {
    const { permutation_of_static_rows, "term_coefficient0.5_P0.125": term } = vectors.he_v1_semantic;
    const others = tf.tensor1d(permutation_of_static_rows, "int32");
    const without = await lossOf({ coefficients: "off", kappa: 1 });
    const { value } = await lossOf({ coefficients: "off", kappa: 1, semantic: 0.5, margin: 0.2 }, { others });
    expectClose([value - without.value], [term], 5e-6); // half-way, so P = 1/8
  });
});
