import { beforeAll, describe, expect, it } from "vitest";
import { vectors } from "#main/tensor/testing/vectors.ts";
import { tf } from "#main/tensor/tf.ts";
import { selectBackend } from "#main/units/backends/select.ts";
import { buildModel, countOf, describeModel, neuronB } from "../testing/describe-model.ts";
import { vggR2etl } from "./vgg-r2etl.ts";

describeModel(vggR2etl);

describe("the spiking VGG with bottleneck", () => {
  beforeAll(async () => {
    await selectBackend("js");
  });

  it.each(["strided", "pooling"])("has as many parameters as the published one, %s", (variant) => {
    const wanted = vectors.parameter_counts.r2etl_vgg_stride;
    const streams = { heads: ["event", "static"], ownInput: { static: 3 } };
    const network = buildModel(vggR2etl, { preset: "paper", variant }, { ...streams, classes: 10 });
    expect(countOf(network)).toBe(wanted.classes10);
    expect(countOf(network, "encoder")).toBe(wanted.of_which_two_encoders);
    expect(countOf(network, "trunk")).toBe(wanted.trunk);
    expect(countOf(network, "bottleneck")).toBe(wanted.bottleneck);
    expect(countOf(network) + 90 * (countOf(network, "head") / 10)).toBe(wanted.classes100);
    network.dispose();
  });

  it("halves the frame by stride or by pooling, to the published sizes", () => {
    for (const variant of ["strided", "pooling"]) {
      const network = buildModel(vggR2etl, { preset: "paper", variant });
      expect(network.weights["bottleneck.weights"]?.shape).toEqual([4608, 256]);
      expect(network.shapes["trunk1"]).toEqual(variant === "strided" ? [24, 24, 128] : [48, 48, 128]);
      expect(network.shapes["trunk7"]).toEqual(variant === "strided" ? [3, 3, 512] : [6, 6, 512]);
      network.dispose();
    }
  });

  it("hands out the bottleneck's potential, of the second neuron where there are two", () => {
    tf.tidy(() => {
      const x = tf.randomUniform([8, 16, 16, 2], 0, 3, "float32", 1);
      for (const bottleneck of ["one-neuron", "two-neurons"]) {
        const network = buildModel(vggR2etl, { preset: "nano", bottleneck }, { neuron: neuronB });
        const { features, spikes = {} } = network.forward(x, { head: "event", training: true, spikes: true });
        const last = spikes[bottleneck === "two-neurons" ? "bottleneck2" : "bottleneck"];
        // The potential before the reset crosses the threshold exactly where there is a spike.
        expect([...tf.greater(features!, 1).dataSync()]).toEqual([...last!.dataSync()]);
        expect(network.reads?.["head"]).toBe(bottleneck === "two-neurons" ? "bottleneck2" : undefined);
        network.dispose();
      }
    });
  });
});
