import { describe, expect, it } from "vitest";
import { seeded } from "#main/lib/testing/random.ts";
import vectors from "#main/tensor/vectors.json" with { type: "json" };
import { drawBeta, mixLabel } from "../mixing.ts";
import { augmented, describeAugmentation, rowOf } from "../testing/describe-augmentation.ts";
import { mixup } from "./mixup.ts";

describeAugmentation(mixup, { probability: 0 });

describe("mixing", () => {
  it("has the reference's label", () => {
    const { lambda, num_classes, a, b, label } = vectors.mixed_labels.mixup;
    const before = new Float32Array(2 * num_classes);
    before[a] = 1;
    before[num_classes + b] = 1;
    const targets = before.slice();
    mixLabel(targets, before, num_classes, 0, 1, lambda);
    for (const [c, share] of label.entries()) expect(targets[c]).toBeCloseTo(share, 6);
  });

  it("adds up two clips in the shares that the label says", () => {
    const { before, after } = augmented(mixup, {}, { shape: [2, 2, 3, 3, 1] });
    for (const n of [0, 1]) {
      const share = after.targets[3 * n + n]!;
      const other = rowOf(before, 1 - n);
      for (const [i, value] of rowOf(after, n).entries()) {
        expect(value).toBeCloseTo(share * rowOf(before, n)[i]! + (1 - share) * other[i]!, 5);
      }
    }
  });

  it("touches the asked share of clips", () => {
    const { before, after } = augmented(mixup, { probability: 0.25 }, { shape: [1, 400, 2, 2, 1] });
    const changed = Array.from({ length: 400 }, (_, n) => n).filter((n) => rowOf(before, n).join() !== rowOf(after, n).join());
    expect(Math.abs(changed.length - 100)).toBeLessThan(4 * Math.sqrt(400 * 0.25 * 0.75));
  });

  it.each([0.2, 0.5, 1, 2])("draws from Beta(%d, the same): mean one half, the variance of the law", (a) => {
    const random = seeded(3);
    const n = 20_000;
    const values = Array.from({ length: n }, () => drawBeta(a, random));
    const mean = values.reduce((sum, value) => sum + value, 0) / n;
    const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / n;
    const wanted = 1 / (4 * (2 * a + 1));
    expect(Math.abs(mean - 0.5)).toBeLessThan(4 * Math.sqrt(wanted / n));
    expect(Math.abs(variance / wanted - 1)).toBeLessThan(0.05);
  });
});
