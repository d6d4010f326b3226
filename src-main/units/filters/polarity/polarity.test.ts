import { expect, test } from "vitest";
import { applied, describeFilter, packetOf, type EventRow } from "../testing/describe-filter.ts";
import { polarity } from "./polarity.ts";

describeFilter(polarity, { keep: "off" });

const rows = Array.from({ length: 10 }, (_, i): EventRow => [i, i, 0, i % 3 === 0 ? 1 : 0]);

test("keeps one polarity and leaves the other out", () => {
  expect(applied(polarity.create({ keep: "on" }), packetOf(rows)).map(([t]) => t)).toEqual([0, 3, 6, 9]);
  expect(applied(polarity.create({ keep: "off" }), packetOf(rows)).map(([t]) => t)).toEqual([1, 2, 4, 5, 7, 8]);
});
