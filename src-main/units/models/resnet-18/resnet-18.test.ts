import { beforeAll, describe, expect, it } from "vitest";
import { vectors } from "#main/tensor/testing/vectors.ts";
import { selectBackend } from "#main/units/backends/select.ts";
import { buildModel, countOf, describeModel } from "../testing/describe-model.ts";
import { resnet18 } from "./resnet-18.ts";

describeModel(resnet18);

describe("the spiking ResNet-18", () => {
  beforeAll(async () => {
    await selectBackend("js");
  });

  it("has as many parameters and neurons as the published one", () => {
    const wanted = vectors.parameter_counts.he_resnet18;
    const network = buildModel(resnet18, { preset: "paper" }, { heads: ["event", "static"], classes: 20 });
    expect(countOf(network)).toBe(wanted.classes20_weights);
    expect(countOf(network) + wanted.coefficients_T6).toBe(wanted.optimised_parameters);
    expect(Object.keys(network.shapes)).toHaveLength(wanted.neurons);
    network.dispose();
  });

  it("halves the frame three times and reads what batch norm says", () => {
    const network = buildModel(resnet18, { preset: "paper" });
    expect(network.shapes["stage1.2.neurons2"]).toEqual([48, 48, 64]);
    expect(network.shapes["stage2.1.shortcut-neurons"]).toEqual([48, 48, 64]);
    expect(network.shapes["stage4.2.neurons2"]).toEqual([6, 6, 512]);
    expect(network.macs["stage2.1.shortcut"]).toBe(24 * 24 * 64 * 128);
    expect(network.reads?.["head"]).toBeNull();
    expect(network.reads?.["stage2.1.shortcut"]).toBe("stage2.1.shortcut-neurons");
    network.dispose();
  });
});
