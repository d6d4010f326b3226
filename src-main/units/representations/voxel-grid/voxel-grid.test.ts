import { expect, test } from "vitest";
import { packXyp } from "#shared/events/packet.ts";
import { parseParams } from "#shared/units/params.ts";
import { seeded } from "#main/lib/testing/random.ts";
import { voxelGrid } from "./voxel-grid.ts";

const sensor = { width: 3, height: 2 };
type EventRow = readonly [t: number, x: number, y: number, p: number];

function grid(rows: readonly EventRow[], steps: number, range?: { readonly start: number; readonly end: number }): Float32Array {
  const accumulator = voxelGrid.create(parseParams(voxelGrid.params, { steps }), sensor);
  accumulator.add({ t0: 0, words: Uint32Array.from(rows.flatMap(([t, x, y, p]) => [t, packXyp(x, y, p)])) });
  const out = new Float32Array(12 * steps);
  accumulator.read(out, range);
  return out;
}

test("an event is shared by the two nearest instants", () => {
  const out = grid(
    [
      [0, 0, 0, 0],
      [25, 1, 0, 1], // t* = 0.5
      [80, 2, 1, 0], // t* = 1.6
      [100, 0, 1, 1],
    ],
    3,
  );
  const at = (step: number, x: number, y: number, p: number): number => out[12 * step + 2 * (3 * y + x) + p]!;
  expect(at(0, 0, 0, 0)).toBe(1);
  expect([at(0, 1, 0, 1), at(1, 1, 0, 1), at(2, 1, 0, 1)]).toEqual([0.5, 0.5, 0]);
  expect(at(1, 2, 1, 0)).toBeCloseTo(0.4, 6);
  expect(at(2, 2, 1, 0)).toBeCloseTo(0.6, 6);
  expect(at(2, 0, 1, 1)).toBe(1);
});

test("it is the sum of the definition over all events, in order or not, with a given window too", () => {
  const random = seeded(3);
  let t = 0;
  const rows = Array.from({ length: 500 }, (): EventRow => {
    t = Math.max(0, t + Math.floor(random() * 20) - 3);
    return [t, Math.floor(random() * 3), Math.floor(random() * 2), random() < 0.5 ? 0 : 1];
  });
  for (const [start, end] of [
    [undefined, undefined],
    [200, 3000],
  ] as const) {
    const steps = 5;
    const chosen = start === undefined ? rows : rows.filter(([time]) => time >= start && time < end);
    const from = start ?? rows[0]![0];
    const span = (end ?? rows.at(-1)[0]) - from;
    const expected = new Float64Array(12 * steps);
    for (const [time, x, y, p] of chosen) {
      const position = ((steps - 1) * (time - from)) / span;
      for (let k = 0; k < steps; k += 1) expected[12 * k + 2 * (3 * y + x) + p]! += Math.max(0, 1 - Math.abs(k - position));
    }
    const found = grid(rows, steps, start === undefined ? undefined : { start, end });
    for (const [i, value] of expected.entries()) expect(found[i]).toBeCloseTo(value, 3);
  }
});

test("one event, or all at one time, belong to the first instant", () => {
  expect(
    grid(
      [
        [5, 1, 1, 0],
        [5, 1, 1, 0],
      ],
      2,
    ).reduce((a, b) => a + b),
  ).toBe(2);
});
