import { describe, expect, it } from "vitest";
import { seeded } from "#main/lib/testing/random.ts";
import { packetOf, timesOf } from "./testing/fake-source.ts";
import { WindowBuffer } from "./window-buffer.ts";

describe("window buffer", () => {
  it("answers any window over what has come, however it came", () => {
    const random = seeded(1);
    const buffer = new WindowBuffer();
    let kept: number[] = [];
    let t = 1_000_000;
    for (let round = 0; round < 300; round++) {
      const times = Array.from({ length: Math.floor(random() * 400) }, () => (t += Math.floor(random() * 50)));
      buffer.add(
        packetOf(
          times.map((time) => [time, 1, 2, 1] as const),
          Math.max(0, (times[0] ?? 0) - Math.floor(random() * 70_000)),
        ),
      );
      kept.push(...times);
      const from = t - Math.floor(random() * 30_000);
      const to = from + Math.floor(random() * 20_000);
      expect(timesOf(buffer.window(from, to))).toEqual(kept.filter((time) => time >= from && time < to));
      if (round % 7 === 0) {
        buffer.dropBefore(from);
        kept = kept.filter((time) => time >= from);
      }
    }
  });

  it("spans more than an hour by forgetting what is older", () => {
    const buffer = new WindowBuffer();
    const hour = 3_600_000_000;
    buffer.add(packetOf([[0, 1, 1, 1]]));
    buffer.add(packetOf([[hour, 1, 1, 1]], hour));
    buffer.add(packetOf([[2 * hour, 1, 1, 1]], 2 * hour));
    expect(timesOf(buffer.window(0, 3 * hour))).toEqual([hour, 2 * hour]);
  });

  it("drops the oldest when a window would need too much memory", () => {
    const buffer = new WindowBuffer();
    const words = new Uint32Array(2 << 20);
    for (let i = 0; i < 20; i++) buffer.add({ t0: 1000 * i, words });
    const { length } = buffer.window(0, 1e9).words;
    expect(length).toBeLessThanOrEqual(2 * (1 << 22));
    expect(length).toBeGreaterThan(2 * (1 << 21));
  });

  it("is empty after it was cleared", () => {
    const buffer = new WindowBuffer();
    buffer.add(packetOf([[5, 1, 1, 1]]));
    buffer.clear();
    expect(buffer.window(0, 10).words).toHaveLength(0);
    buffer.add(packetOf([[2, 1, 1, 1]]));
    expect(timesOf(buffer.window(0, 10))).toEqual([2]);
  });
});
