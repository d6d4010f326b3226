import { describe, expect, it } from "vitest";
import { Decider, type DecisionSettings } from "./decision.ts";

const settings: DecisionSettings = { smoothing: 1, threshold: 0.6, agreeing: 2, holdUs: 100 };
const run = (rows: readonly (readonly number[])[], use = settings, stepUs = 50) => {
  const decider = new Decider(use);
  return rows.map((scores, i) => decider.push({ t: i * stepUs, scores }).answer);
};

describe("the decision over a stream of answers", () => {
  it("waits for agreeing windows before the word appears", () => {
    expect(
      run([
        [0.9, 0.1],
        [0.9, 0.1],
        [0.9, 0.1],
      ]),
    ).toEqual([undefined, 0, 0]);
  });

  it("does not flip on one stray window", () => {
    expect(
      run([
        [0.9, 0.1],
        [0.9, 0.1],
        [0.1, 0.9],
        [0.9, 0.1],
        [0.1, 0.9],
        [0.1, 0.9],
      ]),
    ).toEqual([undefined, 0, 0, 0, 0, 1]);
  });

  it("says nothing below the threshold and lets go of the word after the hold time", () => {
    const unsure = [0.5, 0.5];
    expect(run([[0.9, 0.1], [0.9, 0.1], unsure, unsure, unsure, unsure])).toEqual([undefined, 0, 0, 0, undefined, undefined]);
  });

  it("smooths with a running mean", () => {
    const decider = new Decider({ ...settings, smoothing: 2 });
    decider.push({ t: 0, scores: [1, 0] });
    expect(decider.push({ t: 1, scores: [0, 1] }).smoothed).toEqual([0.5, 0.5]);
    expect(decider.push({ t: 2, scores: [0, 1] }).smoothed).toEqual([0, 1]);
  });

  it("starts anew when time goes back", () => {
    const decider = new Decider({ ...settings, agreeing: 1 });
    expect(decider.push({ t: 1000, scores: [0.9, 0.1] }).answer).toBe(0);
    expect(decider.push({ t: 0, scores: [0.3, 0.4] }).answer).toBeUndefined();
  });
});
