import { describe, expect, it } from "vitest";
import { parseParams, type RawParams } from "#shared/units/params.ts";
import { seeded } from "#main/lib/testing/random.ts";
import type { Augmentation, ClipBatch } from "../augmentation.ts";

/** A batch of counts whose rows belong to the classes in turn. */
export function clipBatch(shape: ClipBatch["shape"], classes = 3, seed = 1): ClipBatch {
  const random = seeded(seed);
  const [, size] = shape;
  const values = Float32Array.from({ length: shape.reduce((a, b) => a * b, 1) }, () => Math.floor(4 * random()));
  const targets = new Float32Array(size * classes);
  for (let n = 0; n < size; n += 1) targets[n * classes + (n % classes)] = 1;
  return { values, shape, targets };
}

/** One sequence of a batch, `[T, H, W, C]`. */
export function rowOf({ values, shape }: ClipBatch, n: number): number[] {
  const [steps, size, height, width, channels] = shape;
  const frame = height * width * channels;
  return Array.from({ length: steps }, (_, t) => [...values.subarray((t * size + n) * frame, (t * size + n + 1) * frame)]).flat();
}

/** Applies an augmentation to a fresh batch. */
export function augmented(
  unit: Augmentation,
  raw: RawParams,
  {
    shape = [3, 8, 6, 5, 2],
    seed = 1,
    random = seeded(seed),
  }: { shape?: ClipBatch["shape"]; seed?: number; random?: () => number } = {},
): { readonly before: ClipBatch; readonly after: ClipBatch } {
  const after = clipBatch(shape);
  unit.create(parseParams(unit.params, raw))(after, random);
  return { before: clipBatch(shape), after };
}

/** What every augmentation promises. @param off parameters with which it changes nothing. */
export function describeAugmentation(unit: Augmentation, off: RawParams): void {
  describe(`any augmentation: ${unit.id}`, () => {
    it("does the same for the same draws, and something else for others", () => {
      const [a, b, c] = [1, 1, 2].map((seed) => augmented(unit, {}, { seed }).after);
      expect(a).toEqual(b);
      expect(a).not.toEqual(c);
    });

    it("changes clips, and nothing when it is turned down", () => {
      const { before, after } = augmented(unit, {});
      expect(after.values).not.toEqual(before.values);
      const still = augmented(unit, off);
      expect(still.after).toEqual(still.before);
    });

    it("keeps values finite and not negative, and labels whole", () => {
      for (let seed = 1; seed < 30; seed += 1) {
        const { after } = augmented(unit, {}, { seed });
        expect(after.values.every((value) => value >= 0 && Number.isFinite(value))).toBe(true);
        for (let n = 0; n < 8; n += 1) {
          const shares = after.targets.subarray(3 * n, 3 * n + 3);
          expect(shares.reduce((sum, share) => sum + share, 0)).toBeCloseTo(1, 5);
          if (!unit.mixes) expect(shares[n % 3]).toBe(1);
        }
      }
    });

    it("can do with one clip, one step and one pixel", () => {
      for (const shape of [
        [3, 1, 6, 5, 2],
        [1, 4, 6, 5, 2],
        [3, 4, 1, 1, 2],
      ] as const) {
        for (let seed = 1; seed < 20; seed += 1) {
          const { after } = augmented(unit, {}, { shape, seed });
          expect(after.values.every(Number.isFinite)).toBe(true);
        }
      }
    });
  });
}
