import { describe, expect, it } from "vitest";
import vectors from "#main/tensor/vectors.json" with { type: "json" };
import { augmented, describeAugmentation, rowOf } from "../testing/describe-augmentation.ts";
import { cutBox, cutMix } from "./cut-mix.ts";

describeAugmentation(cutMix, { probability: 0 });

describe("the box", () => {
  it("has the reference's place, and weighs what is left of the area", () => {
    const { height, width, lambda_drawn, centre, box_y, box_x, lambda_used } = vectors.mixed_labels.cutmix_area;
    const { box, kept } = cutBox(height, width, lambda_drawn, centre[0]!, centre[1]!);
    expect([box.top, box.bottom, box.left, box.right]).toEqual([...box_y, ...box_x]);
    expect(kept).toBeCloseTo(lambda_used, 11);
  });

  it("is nothing, or all there is", () => {
    expect(cutBox(6, 6, 1, 3, 3).kept).toBe(1);
    expect(cutBox(6, 6, 0, 3, 3).kept).toBe(0);
  });

  it("brings pixels of one other clip of the batch, in all steps, and its label with the same share", () => {
    const { before, after } = augmented(cutMix, {}, { shape: [3, 8, 6, 6, 1], seed: 4 });
    for (let n = 0; n < 8; n += 1) {
      const own = rowOf(before, n);
      const mixed = rowOf(after, n);
      const moved = mixed.flatMap((value, i) => (value === own[i] ? [] : [i]));
      const givers = Array.from({ length: 8 }, (_, m) => m).filter((m) => moved.every((i) => rowOf(before, m)[i] === mixed[i]));
      expect(givers.length).toBeGreaterThan(0);
      const share = after.targets[3 * n + (n % 3)]!;
      expect(moved.length / mixed.length).toBeLessThanOrEqual(1 - share + 1e-6 + (share === 1 ? 1 : 0));
    }
  });
});
