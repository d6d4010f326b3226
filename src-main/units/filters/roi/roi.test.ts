import { expect, test } from "vitest";
import { applied, describeFilter, packetOf, type EventRow } from "../testing/describe-filter.ts";
import { roi } from "./roi.ts";

describeFilter(roi, { x: 5, y: 5, width: 10, height: 8 }, { x: 39, y: 29 }, { x: 100 });

const sensor = { width: 10, height: 8 };
const rows: EventRow[] = [
  [0, 0, 0, 1],
  [1, 2, 3, 1],
  [2, 4, 3, 0],
  [3, 5, 3, 1],
  [4, 2, 4, 1],
  [5, 4, 5, 0],
  [6, 4, 6, 0],
  [7, 1, 3, 1],
  [8, 2, 2, 1],
  [9, 9, 7, 1],
];

test("keeps what lies in the rectangle, edges half-open", () => {
  const stage = roi.create({ x: 2, y: 3, width: 3, height: 3 }, sensor);
  expect(applied(stage, packetOf(rows))).toEqual([rows[1], rows[2], rows[4], rows[5]]);
});

test("a width or height of 0 reaches to the edge, a place beyond it keeps nothing", () => {
  expect(applied(roi.create({ x: 4, y: 6, width: 0, height: 0 }, sensor), packetOf(rows))).toEqual([rows[6], rows[9]]);
  expect(applied(roi.create({ x: 10, y: 0, width: 0, height: 0 }, sensor), packetOf(rows))).toEqual([]);
  expect(applied(roi.create({ x: 0, y: 0, width: 0, height: 0 }, sensor), packetOf(rows))).toEqual(rows);
});
