import { describe, expect, it } from "vitest";
import type { ViewFrame } from "#shared/api/stream-api.ts";
import { packXyp } from "#shared/events/packet.ts";
import { StreamChecks, swing } from "./checks.ts";
import { formatBytes, formatClipSpan, formatEstimate, formatLeft, formatPercent, formatPoints } from "./numbers.ts";
import { merge, thin } from "./template.ts";

const frameOf = (
  from: number,
  t: number,
  events: readonly (readonly [number, number, number, number])[],
  reset = false,
): ViewFrame => ({
  kind: "events",
  from,
  t,
  reset,
  packet: { t0: from, words: Uint32Array.from(events.flatMap(([at, x, y, p]) => [at - from, packXyp(x, y, p)])) },
});

describe("reading a stream", () => {
  it("answers once a second of stream time", () => {
    const checks = new StreamChecks({ width: 4, height: 4 });
    expect(checks.add(frameOf(0, 400_000, [[10, 0, 0, 1]], true))).toBeUndefined();
    const readings = checks.add(
      frameOf(400_000, 1_000_000, [
        [500_000, 1, 1, 0],
        [600_000, 1, 1, 1],
      ]),
    );
    expect(readings).toMatchObject({ events: 3, hotPixels: 0 });
    expect(readings?.onShare).toBeCloseTo(2 / 3);
    expect(checks.add(frameOf(1_000_000, 1_500_000, []))).toBeUndefined();
  });

  it("finds a pixel that fires alone, and not an edge that fires along", () => {
    const checks = new StreamChecks({ width: 8, height: 8 });
    const alone = Array.from({ length: 100 }, (_, i) => [i * 9000, 2, 2, 1] as const);
    const edge = Array.from({ length: 800 }, (_, i) => [i * 1200, 6, i % 8, 0] as const);
    expect(checks.add(frameOf(0, 1_000_000, [...alone, ...edge], true))?.hotPixels).toBe(1);
  });

  it("finds the mains in the rate and not in noise", () => {
    const checks = new StreamChecks({ width: 64, height: 64 });
    const events: [number, number, number, number][] = [];
    for (let t = 0; t < 1_000_000; t += 20) {
      if ((1 + Math.sin((2 * Math.PI * 100 * t) / 1e6)) / 2 > ((t * 7919) % 1000) / 1000)
        events.push([t, t % 64, (t >> 6) % 64, 1]);
    }
    const { flicker } = checks.add(frameOf(0, 1_000_000, events, true)) ?? { flicker: { hz: 0, depth: 0 } };
    expect(flicker.hz).toBe(100);
    expect(flicker.depth).toBeGreaterThan(0.8);
    const steady = Array.from({ length: 5000 }, (_, i) => [i * 200, i % 64, i % 61, 1] as const);
    expect(
      checks.add(
        frameOf(
          1_000_000,
          2_000_000,
          steady.map(([t, x, y, p]) => [t + 1_000_000, x, y, p] as const),
          true,
        ),
      )?.flicker.depth,
    ).toBeLessThan(0.05);
  });

  it("measures a sine by its depth", () => {
    const bins = Array.from({ length: 1000 }, (_, i) => 100 + 50 * Math.sin((2 * Math.PI * 100 * i) / 1000));
    expect(swing(bins, 1000, 100)).toBeCloseTo(0.5, 2);
    expect(swing(bins, 1000, 120)).toBeCloseTo(0, 2);
    expect(swing([0, 0], 1000, 100)).toBe(0);
  });
});

describe("numbers as the design writes them", () => {
  it("rounds to what is known", () => {
    expect([412e9, 3.1e9, 999_999, 840, 0].map(formatBytes)).toEqual(["412 GB", "3.1 GB", "1.0 MB", "840 B", "0 B"]);
    expect([161, 3725, -1].map(formatLeft)).toEqual(["2:41", "1:02:05", "0:00"]);
    expect(formatLeft(Infinity)).toBe("–");
    expect([40, 360, 7200].map(formatEstimate)).toEqual(["≈ 40 s", "≈ 6 min", "≈ 2.0 h"]);
    expect([0.942, undefined].map((value) => formatPercent(value))).toEqual(["94.2 %", "–"]);
    expect([0.075, -0.01].map(formatPoints)).toEqual(["+7.5", "−1.0"]);
    expect([2_100_000, 62_400_000, 131_000_000].map(formatClipSpan)).toEqual(["2.10 s", "62.4 s", "131 s"]);
  });
});

describe("figures", () => {
  it("thins a line and keeps its peaks, in order", () => {
    const x = Array.from({ length: 10_000 }, (_, i) => i);
    const y = x.map((i) => (i === 4321 ? 99 : i === 4322 ? -99 : Math.sin(i)));
    const thinned = thin(x, y, 100);
    expect(thinned.x.length).toBeLessThanOrEqual(200);
    expect(thinned.y).toContain(99);
    expect(thinned.y).toContain(-99);
    expect(thinned.x).toEqual(thinned.x.toSorted((a, b) => a - b));
    expect(thin([1, 2], [3, 4], 100)).toEqual({ x: [1, 2], y: [3, 4] });
  });

  it("lays a figure over the template without losing the rest of it", () => {
    expect(merge({ xaxis: { showgrid: false, ticks: "" }, showlegend: false }, { xaxis: { range: [0, 1] } })).toEqual({
      xaxis: { showgrid: false, ticks: "", range: [0, 1] },
      showlegend: false,
    });
  });
});
