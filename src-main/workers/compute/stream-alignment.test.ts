import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Rank, Tensor, Tensor2D } from "@tensorflow/tfjs";
import { ckaPerStep, linearCka } from "#main/tensor/cka.ts";
import { tensorCount } from "#main/tensor/memory.ts";
import { createRandom } from "#main/tensor/random.ts";
import { tf } from "#main/tensor/tf.ts";
import { selectBackend } from "#main/units/backends/select.ts";
import type { Network } from "#main/units/models/model.ts";
import type { Samples } from "./load.ts";
import { stack } from "./measure.ts";
import { recipeOf, type InputShape } from "./spec.ts";
import { alignmentMap, layerAlignment, pairsFor, type Pairs } from "./stream-alignment.ts";
import { tinySpec } from "./testing/tiny-job.ts";

const input: InputShape = [4, 16, 16, 2];
const size = input[1] * input[2] * input[3];

/** So many samples of each of three classes with random values: clips of four frames, or pictures of one. */
function samplesOf(perClass: number, frames: number, purpose: string): Samples {
  const { next } = createRandom(1, purpose);
  const labels = [0, 1, 2].flatMap((classIndex) => Array.from({ length: perClass }, () => classIndex));
  return {
    samples: labels.map((classIndex, n) => ({ id: `${classIndex}/${n}`, path: "", label: "", classIndex })),
    values: labels.map((label) => Float32Array.from({ length: frames * size }, () => (next() < 0.3 ? 3 * (label + next()) : 0))),
  };
}

const networkFor = (transfer: string): Network => {
  const recipe = recipeOf(tinySpec({ transfer: { id: transfer } }), { width: 34, height: 34 });
  const { next } = createRandom(1, "weights");
  const network = recipe.network(3, recipe.transfer, { weights: next, noise: next });
  // Without training and with averages of 0 and 1 the last layers would be silent.
  for (const weight of Object.values(network.weights)) {
    if (weight.shape.length === 4) tf.tidy(() => weight.assign(weight.mul(5)));
  }
  return network;
};

beforeAll(async () => {
  await selectBackend("js");
});
afterAll(() => {
  expect(tensorCount()).toBe(0);
});

describe("pairs to compare streams by", () => {
  const clips = samplesOf(6, 4, "clips");
  const pictures = samplesOf(4, 1, "pictures");

  it("share their class, take all classes alike and are the same for a seed", () => {
    const pairs = pairsFor({ validation: clips }, pictures, input, 2, 4, 7);
    expect(pairs).toMatchObject({ part: "validation", batch: 8 });
    const classOf = (all: Samples, values: Float32Array | undefined) => all.samples[all.values.indexOf(values!)]?.classIndex;
    const labels = pairs?.clips.map((values) => classOf(clips, values)) ?? [];
    expect(pairs?.pictures.map((values) => classOf(pictures, values))).toEqual(labels);
    expect(labels).toHaveLength(16);
    for (const label of [0, 1, 2]) expect(labels.filter((one) => one === label).length).toBeGreaterThanOrEqual(5);
    expect(pairsFor({ validation: clips }, pictures, input, 2, 4, 7)).toEqual(pairs);
    expect(pairsFor({ validation: clips }, pictures, input, 2, 4, 8)?.clips).not.toEqual(pairs?.clips);
  });

  it("come from the first part with enough clips, and are none where nothing can be compared", () => {
    const few = samplesOf(1, 4, "few");
    expect(pairsFor({ test: few, training: clips }, pictures, input, 2, 32, 1)?.part).toBe("training");
    const [some, many] = [samplesOf(4, 4, "some"), samplesOf(12, 4, "many")];
    expect(pairsFor({ test: some, training: clips }, pictures, input, 2, 32, 1)?.part).toBe("training"); // 12 and 18 of 32
    expect(pairsFor({ test: many, training: samplesOf(20, 4, "more") }, pictures, input, 2, 32, 1)?.part).toBe("test");
    expect(pairsFor({ test: few }, pictures, input, 2, 32, 1)).toBeUndefined();
    expect(pairsFor({ test: clips }, { samples: [], values: [] }, input, 2, 32, 1)).toBeUndefined();
    expect(pairsFor({ test: clips }, pictures, input, 3, 32, 1)).toBeUndefined();
  });
});

describe("alignment of the streams", () => {
  const pairs = pairsFor({ test: samplesOf(6, 4, "clips") }, samplesOf(4, 1, "pictures"), input, 2, 9, 7) as Pairs;
  const heads = { pictures: "static", clips: "event" };

  it("is CKA of each layer's spikes, as the operation on features computes it", async () => {
    const network = networkFor("sliding-kt");
    const map = await alignmentMap(network, heads, pairs, input);
    const of = (head: string, sequences: readonly Float32Array[]): readonly Tensor[] => {
      const x = tf.tensor4d(stack(sequences, 4), [4 * sequences.length, 16, 16, 2]);
      const { spikes = {} } = network.forward(x, { head, training: false, spikes: true });
      return Object.values(spikes).map((tensor) => tf.reshape(tensor, [4, sequences.length, -1]));
    };
    const still = pairs.pictures.map((frame) => Float32Array.from({ length: 4 * size }, (_, i) => frame[i % size] ?? 0));
    const wanted = tf.tidy(() => {
      const [shown, seen] = [of("static", still), of("event", pairs.clips)];
      const flat = (x: Tensor) => tf.reshape<Rank.R2>(x, [4 * pairs.clips.length, -1]);
      const sum = (x: Tensor | undefined) => tf.sum<Tensor2D>(x!, 0);
      return {
        across: Array.from(linearCka(sum(shown[0]), sum(seen[2]), "debiased").dataSync())[0],
        same: shown.map((x, k) => linearCka(sum(x), sum(seen[k])).dataSync()[0]),
        steps: Array.from(ckaPerStep(flat(shown[1]!), flat(seen[1]!), 4).dataSync()),
      };
    });
    expect(map.layers).toHaveLength(4);
    expect(Math.abs(wanted.across ?? 0)).toBeGreaterThan(0.01); // no layer is silent
    expect(map.between.debiased[0]?.[2]).toBeCloseTo(wanted.across ?? NaN, 4);
    map.bySteps.biased[1]?.forEach((value, t) => expect(value).toBeCloseTo(wanted.steps[t] ?? NaN, 4));
    map.layers.forEach((_, k) => expect(map.between.biased[k]?.[k]).toBeCloseTo(wanted.same[k] ?? NaN, 4));
    const layers = await layerAlignment(network, heads, pairs, input);
    expect(layers).toMatchObject({ part: "test", pairs: 18, layers: map.layers });
    layers.debiased.forEach((value, k) => expect(value).toBeCloseTo(map.between.debiased[k]?.[k] ?? NaN, 10));
    network.dispose();
  });

  it("is one for a stream with itself", async () => {
    const network = networkFor("scratch");
    const frames = pairs.pictures.map((frame) => Float32Array.from({ length: 4 * size }, (_, i) => frame[i % size] ?? 0));
    const { biased, debiased } = await layerAlignment(
      network,
      { pictures: "event", clips: "event" },
      { ...pairs, clips: frames },
      input,
    );
    for (const value of [...biased, ...debiased]) expect(value).toBeCloseTo(1, 5);
    network.dispose();
  });

  it("takes pictures in colour through the input layer of their own", async () => {
    const network = networkFor("r2etl");
    const frame = (3 / 2) * size;
    const pictures = pairs.pictures.map((values) => Float32Array.from({ length: frame }, (_, i) => values[i % size] ?? 0));
    const found = await layerAlignment(network, heads, { ...pairs, pictures }, input);
    expect(found.layers.length).toBe(Object.keys(network.shapes).length);
    expect(found.biased.every((value) => value >= 0 && value <= 1.000001)).toBe(true);
    network.dispose();
  });
});
