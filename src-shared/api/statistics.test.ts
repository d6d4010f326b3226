import { describe, expect, it } from "vitest";
import { deviation, intervalOfMean, overSeeds, studentQuantile, wilsonInterval } from "./statistics.ts";

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
  it("uses Student's distribution", () => {
    for (const [freedom, wanted] of [
      [1, 12.7062],
      [2, 4.3027],
      [4, 2.7764],
      [9, 2.2622],
      [29, 2.0452],
    ] as const) {
      expect(studentQuantile(0.95, freedom)).toBeCloseTo(wanted, 3);
    }
  });

  it("is mean ± t·s/√n, and absent for one value", () => {
    const values = [0.9, 0.92, 0.94, 0.91, 0.93];
    expect(deviation(values)).toBeCloseTo(0.0158114, 6);
    expect(intervalOfMean(values)?.low).toBeCloseTo(0.92 - (2.7764 * 0.0158114) / Math.sqrt(5), 5);
    expect(overSeeds([0.5])).toEqual({ count: 1, mean: 0.5, deviation: 0 });
  });
});
