import { expect, it } from "vitest";
import type { RibbonColumn } from "#renderer/state/live.svelte.ts";
import { answerSpans, layoutOf, scaleTop } from "./ribbon.ts";

const column = (t: number, answer: number | undefined): RibbonColumn => ({
  prediction: { t, label: "", scores: [], waitMs: 0, computeMs: 0, on: 0, off: 0 },
  decision: { t, raw: [], smoothed: [], answer, since: 0 },
});

it("joins equal answers to stretches without gaps", () => {
  expect(answerSpans([column(0, undefined), column(10, 1), column(20, 1), column(30, 0)])).toEqual([
    { from: 0, to: 10, answer: undefined },
    { from: 10, to: 30, answer: 1 },
    { from: 30, to: 30, answer: 0 },
  ]);
});

it("scales in steps of 1, 2, 5", () => {
  expect([0, 0.7, 1, 1.2, 3, 51, 430_000].map(scaleTop)).toEqual([1, 1, 1, 2, 5, 100, 500_000]);
});

it("places lanes below one another", () => {
  const { tops, height } = layoutOf(["conv1", "conv2"]);
  const order = ["events", "bins", "conv1", "conv2", "evidence", "answer"].map((name) => tops[name] ?? -1);
  expect(order).toEqual([...order].sort((a, b) => a - b));
  expect(height).toBeGreaterThan(order.at(-1) ?? 0);
});
