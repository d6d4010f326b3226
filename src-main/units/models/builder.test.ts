import { beforeAll, describe, expect, it } from "vitest";
import { createRandom } from "#main/tensor/random.ts";
import { vectors } from "#main/tensor/testing/vectors.ts";
import { selectBackend } from "#main/units/backends/select.ts";
import { kaiming, uniformByFanIn } from "./builder.ts";

describe("initial weights", () => {
  beforeAll(async () => {
    await selectBackend("js");
  });

  it("are normal with the published deviation", () => {
    const values = kaiming(9 * 128)([3, 3, 64, 128], createRandom(1, "weights").next).dataSync<"float32">();
    const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
    const deviation = Math.sqrt(values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length);
    const wanted = vectors.init.kaiming_normal_fan_out_std_conv3x3_out128;
    expect(Math.abs(mean)).toBeLessThan((4 * wanted) / Math.sqrt(values.length));
    expect(Math.abs(deviation / wanted - 1)).toBeLessThan(0.01);
    const beyond = values.filter((value) => Math.abs(value) > 2 * wanted).length / values.length;
    expect(Math.abs(beyond - 0.0455)).toBeLessThan(0.004); // of a normal distribution
  });

  it("are uniform within the published bound", () => {
    const values = uniformByFanIn(9 * 64)([3, 3, 64, 64], createRandom(1, "weights").next).dataSync<"float32">();
    const bound = vectors.init.torch_default_uniform_bound_conv3x3_in64;
    expect(Math.max(...values)).toBeLessThanOrEqual(bound * (1 + 1e-6));
    expect(Math.min(...values)).toBeLessThan(-0.999 * bound);
    expect(Math.max(...values)).toBeGreaterThan(0.999 * bound);
  });
});
