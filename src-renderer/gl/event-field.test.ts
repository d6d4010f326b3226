import { describe, expect, it } from "vitest";
import type { ViewFrame } from "#shared/api/stream-api.ts";
import { packXyp } from "#shared/events/packet.ts";
import { paintField } from "./canvas-scene.ts";
import { EventField } from "./event-field.ts";
import { paletteOf, rgbOf } from "./palettes.ts";
import { noLens, place, turnLens, type Look } from "./picture.ts";

type Event = readonly [t: number, x: number, y: number, p: number];
const frame = (from: number, t: number, events: readonly Event[], reset = false, t0 = from): ViewFrame => ({
  kind: "events",
  from,
  t,
  reset,
  packet: { t0, words: Uint32Array.from(events.flatMap(([at, x, y, p]) => [at - t0, packXyp(x, y, p)])) },
});
const counts = (from: number, t: number, { on, off }: { on: number[]; off: number[] }): ViewFrame => ({
  kind: "counts",
  from,
  t,
  reset: true,
  width: 4,
  height: 2,
  factor: 1,
  on: Uint8Array.from(on),
  off: Uint8Array.from(off),
  events: [...on, ...off].reduce((sum, count) => sum + count, 0),
});
const palette = { ground: rgbOf("#000000"), on: rgbOf("#ff0000"), off: rgbOf("#0000ff") };
const look = (patch: Partial<Look>): Look => ({ mode: "window", windowUs: 1000, contrast: 1, palette, ...patch });
const painted = (field: EventField, one: Look): number[] => {
  const out = new Uint8ClampedArray(field.width * field.height * 4);
  paintField(field, one, out);
  return [...out].filter((_, i) => i % 4 !== 3);
};

describe("the event field", () => {
  it("copies the events of a window, and where they are too many the same few of them from picture to picture", () => {
    const field = new EventField({ width: 16, height: 16 });
    const events = Array.from({ length: 100 }, (_, i): Event => [5000 + 10 * i, i % 16, 3, i % 2]);
    field.show(frame(5000, 6000, events, true));
    const all = new Uint32Array(2 * 200);
    expect(field.copySince(5500, all)).toEqual({ points: 50, every: 1 });
    expect([all[0], all[1]]).toEqual([500, packXyp(50 % 16, 3, 0)]);
    const few = new Uint32Array(2 * 20);
    expect(field.copySince(5500, few)).toMatchObject({ every: 4 });
    const before = [...few.subarray(0, 26)].filter((_, i) => i % 2 === 0);
    expect(before.every((t) => t % 40 === 0)).toBe(true);
    field.show(frame(6000, 6010, [[6005, 1, 1, 1]]));
    expect(field.copySince(5510, few)).toMatchObject({ every: 4 });
    const after = [...few.subarray(0, 24)].filter((_, i) => i % 2 === 0);
    expect(after.every((t) => before.includes(t))).toBe(true);
  });

  it("copies pixels and polarities of counts as events at the time of their frame", () => {
    const field = new EventField({ width: 4, height: 2 });
    field.show(counts(0, 1000, { on: [0, 3, 0, 0, 0, 0, 0, 0], off: [0, 1, 0, 0, 0, 0, 0, 200] }));
    const out = new Uint32Array(2 * 20);
    expect(field.copySince(0, out)).toEqual({ points: 3, every: 1 });
    expect([...out.subarray(0, 6)]).toEqual([1000, packXyp(1, 0, 0), 1000, packXyp(1, 0, 1), 1000, packXyp(3, 1, 0)]);
  });

  it("knows the last event of a pixel; the later of two polarities wins", () => {
    const field = new EventField({ width: 2, height: 1 });
    field.show(
      frame(
        5000,
        6000,
        [
          [5100, 0, 0, 1],
          [5200, 0, 0, 0],
        ],
        true,
      ),
    );
    expect(field.lastAt(0, 0)).toEqual({ t: 5200, on: false });
    expect(field.lastAt(1, 0)).toBeUndefined();
    expect(field.lastAt(2, 0)).toBeUndefined();
  });

  it("counts what is in the window and takes it back when the window grows", () => {
    const field = new EventField({ width: 2, height: 1 });
    field.show(
      frame(
        0,
        1000,
        [
          [100, 0, 0, 1],
          [400, 1, 0, 0],
          [900, 0, 0, 1],
        ],
        true,
      ),
    );
    field.countFrom(300);
    expect([...field.counts]).toEqual([1, -1]);
    expect(field.eventsSince(300)).toBe(2);
    field.countFrom(0);
    expect([...field.counts]).toEqual([2, -1]);
    expect(field.timeOfLast(2)).toBe(400);
  });

  it("forgets after a seek, and when time goes back", () => {
    const field = new EventField({ width: 1, height: 1 });
    field.show(frame(0, 1000, [[500, 0, 0, 1]], true));
    field.show(frame(9000, 9500, [], true));
    expect(field.lastAt(0, 0)).toBeUndefined();
    field.show(frame(9500, 9900, [[9600, 0, 0, 1]]));
    field.show(frame(100, 200, [[150, 0, 0, 0]]));
    expect(field.lastAt(0, 0)).toEqual({ t: 150, on: false });
  });

  it("goes on beyond the longest offset, keeping what is young", () => {
    const field = new EventField({ width: 2, height: 1 });
    const late = 3_000_000_000;
    field.show(frame(0, 1000, [[500, 0, 0, 1]], true));
    field.show(frame(late, late + 1000, [[late + 10, 1, 0, 0]]));
    expect(field.lastAt(1, 0)).toEqual({ t: late + 10, on: false });
    expect(field.lastAt(0, 0)).toBeUndefined();
  });

  it("takes events from a little before its first frame", () => {
    const field = new EventField({ width: 1, height: 1 });
    field.show(frame(1000, 2000, [[1200, 0, 0, 1]], true, 0));
    expect(field.lastAt(0, 0)).toEqual({ t: 1200, on: true });
  });

  it("shows counts instead of events, also of a coarser grid", () => {
    const field = new EventField({ width: 4, height: 2 });
    const counts = {
      kind: "counts",
      width: 2,
      height: 1,
      factor: 2,
      on: Uint8Array.from([3, 0]),
      off: Uint8Array.from([0, 1]),
      events: 4,
    } as const;
    field.show({ ...counts, from: 0, t: 1000, reset: true });
    expect(field.lastAt(1, 1)?.on).toBe(true);
    expect(field.lastAt(2, 0)?.on).toBe(false);
    expect([...field.counts]).toEqual([3, 3, -1, -1, 3, 3, -1, -1]);
    field.countFrom(1001);
    expect([...field.counts]).toEqual([0, 0, 0, 0, 0, 0, 0, 0]);
  });
});

describe("painting a field", () => {
  const field = new EventField({ width: 3, height: 1 });
  field.show(
    frame(
      0,
      2000,
      [
        [500, 0, 0, 1],
        [1500, 1, 0, 1],
        [2000, 2, 0, 0],
      ],
      true,
    ),
  );

  it("shows the window and nothing older", () => {
    expect(painted(field, look({}))).toEqual([0, 0, 0, 255, 0, 0, 0, 0, 255]);
  });
  it("fades with age towards the ground", () => {
    const [, , , mid, , , , , fresh] = painted(field, look({ mode: "decay" }));
    expect(fresh).toBe(255);
    expect(mid).toBeGreaterThan(60);
    expect(mid).toBeLessThan(120);
  });
  it("keeps everything when it accumulates", () => {
    expect(painted(field, look({ windowUs: Infinity }))[0]).toBe(255);
  });
  it("follows the theme with the default palette only", () => {
    const token = (name: string): string => ({ "--well": "#FFFFFF", "--on": "#B25C00", "--off": "#0A4FB8" })[name] ?? "";
    expect(paletteOf("amber-blue", token).ground).toEqual([1, 1, 1]);
    expect(paletteOf("dark", token).ground).toEqual(rgbOf("#1e2534"));
  });
});

describe("placing the picture", () => {
  const sensor = { width: 100, height: 100 };
  it("zooms by whole numbers and centres", () => {
    expect(place(sensor, 410, 400)).toEqual({ x: 5, y: 0, zoom: 4, fit: false });
  });
  it("fits where a whole number would leave too much empty", () => {
    const { zoom, fit } = place(sensor, 190, 190);
    expect(fit).toBe(true);
    expect(zoom).toBeCloseTo(1.9);
  });
  it("shrinks large sensors", () => {
    expect(place({ width: 1280, height: 720 }, 640, 360)).toMatchObject({ zoom: 0.5, fit: true });
  });
  it("keeps the point under the wheel where it is", () => {
    const size = { width: 400, height: 400 };
    const before = place(sensor, 400, 400);
    const point = { x: 320, y: 240 };
    const lens = turnLens(noLens, sensor, size, point, true);
    const after = place(sensor, 400, 400, lens);
    expect((point.x - after.x) / after.zoom).toBeCloseTo((point.x - before.x) / before.zoom, 0);
    expect(turnLens(lens, sensor, size, point, false)).toEqual(noLens);
  });
});
