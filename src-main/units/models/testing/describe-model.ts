import { beforeAll, describe, expect, it } from "vitest";
import { parseParams, type RawParams } from "#shared/units/params.ts";
import { createRandom } from "#main/tensor/random.ts";
import type { LifSpec } from "#main/tensor/ops.ts";
import { tf } from "#main/tensor/tf.ts";
import { selectBackend } from "#main/units/backends/select.ts";
import type { Model, ModelParts, Network } from "../model.ts";

/** Constants of the two published neurons, with the surrogates used with them. */
export const neuronA: LifSpec = {
  ...{ keep: 0.5, gain: 0.5, threshold: 0.5, detachReset: true, potential: "post" },
  ...{ surrogate: "quadratic-gate", alpha: 2 },
};
export const neuronB: LifSpec = {
  ...{ keep: 0.5, gain: 1, threshold: 1, detachReset: false, potential: "pre" },
  ...{ surrogate: "triangle", alpha: 1 },
};

/** What a test may change about a network. */
export type Built = Partial<Pick<ModelParts, "classes" | "heads" | "ownInput" | "neuron" | "input">> & { readonly seed?: number };

/** Builds a model from raw parameters; three classes, one head and neuron A unless something else is said. */
export function buildModel(model: Model, raw: RawParams, { seed = 1, ...over }: Built = {}): Network {
  const params = parseParams(model.params, raw);
  const { size, steps } = model.input(params);
  return model.build(params, {
    ...{ input: [steps, size, size, 2], classes: 3, neuron: neuronA, heads: ["event"] },
    random: createRandom(seed, "weights").next,
    noise: createRandom(seed, "noise").next,
    ...over,
  });
}

/** Trainable numbers, of the weights whose names begin so. */
export const countOf = ({ trainable, weights }: Network, prefix = ""): number =>
  trainable.filter((name) => name.startsWith(prefix)).reduce((sum, name) => sum + (weights[name]?.size ?? 0), 0);

const both = { heads: ["event", "static"] };

/** What every model promises, at its smallest size. */
export function describeModel(model: Model): void {
  const nano = { preset: "nano" };
  const { size, steps } = model.input(parseParams(model.params, nano));
  const batch = 2;
  const inputOf = (channels: number) => tf.randomUniform([steps * batch, size, size, channels], 0, 3, "float32", 1);
  const answer = async (network: Network): Promise<number[]> => {
    const logits = tf.tidy(() => network.forward(inputOf(2), { head: "event", training: false }).logits);
    const values = [...(await logits.data())];
    logits.dispose();
    return values;
  };

  describe(`any model: ${model.id}`, () => {
    beforeAll(async () => {
      await selectBackend("wasm");
    });

    it("answers with logits, features, spikes and the input layer's output as they are asked for", () => {
      const network = buildModel(model, nano, both);
      tf.tidy(() => {
        const pass = { head: "static", training: true, spikes: true, encoder: true };
        const { logits, features, spikes = {}, encoder } = network.forward(inputOf(2), pass);
        expect(logits.shape).toEqual([steps * batch, 3]);
        expect(features?.shape).toEqual([steps * batch, expect.any(Number)]);
        expect(encoder?.shape[0]).toBe(steps * batch);
        expect(Object.keys(spikes)).toEqual(Object.keys(network.shapes));
        for (const [name, tensor] of Object.entries(spikes)) {
          expect(tensor.shape).toEqual([steps * batch, ...(network.shapes[name] ?? [])]);
          expect([...new Set(tensor.dataSync())].every((value) => value === 0 || value === 1)).toBe(true);
        }
        for (const source of Object.values(network.reads ?? {})) if (source !== null) expect(spikes).toHaveProperty([source]);
      });
      const bare = network.forward(inputOf(2), { head: "event", training: false, features: false });
      expect(Object.keys(bare)).toEqual(["logits"]);
      network.dispose();
    });

    it("gives every weight a gradient from the loss of both streams", async () => {
      const network = buildModel(model, nano, { ...both, ownInput: { static: 3 } });
      const variables = network.trainable.map((name) => network.weights[name]!);
      const { grads, value } = tf.variableGrads(() => {
        const pictures = network.forward(inputOf(3), { head: "static", training: true });
        const events = network.forward(inputOf(2), { head: "event", training: true });
        return tf.add(tf.mean(tf.square(tf.sub(pictures.logits, 1))), tf.mean(tf.square(tf.sub(events.logits, 1))));
      }, variables);
      for (const name of network.trainable) {
        const gradient = grads[network.weights[name]!.name];
        expect(gradient, name).toBeDefined();
        for (const number of await gradient!.data()) expect(Number.isFinite(number), name).toBe(true);
      }
      tf.dispose([grads, value]);
      network.dispose();
    });

    it("gives the first head the same weights and answers whatever other streams there are", async () => {
      const alone = buildModel(model, nano);
      const clean = await answer(alone);
      for (const streams of [both, { ...both, ownInput: { static: 3 } }]) {
        const network = buildModel(model, nano, streams);
        expect(Object.keys(network.weights)).toEqual(expect.arrayContaining(Object.keys(alone.weights)));
        expect(await answer(network)).toEqual(clean);
        network.dispose();
      }
      alone.dispose();
    });

    it("never lets read-out, averages or input layer of the pictures touch an answer", async () => {
      for (const ownInput of [{}, { static: 3 }]) {
        const averages = Object.hasOwn(model.params, "runningAverages") ? { runningAverages: "per-stream" } : {};
        const network = buildModel(model, { ...nano, ...averages }, { ...both, ownInput });
        const clean = await answer(network);
        let poisoned = 0;
        for (const [name, variable] of Object.entries(network.weights)) {
          if (!name.includes("static")) continue;
          poisoned += 1;
          tf.tidy(() => variable.assign(tf.fill(variable.shape, Number.NaN)));
        }
        if (Object.keys(ownInput).length > 0 || Object.keys(averages).length > 0) expect(poisoned).toBeGreaterThan(0);
        expect(await answer(network)).toEqual(clean);
        network.dispose();
      }
    });

    it("draws other weights for another seed", async () => {
      const [a, b, c] = [5, 5, 6].map((seed) => buildModel(model, nano, { seed }));
      const answers = await Promise.all([a, b, c].map((network) => answer(network!)));
      expect(answers[0]).toEqual(answers[1]);
      const first = (network: Network | undefined) => [...(network?.weights[network.trainable[0]!]?.dataSync() ?? [])];
      expect(first(a)).not.toEqual(first(c));
      for (const network of [a, b, c]) network?.dispose();
    });
  });
}
