import { beforeAll, describe, expect, it } from "vitest";
import { tf } from "#main/tensor/tf.ts";
import { selectBackend } from "#main/units/backends/select.ts";
import { buildModel, countOf, describeModel } from "../testing/describe-model.ts";
import { nmnistNet } from "./nmnist-net.ts";

describeModel(nmnistNet);

describe("the spiking network with voting", () => {
  beforeAll(async () => {
    await selectBackend("js");
  });

  it("has the published layers: counted by hand, as there is no published total", () => {
    const network = buildModel(nmnistNet, { preset: "paper" }, { heads: ["event", "static"], classes: 10 });
    expect(countOf(network, "block1")).toBe(9 * 2 * 128 + 2 * 128);
    expect(countOf(network, "block2")).toBe(9 * 128 * 128 + 2 * 128);
    expect(countOf(network, "hidden")).toBe(8192 * 2048 + 2048);
    expect(countOf(network, "head")).toBe(2 * (2048 * 100 + 100));
    expect(network.shapes).toMatchObject({ block2: [17, 17, 128], votes: [100] });
    network.dispose();
  });

  it("answers with shares of votes", () => {
    tf.tidy(() => {
      const network = buildModel(nmnistNet, { preset: "nano" });
      const x = tf.randomUniform([8, 16, 16, 2], 0, 3, "float32", 1);
      const { logits, spikes } = network.forward(x, { head: "event", training: true, spikes: true });
      const votes = spikes!["votes"]!.dataSync<"float32">();
      for (const [i, logit] of logits.dataSync().entries()) {
        const fired = votes.slice(10 * i, 10 * (i + 1)).reduce((sum, vote) => sum + vote, 0);
        expect(logit).toBeCloseTo(fired / 10, 6);
      }
      network.dispose();
    });
  });

  it("drops in training only, the same for the same seed", () => {
    tf.tidy(() => {
      const x = tf.randomUniform([8, 16, 16, 2], 0, 3, "float32", 1);
      const of = (seed: number, training: boolean) => {
        const network = buildModel(nmnistNet, { preset: "nano" }, { seed });
        const values = [1, 2].map(() => [...network.forward(x, { head: "event", training }).features!.dataSync()]);
        network.dispose();
        return values;
      };
      const [first, second] = of(1, true);
      expect(first).not.toEqual(second);
      expect(of(1, true)).toEqual([first, second]);
      const [calm, again] = of(1, false);
      expect(calm).toEqual(again);
    });
  });
});
