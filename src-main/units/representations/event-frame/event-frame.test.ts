import { describe, expect, test } from "vitest";
import { packXyp, type EventPacket } from "#shared/events/packet.ts";
import type { Sensor, TimeRange } from "#shared/events/sensor.ts";
import { parseParams, type RawParams } from "#shared/units/params.ts";
import vectors from "#main/tensor/vectors.json" with { type: "json" };
import { eventFrame } from "./event-frame.ts";

type EventRow = readonly [t: number, x: number, y: number, p: number];
const { event_frames: known, bilinear } = vectors;
const rows = known.events_t_x_y_p as unknown as readonly EventRow[];
const sensor = { width: known.width, height: known.height };

const packetOf = (events: readonly EventRow[], t0 = 0): EventPacket => ({
  t0,
  words: Uint32Array.from(events.flatMap(([t, x, y, p]) => [t - t0, packXyp(x, y, p)])),
});

function frames(events: readonly EventRow[], raw: RawParams, range?: TimeRange, on: Sensor = sensor): number[] {
  const accumulator = eventFrame.create(parseParams(eventFrame.params, raw), on);
  const half = Math.floor(events.length / 2);
  accumulator.add(packetOf(events.slice(0, half)));
  accumulator.add(packetOf(events.slice(half)));
  const out = new Float32Array(accumulator.shape.reduce((product, side) => product * side, 1)).fill(NaN);
  accumulator.read(out, range);
  return [...out];
}

/** `[T][P][H][W]`, as in the vectors, in the order of the representation. */
function expected(nested: readonly (readonly (readonly (readonly number[])[])[])[]): number[] {
  const out: number[] = [];
  for (const step of nested) {
    for (let y = 0; y < sensor.height; y += 1) {
      for (let x = 0; x < sensor.width; x += 1) for (let p = 0; p < 2; p += 1) out.push(step[p]![y]![x]!);
    }
  }
  return out;
}

const perStep = (values: readonly number[], steps: number): number[] =>
  Array.from({ length: steps }, (_, k) => {
    const size = values.length / steps;
    return values.slice(k * size, (k + 1) * size).reduce((sum, value) => sum + value, 0);
  });
const later = rows.map(([t, x, y, p]): EventRow => [t + 500, x, y, p]);

describe("the vectors of the methods", () => {
  test("steps of equal time, reference rule: the last event is lost", () => {
    const found = frames(rows, { steps: 5, rule: "reference" });
    expect(found).toEqual(expected(known.equal_time.frames_T_P_H_W));
    expect(found.reduce((sum, value) => sum + value, 0)).toBe(known.equal_time.events_used);
  });

  test("a late start, reference rule: late steps stay empty", () => {
    const found = frames(later, { steps: 5, rule: "reference" });
    expect(found).toEqual(expected(known.equal_time_offset_500.reference_frames));
    expect(perStep(found, 5)).toEqual(known.equal_time_offset_500.reference_events_per_bin);
  });

  test("a late start, clean rule: the span is divided and the last step closed, so it has one event more than the vector", () => {
    const [a, b, c, d, e = 0] = known.equal_time_offset_500.clean_events_per_bin;
    expect(perStep(frames(later, { steps: 5 }), 5)).toEqual([a, b, c, d, e + 1]);
    expect(frames(later, { steps: 5 })).toEqual(frames(rows, { steps: 5 }));
  });

  test("steps of equal count with binary pixels", () => {
    expect(frames(rows, { steps: 3, mode: "count", value: "binary" })).toEqual(expected(known.equal_count_binary.frames_T_P_H_W));
  });

  const picture = (grid: readonly (readonly number[])[]): { readonly on: Sensor; readonly events: EventRow[] } => ({
    on: { width: grid[0]!.length, height: grid.length },
    events: grid.flatMap((line, y) => line.flatMap((count, x) => new Array<EventRow>(count).fill([0, x, y, 1]))),
  });
  const onOnly = (values: readonly number[]): number[] => values.filter((_, i) => i % 2 === 1);

  // the vector's first output is not square, which `size` cannot be: `resize.test.ts` covers it
  test("smaller by bilinear interpolation, corners aligned", () => {
    const { on, events } = picture(bilinear.downscale_input);
    const size = bilinear.downscale_output_size[0]!;
    const found = frames(events, { steps: 1, size, resize: "corners-aligned" }, undefined, on);
    expect(onOnly(found)).toEqual(bilinear.downscale_align_corners_true.flat());
  });
});

describe("event frames", () => {
  test("the window that is given is divided evenly, and what lies outside is left out", () => {
    expect(perStep(frames(rows, { steps: 5 }, { start: 100, end: 1000 }), 5)).toEqual([2, 1, 1, 2, 1]);
    expect(perStep(frames(rows, { steps: 5, rule: "reference" }, { start: 100, end: 1000 }), 5)).toEqual([2, 1, 1, 2, 1]);
    expect(perStep(frames(rows, { steps: 2 }, { start: 2000, end: 3000 }), 2)).toEqual([0, 0]);
  });

  test("times that step back stay in their step, also over the ends of the window", () => {
    const events: EventRow[] = [
      [100, 0, 0, 1],
      [95, 1, 0, 1],
      [105, 2, 0, 1],
      [99, 0, 1, 1],
      [150, 1, 1, 1],
      [140, 2, 1, 1],
      [151, 0, 2, 1],
      [149, 1, 2, 1],
    ];
    const found = frames(events, { steps: 1 }, { start: 100, end: 150 });
    expect(found.reduce((sum, value) => sum + value, 0)).toBe(4);
    expect(perStep(frames(events, { steps: 2 }, { start: 90, end: 190 }), 2)).toEqual([4, 4]);
  });

  test("no event is lost when there are fewer µs than steps, or one event only", () => {
    expect(perStep(frames([[7, 1, 1, 0]], { steps: 4 }), 4)).toEqual([1, 0, 0, 0]);
    expect(
      perStep(
        frames(
          [
            [7, 1, 1, 0],
            [9, 1, 1, 0],
          ],
          { steps: 10 },
        ),
        10,
      ).reduce((a, b) => a + b),
    ).toBe(2);
    expect(
      perStep(
        frames(
          [
            [7, 1, 1, 0],
            [9, 1, 1, 0],
          ],
          { steps: 3, mode: "count" },
        ),
        3,
      ),
    ).toEqual([0, 1, 1]);
  });

  test("the bounding box fills the frame", () => {
    const on = { width: 100, height: 80 };
    const events: EventRow[] = [
      [0, 50, 20, 1],
      [1, 53, 23, 0],
    ];
    const found = frames(events, { steps: 1, size: 4, bounds: "bounding-box" }, undefined, on);
    expect(found.flatMap((value, at) => (value === 0 ? [] : [[at, value]]))).toEqual([
      [1, 1],
      [2 * (4 * 3 + 3), 1],
    ]);
    const kept = frames(events, { steps: 1, bounds: "bounding-box" }, undefined, on);
    expect(kept.length).toBe(2 * 100 * 80);
    expect(kept.flatMap((value, at) => (value === 0 ? [] : [at]))).toEqual([1, 2 * (100 * 3 + 3)]);
  });

  test("cells count each event once in the pixel it falls on", () => {
    const on = { width: 1280, height: 720 };
    const events = Array.from({ length: 1000 }, (_, i): EventRow => [i, (i * 37) % 1280, (i * 53) % 720, i % 2]);
    const found = frames(events, { steps: 4, size: 24, resize: "cells" }, undefined, on);
    expect(perStep(found, 4)).toEqual([249, 249, 249, 253]);
    expect(found[0]).toBe(events.filter(([t, x, y, p]) => t < 249 && x < 1280 / 24 && y < 30 && p === 0).length);
  });

  test("a crop shows that part of the sensor alone, at the size of the frame", () => {
    const on = { width: 346, height: 260 };
    const events: EventRow[] = [
      [0, 53, 10, 1],
      [1, 54, 4, 1],
      [2, 303, 253, 0],
      [3, 304, 253, 0],
      [4, 100, 254, 0],
    ];
    const found = frames(events, { steps: 1, size: 25, resize: "cells", crop: "54,4,250,250" }, undefined, on);
    expect(found.flatMap((value, at) => (value === 0 ? [] : [[at, value]]))).toEqual([
      [1, 1],
      [2 * (25 * 24 + 24), 1],
    ]);
    const boxed = frames(events, { steps: 1, size: 2, bounds: "bounding-box", crop: "54,4,250,250" }, undefined, on);
    expect(boxed.reduce((sum, value) => sum + value, 0)).toBeLessThanOrEqual(2);
    for (const crop of ["1,2,3", "a,b,c,d", "0,0,0,5", "-1,0,5,5"]) {
      expect(() => frames(events, { steps: 1, crop }, undefined, on)).toThrow(/left, top, width and height/);
    }
  });

  test("values relative to the largest of each polarity in each step", () => {
    const on = { width: 2, height: 1 };
    const many = (count: number, ...[t, x, y, p]: EventRow): EventRow[] => new Array<EventRow>(count).fill([t, x, y, p]);
    const events = [...many(4, 0, 0, 0, 1), ...many(1, 0, 1, 0, 1), ...many(2, 0, 1, 0, 0), ...many(3, 100, 1, 0, 1)];
    expect(frames(events, { steps: 2, value: "relative" }, undefined, on)).toEqual([0, 1, 1, 0.25, 0, 0, 0, 1]);
  });

  test("clear forgets, read does not", () => {
    const accumulator = eventFrame.create(parseParams(eventFrame.params, { steps: 1 }), sensor);
    const out = new Float32Array(18);
    accumulator.add(packetOf(rows));
    for (let i = 0; i < 2; i += 1) {
      accumulator.read(out);
      expect(out.reduce((a, b) => a + b)).toBe(9);
    }
    accumulator.clear();
    accumulator.read(out);
    expect(out.every((value) => value === 0)).toBe(true);
    expect(() => accumulator.read(new Float32Array(17))).toThrow(/18/);
  });
});
