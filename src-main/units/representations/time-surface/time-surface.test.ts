import { expect, test } from "vitest";
import { packXyp } from "#shared/events/packet.ts";
import { parseParams } from "#shared/units/params.ts";
import { timeSurface } from "./time-surface.ts";

const sensor = { width: 3, height: 2 };
const at = (x: number, y: number, p: number): number => 2 * (y * sensor.width + x) + p;

test("each pixel shows the age of its latest event at the end of each step", () => {
  const accumulator = timeSurface.create(parseParams(timeSurface.params, { steps: 2, tauUs: 100 }), sensor);
  const rows = [
    [0, 0, 0, 1],
    [50, 0, 0, 1],
    [100, 2, 1, 0], // the first µs of the second step
    [150, 0, 0, 0],
    [200, 1, 1, 1], // the clip's last event
  ] as const;
  accumulator.add({ t0: 0, words: Uint32Array.from(rows.flatMap(([t, x, y, p]) => [t, packXyp(x, y, p)])) });
  const out = new Float32Array(2 * 12);
  accumulator.read(out);
  const first = out.subarray(0, 12);
  const second = out.subarray(12);
  expect(first[at(0, 0, 1)]).toBeCloseTo(Math.exp(-0.5), 6);
  expect([...first].filter((value) => value !== 0).length).toBe(1);
  expect(second[at(0, 0, 1)]).toBeCloseTo(Math.exp(-1.5), 6);
  expect(second[at(2, 1, 0)]).toBeCloseTo(Math.exp(-1), 6);
  expect(second[at(0, 0, 0)]).toBeCloseTo(Math.exp(-0.5), 6);
  expect(second[at(1, 1, 1)]).toBe(1);

  accumulator.read(out, { start: 100, end: 200 });
  expect(out[at(2, 1, 0)]).toBeCloseTo(Math.exp(-0.5), 6);
  expect(out[12 + at(0, 0, 0)]).toBeCloseTo(Math.exp(-0.5), 6);
  expect(out[12 + at(1, 1, 1)]).toBe(0);
  expect(out[12 + at(0, 0, 1)]).toBe(0);
});
