import { describe, expect, it } from "vitest";
import type { EventPacket } from "#shared/events/packet.ts";
import type { ReadOptions } from "#shared/events/source.ts";
import { PacketCursor } from "./packet-cursor.ts";

const packet = (times: readonly number[], t0 = 0): EventPacket => ({
  t0,
  words: Uint32Array.from(times.flatMap((t) => [t - t0, 7])),
});
const times = ({ t0, words }: EventPacket): number[] => Array.from({ length: words.length / 2 }, (_, i) => t0 + words[2 * i]!);

function source(packets: readonly EventPacket[]) {
  const state = { closed: 0, given: 0 };
  return {
    state,
    async *read(_options: ReadOptions): AsyncGenerator<EventPacket> {
      try {
        for (const next of packets) {
          state.given += 1;
          yield await Promise.resolve(next);
        }
      } finally {
        state.closed += 1;
      }
    },
  };
}

describe("packet cursor", () => {
  it("hands out every event once, whatever the steps", async () => {
    const all = [1, 2, 5, 5, 9, 12, 20, 21];
    for (const step of [1, 2, 3, 7, 100]) {
      const cursor = new PacketCursor(
        source([packet(all.slice(0, 3)), packet([]), packet(all.slice(3, 6), 4), packet(all.slice(6), 15)]),
      );
      const seen: number[] = [];
      for (let t = 0; t <= 100; t += step) {
        expect(await cursor.until(t, (part) => seen.push(...times(part)))).toBe(t);
        expect(seen).toEqual(all.filter((time) => time < t));
      }
      expect(cursor.done).toBe(step < 100 || seen.length === all.length);
    }
  });

  it("does not read ahead of what is asked for", async () => {
    const from = source([packet([1]), packet([10]), packet([20])]);
    const cursor = new PacketCursor(from);
    await cursor.until(5, () => undefined);
    expect(from.state.given).toBe(2);
    await cursor.close();
    expect(from.state.closed).toBe(1);
  });

  it("ends early when it is enough and says how far it came", async () => {
    const cursor = new PacketCursor(source([packet([1, 2]), packet([10, 11]), packet([20])]));
    const seen: number[] = [];
    const reached = await cursor.until(
      30,
      (part) => seen.push(...times(part)),
      () => true,
    );
    expect(reached).toBe(10);
    expect(seen).toEqual([1, 2]);
    expect(await cursor.until(30, (part) => seen.push(...times(part)))).toBe(30);
    expect(seen).toEqual([1, 2, 10, 11, 20]);
  });

  it("hands out events whose time steps back late rather than never", async () => {
    const cursor = new PacketCursor(source([packet([1, 8, 3]), packet([4, 9])]));
    const seen: number[] = [];
    await cursor.until(5, (part) => seen.push(...times(part)));
    expect(seen).toEqual([1]);
    await cursor.until(10, (part) => seen.push(...times(part)));
    expect(seen).toEqual([1, 8, 3, 4, 9]);
  });
});
