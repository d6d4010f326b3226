import { describe, expect, it } from "vitest";
import type { RawParams } from "#shared/units/params.ts";
import { augmented, describeAugmentation, rowOf } from "../testing/describe-augmentation.ts";
import { flipRollRotate } from "./flip-roll-rotate.ts";

describeAugmentation(flipRollRotate, { flip: 0, roll: 0, rotation: 0 });

const shape = [2, 1, 3, 3, 1] as const;
/** One clip, with draws as given: flip, down, right, angle. */
function changed(params: RawParams, ...draws: readonly number[]) {
  let at = 0;
  const { before, after } = augmented(flipRollRotate, params, { shape, random: () => draws[at++] ?? 0.5 });
  return { before: rowOf(before, 0), after: rowOf(after, 0), draws: at };
}

describe("flip, roll and rotation", () => {
  it("are all done, to both steps alike", () => {
    const { before, after } = changed({ flip: 1, roll: 0.34, rotation: 90 }, 0, 1, 0.5, 1);
    // left and right exchanged, one row down, a quarter turn clockwise
    const step = (from: readonly number[]) => {
      const flipped = [2, 1, 0, 5, 4, 3, 8, 7, 6].map((i) => from[i]!);
      const rolled = [6, 7, 8, 0, 1, 2, 3, 4, 5].map((i) => flipped[i]!);
      return [6, 3, 0, 7, 4, 1, 8, 5, 2].map((i) => rolled[i]!);
    };
    expect(after).toEqual([...step(before.slice(0, 9)), ...step(before.slice(9))]);
  });

  it("draw as often whatever is asked for, so that draws do not shift", () => {
    expect(changed({ flip: 0, roll: 0, rotation: 0 }).draws).toBe(4);
    expect(changed({}).draws).toBe(4);
  });

  it("roll up to the share of the side, in both directions", () => {
    const rolled = (draw: number) => changed({ flip: 0, roll: 0.34, rotation: 0 }, 0.9, draw, 0.5, 0.5);
    const { before, after } = rolled(0);
    expect(after.slice(0, 9)).toEqual([3, 4, 5, 6, 7, 8, 0, 1, 2].map((i) => before[i]));
    expect(rolled(0.5).after).toEqual(before);
  });
});
