import { expect } from "vitest";
import vectors from "../vectors.json" with { type: "json" };

export { vectors };

/** Compares float32 results with float64 references: |a − b| ≤ absolute + relative·|b|. */
export function expectClose(actual: ArrayLike<number>, expected: readonly number[], absolute = 2e-6, relative = 2e-5): void {
  expect(actual.length).toBe(expected.length);
  for (let i = 0; i < expected.length; i += 1) {
    const wanted = expected[i] ?? Number.NaN;
    const found = actual[i] ?? Number.NaN;
    const allowed = absolute + relative * Math.abs(wanted);
    if (!(Math.abs(found - wanted) <= allowed)) {
      expect.fail(`value ${i} of ${expected.length} is ${found}, expected ${wanted} ± ${allowed}`);
    }
  }
}

/** All numbers of a nested list, in order. */
export const flat = (nested: unknown): number[] => (Array.isArray(nested) ? nested.flatMap(flat) : [Number(nested)]);

/** `[N, T, D]` as the folded `[T·N, D]`, T slowest. */
export const foldNtd = (values: readonly (readonly (readonly number[])[])[]): number[][] =>
  Array.from({ length: values[0]?.length ?? 0 }, (_, t) => values.map((rows) => [...(rows[t] ?? [])])).flat();
