import { describe, expect, it } from "vitest";
import type { EventPacket } from "#shared/events/packet.ts";
import { Rewind } from "./rewind.ts";
import { fakeSource, timesOf } from "./testing/fake-source.ts";

const never = (): boolean => false;

describe("rewind", () => {
  it("cuts windows out of one reading, whichever way they go", async () => {
    const source = fakeSource(0, 1_000_000, 1000);
    const rewind = new Rewind(source, 0);
    for (const to of [900_000, 850_500, 801_000, 880_000]) {
      const packet = await rewind.window(to - 10_000, to, never);
      const first = Math.ceil((to - 10_000) / 1000) * 1000;
      expect(timesOf(packet!)).toEqual(Array.from({ length: 10 }, (_, i) => first + 1000 * i));
    }
    expect(source.entered).toEqual([690_000]);
    await rewind.window(600_000, 680_000, never);
    expect(source.entered).toHaveLength(2);
  });

  it("holds nothing of a reading that was interrupted", async () => {
    const rewind = new Rewind(fakeSource(0, 1_000_000, 1000), 0);
    expect(await rewind.window(500_000, 900_000, () => true)).toBeUndefined();
    expect(await rewind.window(500_000, 900_000, never)).toBeDefined();
  });

  it("refuses a window that is too much for its memory, and keeps the newest part of a block that is", async () => {
    const size = 1 << 17;
    const words = new Uint32Array(2 * size).map((_, i) => (i % 2 === 0 ? i >>> 1 : 0));
    // One event a µs: 5 million of them, where 4.2 million are kept.
    const source = {
      async *read({ from = 0 }: { from?: number }): AsyncGenerator<EventPacket> {
        for (let t0 = 0; t0 < 5_000_000; t0 += size) if (t0 + size > from) yield await Promise.resolve({ t0, words });
      },
    };
    const rewind = new Rewind(source, 0);
    expect(await rewind.window(100, 4_900_000, never)).toBeUndefined();
    const packet = await rewind.window(4_000_000, 4_900_000, never);
    expect(packet!.words.length / 2).toBe(900_000);
  });
});
