import { beforeAll, describe, expect, it } from "vitest";
import { parseParams } from "#shared/units/params.ts";
import { createRandom } from "#main/tensor/random.ts";
import type { LifSpec } from "#main/tensor/ops.ts";
import { expectClose, vectors } from "#main/tensor/testing/vectors.ts";
import { tf } from "#main/tensor/tf.ts";
import { selectBackend } from "#main/units/backends/select.ts";
import type { Network } from "../model.ts";
import { presetNames } from "../common.ts";
import { vggSnn } from "./vgg-snn.ts";

const neuron: LifSpec = {
  keep: 0.5,
  gain: 0.5,
  threshold: 0.5,
  detachReset: true,
  potential: "post",
  surrogate: "quadratic-gate",
  alpha: 2,
};

function build(raw: Readonly<Record<string, unknown>>, classes: number, heads: readonly string[], seed = 1): Network {
  const params = parseParams(vggSnn.params, raw);
  const { size, steps } = vggSnn.input(params);
  return vggSnn.build(params, {
    input: [steps, size, size, 2],
    classes,
    neuron,
    heads,
    random: createRandom(seed, "weights").next,
    noise: createRandom(seed, "noise").next,
  });
}

const count = ({ trainable, weights }: Network): number => trainable.reduce((sum, name) => sum + (weights[name]?.size ?? 0), 0);

beforeAll(async () => {
  await selectBackend("js");
});

describe("the spiking VGG", () => {
  it("has as many parameters as the published one", () => {
    const wanted = vectors.parameter_counts.he_vgg_optimised_parameters;
    const steps = 10; // alignment coefficients, which belong to the transfer
    for (const [classes, total] of [
      [101, wanted.classes101_T10],
      [10, wanted.classes10_T10],
    ] as const) {
      const network = build({ preset: "paper" }, classes, ["event", "static"]);
      expect(count(network) + steps).toBe(total);
      network.dispose();
    }
  });

  it("starts from the uniform range of the published one, the same for the same seed", async () => {
    const network = build({ preset: "paper" }, 101, ["event"]);
    const conv = (await network.weights["block2.conv"]?.data()) ?? new Float32Array(0);
    const head = (await network.weights["head.event.weights"]?.data()) ?? new Float32Array(0);
    const bounds = [Math.max(...conv.slice(0, 50_000)), Math.max(...head.slice(0, 50_000))];
    expectClose(
      bounds,
      [vectors.init.torch_default_uniform_bound_conv3x3_in64, vectors.init.torch_default_uniform_bound_linear_in4608],
      0,
      1e-3,
    );
    expect(Math.max(...bounds.map((bound, i) => bound / (i === 0 ? 1 / 24 : 1 / Math.sqrt(4608))))).toBeLessThanOrEqual(1 + 1e-6);
    network.dispose();
    const [a, b, c] = [
      build({ preset: "nano" }, 3, ["event"], 5),
      build({ preset: "nano" }, 3, ["event"], 5),
      build({ preset: "nano" }, 3, ["event"], 6),
    ];
    const values = await Promise.all([a, b, c].map(async (made) => [...((await made.weights["block1.conv"]?.data()) ?? [])]));
    expect(values[0]).toEqual(values[1]);
    expect(values[0]).not.toEqual(values[2]);
    for (const made of [a, b, c]) made.dispose();
  });

  it.each(presetNames.filter((name) => name !== "paper"))("runs forward as %s", (preset) => {
    const network = build({ preset }, 4, ["event", "static"]);
    const params = parseParams(vggSnn.params, { preset });
    const { size, steps } = vggSnn.input(params);
    tf.tidy(() => {
      const x = tf.randomUniform([steps * 2, size, size, 2], 0, 3, "float32", 1);
      const out = network.forward(x, { head: "event", training: true, spikes: true });
      expect(out.logits.shape).toEqual([steps * 2, 4]);
      expect(out.features?.shape[0]).toBe(steps * 2);
      expect(Object.keys(out.spikes ?? {})).toHaveLength(Object.keys(network.macs).length - 1);
      for (const spikes of Object.values(out.spikes ?? {})) {
        for (const value of spikes.dataSync().slice(0, 500)) expect([0, 1]).toContain(value);
      }
    });
    network.dispose();
  });

  it("keeps one set of running averages, or one per stream", async () => {
    for (const runningAverages of ["shared", "per-stream"]) {
      const network = build({ preset: "nano", runningAverages }, 3, ["event", "static"]);
      const read = async () => [...((await network.weights["block1.mean"]?.data()) ?? [])];
      const before = await read();
      tf.tidy(() => network.forward(tf.ones([8, 16, 16, 2]), { head: "static", training: true }).logits).dispose();
      if (runningAverages === "shared") expect(await read()).not.toEqual(before);
      else expect(await read()).toEqual(before);
      network.dispose();
    }
  });

  it("never lets the head for pictures touch an answer", async () => {
    const network = build({ preset: "nano", runningAverages: "per-stream" }, 3, ["event", "static"]);
    const answer = async () => {
      const logits = tf.tidy(() => network.forward(tf.ones([4, 16, 16, 2]), { head: "event", training: false }).logits);
      const values = [...(await logits.data())];
      logits.dispose();
      return values;
    };
    const clean = await answer();
    for (const [name, variable] of Object.entries(network.weights)) {
      if (name.includes("static")) tf.tidy(() => variable.assign(tf.fill(variable.shape, Number.NaN)));
    }
    expect(await answer()).toEqual(clean);
    network.dispose();
  });

  it("refuses an input that pooling would use up", () => {
    const params = parseParams(vggSnn.params, { preset: "tiny" });
    const input = [2, 4, 4, 2] as const;
    expect(() =>
      vggSnn.build(params, { input, classes: 3, neuron, heads: ["event"], random: Math.random, noise: Math.random }),
    ).toThrow(/at least 8×8/);
  });
});
