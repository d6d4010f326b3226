import { describe, expect, it } from "vitest";
import vectors from "#main/tensor/vectors.json" with { type: "json" };
import { augmented, describeAugmentation, rowOf } from "../testing/describe-augmentation.ts";
import { nda } from "./nda.ts";
import { applyMap, flipMap, rollMap, rotationMap, shearMap, type PixelMap } from "../warp.ts";

describeAugmentation(nda, { roll: 0, rotation: 0, shear: 0 });

function through(map: PixelMap, lines: readonly (readonly number[])[]): number[][] {
  const width = lines[0]!.length;
  // Two channels, the second one negated, so that they cannot be mixed up.
  const frame = Float32Array.from(lines.flat().flatMap((value) => [value, -value]));
  applyMap(frame, new Float32Array(frame.length), map, 2);
  for (let i = 0; i < frame.length; i += 2) expect(frame[i + 1]).toBe(-frame[i]! + 0);
  return lines.map((_, y) => Array.from({ length: width }, (_value, x) => frame[2 * (y * width + x)]!));
}

const picture = [
  [1, 2, 3],
  [4, 5, 6],
  [7, 8, 9],
];

describe("pixel maps", () => {
  it("roll around the edges", () => {
    const { input, shift_rows, shift_cols, output } = vectors.roll;
    expect(through(rollMap(3, 3, shift_rows, shift_cols), input)).toEqual(output);
    expect(through(rollMap(3, 3, -7, 4), picture)).toEqual(through(rollMap(3, 3, -1, 1), picture));
  });

  it("rotate around the middle, nothing coming from outside", () => {
    expect(through(rotationMap(3, 3, 90), picture)).toEqual([
      [7, 4, 1],
      [8, 5, 2],
      [9, 6, 3],
    ]);
    expect(through(rotationMap(3, 3, 180), picture)).toEqual([
      [9, 8, 7],
      [6, 5, 4],
      [3, 2, 1],
    ]);
    expect(through(rotationMap(1, 4, 90), [[1, 2, 3, 4]])[0]!.filter((value) => value === 0).length).toBeGreaterThan(1);
  });

  it("shear rows aside, and flip left and right", () => {
    expect(through(shearMap(3, 3, 45), picture)).toEqual([
      [0, 1, 2],
      [4, 5, 6],
      [8, 9, 0],
    ]);
    expect(through(flipMap(3, 3), picture)).toEqual([
      [3, 2, 1],
      [6, 5, 4],
      [9, 8, 7],
    ]);
  });
});

describe("the augmentation", () => {
  it("does one of the three to each clip, the same to all its steps", () => {
    const only = (of: { roll?: number; rotation?: number; shear?: number }) =>
      augmented(nda, { roll: 0, rotation: 0, shear: 0, ...of }, { shape: [2, 60, 6, 6, 1] });
    for (const of of [{ roll: 0.5 }, { rotation: 90 }, { shear: 45 }]) {
      const { before, after } = only(of);
      const changed = Array.from({ length: 60 }, (_, n) => n).filter(
        (n) => rowOf(after, n).join() !== rowOf(before, n).join(),
      ).length;
      expect(changed).toBeGreaterThan(8); // a third of them, less what a small angle leaves alone
      expect(changed).toBeLessThan(33);
    }
  });

  it("keeps every event when it rolls", () => {
    const { before, after } = augmented(nda, { rotation: 0, shear: 0, roll: 0.5 });
    const sum = (values: Float32Array) => values.reduce((total, value) => total + value, 0);
    expect(sum(after.values)).toBe(sum(before.values));
    expect(after.values).not.toEqual(before.values);
  });
});
