import { describe, expect, it } from "vitest";
import { deviation, intervalOf, mean, overSeeds, studentQuantile, wilsonInterval } from "./statistics.ts";

describe("the interval of one model", () => {
  it("is Wilson's", () => {
    // 226 of 240: (p + z²/2n ± z·√(p(1−p)/n + z²/4n²)) / (1 + z²/n), computed by hand.
    const { low, high } = wilsonInterval(226, 240);
    expect(low).toBeCloseTo(0.90447, 4);
    expect(high).toBeCloseTo(0.96491, 4);
  });

  it("never leaves 0 to 1 and says nothing about nothing", () => {
    expect(wilsonInterval(0, 5).low).toBe(0);
    expect(wilsonInterval(0, 5).high).toBeCloseTo(0.4345, 3);
    expect(wilsonInterval(5, 5).high).toBe(1);
    expect(wilsonInterval(0, 0)).toEqual({ low: 0, high: 1 });
  });
});

describe("the interval over seeds", () => {
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
  ])("takes Student's quantile: within %f of %i degrees of freedom: %f", (probability, freedom, expected) => {
    expect(studentQuantile(probability, freedom)).toBeCloseTo(expected, 3);
  });

  it("is mean ± t·s/√n, and absent for one value", () => {
    const values = [1, 2, 3, 4, 5];
    expect(mean(values)).toBe(3);
    expect(deviation(values)).toBeCloseTo(Math.sqrt(2.5), 12);
    const half = (2.7764 * Math.sqrt(2.5)) / Math.sqrt(5);
    const interval = intervalOf(values);
    expect(interval?.mean).toBe(3);
    expect(interval?.low).toBeCloseTo(3 - half, 3);
    expect(interval?.high).toBeCloseTo(3 + half, 3);
    expect(intervalOf([1])).toBeUndefined();
    expect(overSeeds([0.5])).toEqual({ count: 1, mean: 0.5, deviation: 0 });
    expect(Object.keys(overSeeds(values).interval ?? {})).toEqual(["low", "high"]);
  });
});
