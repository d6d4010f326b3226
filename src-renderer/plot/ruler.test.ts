import { describe, expect, it } from "vitest";
import { LiveRate } from "./live-rate.ts";
import { rateColumns, scaleTop, shortRate } from "./rate.ts";
import { followRange, holdRange, niceAtLeast, partOf, tickLabel, ticks, timeAt, zoomRange } from "./ruler.ts";
import { positionOf, snap, valueAt } from "./scale.ts";

const S = 1_000_000;

describe("the ruler", () => {
  it("steps by 1, 2 and 5", () => {
    expect([0.7, 1, 1.1, 3, 7, 20, 21].map(niceAtLeast)).toEqual([1, 1, 2, 5, 10, 20, 50]);
  });

  it("labels long ticks beside short ones, counted from the start of the recording", () => {
    const found = ticks({ start: 10 * S, end: 26 * S }, 720, 10 * S);
    const labels = found.filter((tick) => tick.label !== undefined).map((tick) => tick.label);
    expect(labels).toEqual(["0:00", "0:02", "0:04", "0:06", "0:08", "0:10", "0:12", "0:14", "0:16"]);
    expect(found.length).toBeGreaterThan(labels.length * 3);
    expect(found.every((tick, i) => i === 0 || tick.t > (found[i - 1]?.t ?? 0))).toBe(true);
  });

  it("writes as many digits as the distance needs", () => {
    expect(tickLabel(16_500_000, 500_000)).toBe("0:16.5");
    expect(tickLabel(20_400, 200)).toBe("0:00.0204");
    expect(tickLabel(3_725 * S, S)).toBe("1:02:05");
    expect(tickLabel(-1_500_000, 500_000)).toBe("−0:01.5");
  });

  it("goes from times to places and back", () => {
    const shown = { start: 2 * S, end: 6 * S };
    expect(partOf(3 * S, shown)).toBe(0.25);
    expect(timeAt(0.25, shown)).toBe(3 * S);
  });

  it("zooms about the pointer and stays inside", () => {
    const whole = { start: 0, end: 60 * S };
    const closer = zoomRange(whole, whole, 30 * S, 0.5);
    expect(closer).toEqual({ start: 15 * S, end: 45 * S });
    expect(zoomRange(closer, whole, 15 * S, 10)).toEqual(whole);
    expect(zoomRange(whole, whole, 0, 1e-9).end).toBe(1000);
    expect(holdRange({ start: -5 * S, end: 5 * S }, whole)).toEqual({ start: 0, end: 10 * S });
  });

  it("turns the page when the playhead leaves", () => {
    const whole = { start: 0, end: 60 * S };
    const shown = { start: 0, end: 10 * S };
    expect(followRange(shown, whole, 9 * S)).toBe(shown);
    expect(followRange(shown, whole, 11 * S)).toEqual({ start: 10 * S, end: 20 * S });
  });
});

describe("the rate strip", () => {
  const strip = { start: 0, stepUs: 1000, on: Uint32Array.from([1, 9, 1, 1]), off: Uint32Array.from([0, 0, 4, 0]) };

  it("keeps bursts: the largest inside each column, per second", () => {
    const { on, off, peak } = rateColumns(strip, { start: 0, end: 4000 }, 2);
    expect([...on]).toEqual([9000, 1000]);
    expect([...off]).toEqual([0, 4000]);
    expect(peak).toBe(9000);
  });

  it("finds a column inside one step", () => {
    const { on } = rateColumns(strip, { start: 1000, end: 2000 }, 5);
    expect([...on]).toEqual([9000, 9000, 9000, 9000, 9000]);
  });

  it("changes its scale in steps only", () => {
    expect([0, 900, 1001, 3.1e6].map(scaleTop)).toEqual([1, 1000, 2000, 5e6]);
    expect([840, 20_000, 3.1e6].map(shortRate)).toEqual(["840", "20 k", "3.1 M"]);
  });

  it("keeps the last seconds of a live stream, newest last", () => {
    const live = new LiveRate(4000, 4);
    const words = Uint32Array.from([500, 1 << 28, 3500, 0]);
    live.add({ kind: "events", t: 4000, from: 0, reset: true, packet: { t0: 0, words } });
    live.add({
      kind: "events",
      t: 5000,
      from: 4000,
      reset: false,
      packet: { t0: 4000, words: Uint32Array.from([200, 1 << 28, 300, 1 << 28]) },
    });
    const { on, off } = live.strip();
    expect([...on]).toEqual([0, 0, 2, 0]);
    expect([...off]).toEqual([0, 1, 0, 0]);
  });
});

describe("slider scales", () => {
  it("is logarithmic where asked", () => {
    const scale = { min: 0.001, max: 10, log: true };
    expect(positionOf(0.1, scale)).toBeCloseTo(0.5);
    expect(valueAt(0.5, scale)).toBe(0.1);
    expect(valueAt(2, scale)).toBe(10);
  });
  it("snaps without the dust of fractions", () => {
    expect(snap(0.30000004, 0.1)).toBe(0.3);
    expect(snap(17, 5, 1)).toBe(16);
  });
});
