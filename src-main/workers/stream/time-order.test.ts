import { describe, expect, test } from "vitest";
import { seeded } from "#main/lib/testing/random.ts";
import { packetOf, rowsOf, type EventRow } from "#main/units/encodings/testing/events.ts";
import { TimeOrder } from "./time-order.ts";

const run = (rows: readonly EventRow[], size: number): EventRow[] => {
  const order = new TimeOrder();
  const out: EventRow[] = [];
  const take = (packets: ReturnType<TimeOrder["finish"]>): void => {
    for (const packet of packets) out.push(...rowsOf(packet));
  };
  for (let i = 0; i < rows.length; i += size) take(order.add(packetOf(rows.slice(i, i + size))));
  take(order.finish());
  return out;
};

describe("the order of times", () => {
  test("equal times keep their order, steps back of up to a second are put right, in any packets", () => {
    const random = seeded(5);
    const rows: EventRow[] = Array.from({ length: 5000 }, (_, i) => [
      5_000_000 + 2000 * i + Math.floor(random() * 60) * 500,
      i % 100,
      Math.floor(i / 100),
      i % 2 === 0 ? 1 : 0,
    ]);
    const expected = rows.map((row, i) => ({ row, i })).sort((a, b) => a.row[0] - b.row[0] || a.i - b.i);
    for (const size of [1, 7, 640, 5000]) expect(run(rows, size)).toEqual(expected.map(({ row }) => row));
  });

  test("silences longer than a packet can span do not lose times", () => {
    const rows: EventRow[] = [
      [10, 1, 1, 1],
      [5, 2, 2, 0],
      [6_000_000_000, 3, 3, 1],
      [5_999_999_000, 4, 4, 1],
    ];
    expect(run(rows, 1).map(([t]) => t)).toEqual([5, 10, 5_999_999_000, 6_000_000_000]);
  });

  test("a fall that is no disorder of a camera is refused", () => {
    const rows: EventRow[] = [0, 4_000_000, 8_000_000, 100].map((t) => [t, 1, 1, 1]);
    expect(() => run(rows, 1)).toThrow(/fall by 8\.000 s/);
  });
});
