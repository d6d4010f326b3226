import { beforeAll, describe, expect, it } from "vitest";
import { vectors } from "#main/tensor/testing/vectors.ts";
import { selectBackend } from "#main/units/backends/select.ts";
import { buildModel, countOf, describeModel } from "../testing/describe-model.ts";
import { scnn } from "./scnn.ts";

describeModel(scnn);

describe("the small spiking network", () => {
  beforeAll(async () => {
    await selectBackend("js");
  });

  it("has as many parameters as the published one, and one read-out for both streams", () => {
    const wanted = vectors.parameter_counts.he_scnn_1623;
    const network = buildModel(scnn, { preset: "paper" }, { heads: ["event", "static"], classes: 1623 });
    const found = ["block1", "block2", "hidden", "head"].map((name) => countOf(network, name));
    expect(found).toEqual([wanted.conv1, wanted.conv2, wanted.fc, wanted.classifier]);
    expect(countOf(network)).toBe(found.reduce((a, b) => a + b));
    expect(network.shapes).toEqual({ block1: [24, 24, 15], block2: [8, 8, 40], hidden: [300] });
    network.dispose();
  });

  it("refuses an input that its kernels would use up", () => {
    expect(() => buildModel(scnn, { preset: "paper" }, { input: [2, 15, 15, 2] })).toThrow(/at least 16×16, got 15×15/);
  });
});
