import { expect, test } from "vitest";
import { applied, describeFilter, packetOf, type EventRow } from "../testing/describe-filter.ts";
import { backgroundActivity } from "./background-activity.ts";

describeFilter(backgroundActivity, { windowUs: 1 }, { windowUs: 500 });

const sensor = { width: 10, height: 10 };
const passing = (rows: readonly EventRow[]): EventRow[] =>
  applied(backgroundActivity.create({ windowUs: 100 }, sensor), packetOf(rows));

test("an event passes when a neighbor was active within the window", () => {
  const rows: EventRow[] = [
    [1000, 5, 5, 1], // alone
    [1050, 6, 6, 0], // next to the first, either polarity
    [1100, 5, 5, 1], // next to the second
    [1100, 5, 5, 1], // again: its own pixel does not count, the second one does
    [1201, 5, 5, 1], // 151 µs after the second
    [1301, 4, 4, 0], // exactly 100 µs after the one before
    [1302, 8, 4, 0], // too far away
    [1303, 8, 6, 0], // two rows below
    [1304, 9, 5, 0], // next to both
    [1305, 0, 0, 1], // in the corner, alone
  ];
  expect(passing(rows)).toEqual([rows[1], rows[2], rows[3], rows[5], rows[8]]);
});

test("the right edge of a row is no neighbor of the left edge of the next one", () => {
  expect(
    passing([
      [10, 9, 3, 1],
      [11, 0, 4, 1],
      [12, 0, 3, 1],
      [13, 9, 4, 1],
    ]),
  ).toEqual([
    [12, 0, 3, 1],
    [13, 9, 4, 1],
  ]);
});

test("one pixel alone never passes, however fast it is", () => {
  expect(passing(Array.from({ length: 10 }, (_, i) => [i, 3, 3, 1] as const))).toEqual([]);
});
