import { describe, expect, it } from "vitest";
import { augmented, describeAugmentation, rowOf } from "../testing/describe-augmentation.ts";
import { eventDrop } from "./event-drop.ts";

describeAugmentation(eventDrop, { time: 0, area: 0, events: 0 });

/** Draws that choose a way first and then go on as given. */
function drawing(way: number, ...rest: readonly number[]): () => number {
  const draws = [(way + 0.5) / 4, ...rest];
  let at = 0;
  return () => draws[Math.min(at++, draws.length - 1)]!;
}

describe("the ways of dropping", () => {
  const shape = [4, 1, 4, 4, 1] as const;

  it("nothing", () => {
    const { before, after } = augmented(eventDrop, {}, { shape, random: drawing(0, 1) });
    expect(after).toEqual(before);
  });

  it("a stretch of time", () => {
    const { before, after } = augmented(eventDrop, { time: 0.5 }, { shape, random: drawing(1, 0.999, 0.4) });
    const [own, dropped] = [rowOf(before, 0), rowOf(after, 0)];
    const empty = [0, 1, 2, 3].filter((t) => dropped.slice(16 * t, 16 * (t + 1)).every((value) => value === 0));
    expect(empty).toEqual([1, 2]); // half of four steps, from ⌊0.4 · 3⌋ on
    expect(dropped.slice(0, 16)).toEqual(own.slice(0, 16));
  });

  it("a box in all steps", () => {
    const { before, after } = augmented(eventDrop, { area: 0.25 }, { shape, random: drawing(2, 0.999, 0.5, 0.5) });
    for (let t = 0; t < 4; t += 1) {
      for (let y = 0; y < 4; y += 1) {
        for (let x = 0; x < 4; x += 1) {
          const i = 16 * t + 4 * y + x;
          const inside = y >= 1 && y < 3 && x >= 1 && x < 3;
          expect(rowOf(after, 0)[i]).toBe(inside ? 0 : rowOf(before, 0)[i]);
        }
      }
    }
  });

  it("single events: about the drawn share of them, never more than there were", () => {
    let draw = 0;
    const numbers = augmented(
      eventDrop,
      { events: 0.6 },
      { shape: [8, 1, 30, 30, 1], random: () => [0.9, 0.5][draw++] ?? (draw * 0.618034) % 1 },
    );
    const [own, left] = [rowOf(numbers.before, 0), rowOf(numbers.after, 0)];
    const sum = (values: readonly number[]) => values.reduce((total, value) => total + value, 0);
    expect(sum(left) / sum(own)).toBeCloseTo(1 - 0.5 * 0.6, 1);
    expect(left.every((value, i) => value <= own[i]!)).toBe(true);
  });
});
