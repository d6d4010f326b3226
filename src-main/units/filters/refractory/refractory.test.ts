import { expect, test } from "vitest";
import { applied, describeFilter, packetOf, type EventRow } from "../testing/describe-filter.ts";
import { refractory } from "./refractory.ts";

describeFilter(refractory, { periodUs: 1 }, { periodUs: 100_000 });

const sensor = { width: 10, height: 10 };

test("a pixel is silent for the period after an event that passed", () => {
  const rows: EventRow[] = [
    [0, 1, 1, 1],
    [99, 1, 1, 1], // too early
    [100, 1, 1, 0], // just late enough, either polarity
    [150, 2, 1, 1], // another pixel
    [199, 1, 1, 1],
    [200, 1, 1, 1],
    [250, 2, 1, 1],
    [250, 2, 1, 0],
    [299, 1, 1, 1],
    [301, 1, 1, 1],
  ];
  const stage = refractory.create({ periodUs: 100 }, sensor);
  expect(applied(stage, packetOf(rows))).toEqual([0, 2, 3, 5, 6, 9].map((i) => rows[i]));
});

test("dropped events do not prolong the silence", () => {
  const rows = Array.from({ length: 10 }, (_, i): EventRow => [60 * i, 0, 0, 1]);
  const stage = refractory.create({ periodUs: 100 }, sensor);
  expect(applied(stage, packetOf(rows)).map(([t]) => t)).toEqual([0, 120, 240, 360, 480]);
});
