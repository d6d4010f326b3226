import { expect } from "vitest";
import type { Tensor } from "@tensorflow/tfjs";

/** Nested numbers, as the vectors hold them. */
export type Nested = number | readonly Nested[];

/** Numbers of any nesting in order. */
export const flat = (value: Nested): number[] => (typeof value === "number" ? [value] : value.flatMap(flat));

/** Reads a tensor and checks |a − b| ≤ 2e-6 + 2e-5·|b|, the tolerance of the vectors for 32-bit floats. */
export async function expectClose(actual: Tensor, expected: Nested, what = ""): Promise<void> {
  const values = Array.from(await actual.data<"float32">());
  const wanted = flat(expected);
  expect(values.length, `${what} length`).toBe(wanted.length);
  for (const [i, value] of values.entries()) {
    const b = wanted[i] ?? NaN;
    expect(Math.abs(value - b), `${what}[${i}]: ${value}, expected ${b}`).toBeLessThanOrEqual(2e-6 + 2e-5 * Math.abs(b));
  }
}

/** Reads a tensor and checks that it holds exactly these numbers. */
export async function expectExact(actual: Tensor, expected: Nested): Promise<void> {
  expect(Array.from(await actual.data<"float32">())).toEqual(flat(expected));
}
