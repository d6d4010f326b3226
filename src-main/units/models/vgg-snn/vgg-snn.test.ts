import { beforeAll, describe, expect, it } from "vitest";
import { parseParams } from "#shared/units/params.ts";
import { expectClose, vectors } from "#main/tensor/testing/vectors.ts";
import { tf } from "#main/tensor/tf.ts";
import { selectBackend } from "#main/units/backends/select.ts";
import { presetNames } from "../common.ts";
import { buildModel, countOf, describeModel } from "../testing/describe-model.ts";
import { vggSnn } from "./vgg-snn.ts";

const both = { heads: ["event", "static"] };

describeModel(vggSnn);

describe("the spiking VGG", () => {
  beforeAll(async () => {
    await selectBackend("wasm");
  });

  it("has as many parameters as the published one", () => {
    const wanted = vectors.parameter_counts.he_vgg_optimised_parameters;
    const parts = vectors.parameter_counts.he_vgg_trainable_plus_node_constants;
    const steps = 10; // alignment coefficients, which belong to the transfer
    for (const [classes, total] of [
      [101, wanted.classes101_T10],
      [10, wanted.classes10_T10],
    ] as const) {
      const network = buildModel(vggSnn, { preset: "paper" }, { ...both, classes });
      expect(countOf(network) + steps).toBe(total);
      if (classes === 101) expect(countOf(network, "head")).toBe(parts.two_heads);
      expect(countOf(network, "block")).toBe(parts.of_which_conv + parts.batch_norm_affine);
      network.dispose();
    }
  });

  it("starts from the uniform range of the published one", async () => {
    const network = buildModel(vggSnn, { preset: "paper" }, { classes: 101 });
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
  });

  it.each(presetNames.filter((name) => name !== "paper"))("runs forward as %s", (preset) => {
    const network = buildModel(vggSnn, { preset }, both);
    const { size, steps } = vggSnn.input(parseParams(vggSnn.params, { preset }));
    tf.tidy(() => {
      const x = tf.randomUniform([steps * 2, size, size, 2], 0, 3, "float32", 1);
      const out = network.forward(x, { head: "event", training: true, spikes: true });
      expect(out.logits.shape).toEqual([steps * 2, 3]);
      expect(out.features?.shape[0]).toBe(steps * 2);
      expect(Object.keys(out.spikes ?? {})).toHaveLength(Object.keys(network.macs).length - 1);
    });
    network.dispose();
  });

  it("normalizes each step, the sequence, or the sequence scaled by the threshold, as it is asked to", () => {
    const feature = (normalization: string): Float32Array =>
      tf.tidy(() => {
        const network = buildModel(vggSnn, { preset: "nano", normalization });
        const x = tf.mul(tf.randomUniform([8, 16, 16, 2], 0, 3, "float32", 1), tf.range(1, 9).reshape([8, 1, 1, 1]));
        const { features } = network.forward(x, { head: "event", training: true });
        network.dispose();
        return features!.dataSync<"float32">().slice();
      });
    const [perStep, sequence, tdbn] = ["per-step", "sequence", "tdbn"].map(feature);
    expect(perStep).not.toEqual(sequence);
    expect(tdbn).not.toEqual(sequence);
  });

  it("keeps one set of running averages, or one per stream", async () => {
    for (const runningAverages of ["shared", "per-stream"]) {
      const network = buildModel(vggSnn, { preset: "nano", runningAverages }, both);
      const read = async () => [...((await network.weights["block1.mean"]?.data()) ?? [])];
      const before = await read();
      tf.tidy(() => network.forward(tf.ones([8, 16, 16, 2]), { head: "static", training: true }).logits).dispose();
      if (runningAverages === "shared") expect(await read()).not.toEqual(before);
      else expect(await read()).toEqual(before);
      network.dispose();
    }
  });

  it("refuses an input that pooling would use up", () => {
    expect(() => buildModel(vggSnn, { preset: "tiny" }, { input: [2, 4, 4, 2] })).toThrow(/at least 8×8/);
  });
});
