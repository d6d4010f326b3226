import { describe, expect, it } from "vitest";
import { seeded } from "#main/lib/testing/random.ts";
import vectors from "#main/tensor/vectors.json" with { type: "json" };
import { augmented, describeAugmentation, rowOf } from "../testing/describe-augmentation.ts";
import { eventMix, labelWeight } from "./event-mix.ts";
import { gaussianMask } from "./gaussian-mask.ts";

describeAugmentation(eventMix, { probability: 0 });

describe("EventMix", () => {
  it("weighs labels by the events that are kept, as the reference", () => {
    const v = vectors.mixed_labels.eventmix_counts;
    expect(labelWeight(v.x1_masked_fraction, v.x2_masked_fraction)).toBeCloseTo(v.label_weight_of_1, 11);
    expect(1 - labelWeight(v.x1_masked_fraction, v.x2_masked_fraction)).toBeCloseTo(v.label_weight_of_2, 11);
    expect(labelWeight(1, 0)).toBe(1); // nothing is left of either: the clip keeps its label
  });

  it("masks the asked share of cells, in few pieces", () => {
    for (const share of [0, 0.1, 0.5, 0.9, 1]) {
      const mask = gaussianMask([4, 12, 10], share, 3, seeded(2));
      expect(mask.reduce((sum, cell) => sum + cell, 0)).toBe(Math.round(share * 480));
    }
    const mask = gaussianMask([1, 32, 32], 0.3, 3, seeded(5));
    let edges = 0;
    for (let i = 1; i < mask.length; i += 1) if (i % 32 !== 0 && mask[i] !== mask[i - 1]) edges += 1;
    expect(edges).toBeLessThan(32 * 6); // scattered cells would have 430
  });

  it("takes every value from one of two clips, and the label says how many of the events", () => {
    const { before, after } = augmented(eventMix, { probability: 1 }, { shape: [3, 2, 8, 8, 2] });
    for (const n of [0, 1]) {
      const [own, other, mixed] = [rowOf(before, n), rowOf(before, 1 - n), rowOf(after, n)];
      for (const [i, value] of mixed.entries()) expect([own[i], other[i]]).toContain(value);
      expect(mixed).not.toEqual(own);
      const share = after.targets[3 * n + n]!;
      expect(share).toBeGreaterThan(0);
      expect(share).toBeLessThan(1);
    }
  });
});
