import { describe, expect, it } from "vitest";
import { deviation, intervalOf, mean, studentQuantile } from "./statistics.ts";

describe("studentQuantile", () => {
  // Two-sided, as printed in the tables of Student's distribution (NIST/SEMATECH e-Handbook of Statistical Methods, 1.3.6.7.2).
  it.each([
    [0.95, 1, 12.706],
    [0.95, 2, 4.303],
    [0.95, 3, 3.182],
    [0.95, 4, 2.776],
    [0.95, 9, 2.262],
    [0.95, 30, 2.042],
    [0.95, 100, 1.984],
    [0.9, 5, 2.015],
    [0.99, 7, 3.499],
    [0.99, 10, 3.169],
  ])("within %f of %i degrees of freedom: %f", (probability, freedom, expected) => {
    expect(studentQuantile(probability, freedom)).toBeCloseTo(expected, 3);
  });
});

describe("intervalOf", () => {
  it("is the t interval of the mean", () => {
    const values = [1, 2, 3, 4, 5];
    expect(mean(values)).toBe(3);
    expect(deviation(values)).toBeCloseTo(Math.sqrt(2.5), 12);
    const interval = intervalOf(values);
    expect(interval?.mean).toBe(3);
    expect(interval?.low).toBeCloseTo(3 - (2.7764 * Math.sqrt(2.5)) / Math.sqrt(5), 3);
    expect(interval?.high).toBeCloseTo(3 + (2.7764 * Math.sqrt(2.5)) / Math.sqrt(5), 3);
  });

  it("says nothing of a single value", () => {
    expect(intervalOf([1])).toBeUndefined();
    expect(deviation([1])).toBe(0);
  });
});
