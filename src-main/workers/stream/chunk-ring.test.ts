import { describe, expect, it } from "vitest";
import { seeded } from "#main/lib/testing/random.ts";
import { ChunkRing } from "./chunk-ring.ts";

const bytes = (length: number, value: number): Uint8Array => new Uint8Array(length).fill(value);

describe("chunk ring", () => {
  it("keeps the newest bytes and forgets the oldest", () => {
    const ring = new ChunkRing(100, 2);
    for (let i = 0; i < 10; i++) ring.push(bytes(30, i));
    expect(ring.next).toBe(10);
    expect(ring.oldest).toBe(7);
    expect([...(ring.get(9)?.bytes ?? [])]).toEqual([...bytes(30, 9)]);
    expect(ring.get(6)).toBeUndefined();
  });

  it("loses what comes instead of what is held, and the next one knows", () => {
    const ring = new ChunkRing(100, 2);
    const hold = ring.hold(0);
    for (let i = 0; i < 3; i++) expect(ring.push(bytes(30, i))).toBeDefined();
    expect(ring.push(bytes(30, 3))).toBeUndefined();
    expect([...(ring.get(0)?.bytes ?? [])]).toEqual([...bytes(30, 0)]);
    hold.seq = 1;
    const next = ring.push(bytes(30, 4));
    expect(next).toMatchObject({ seq: 3, gap: true });
    hold.seq = 2;
    expect(ring.push(bytes(30, 5))?.gap).toBe(false);
    ring.release(hold);
    for (let i = 0; i < 10; i++) expect(ring.push(bytes(30, i))).toBeDefined();
  });

  it("passes on that the camera lost something, also when the marked chunk itself finds no room", () => {
    const ring = new ChunkRing(100, 2);
    expect([false, true, false].map((gap) => ring.push(bytes(10, 0), gap)?.gap)).toEqual([false, true, false]);
    expect(ring.push(bytes(101, 0), true)).toBeUndefined();
    expect(ring.push(bytes(10, 0))?.gap).toBe(true);
  });

  it("knows which chunks begin with a whole word", () => {
    const ring = new ChunkRing(1000, 4);
    expect([4, 3, 5, 4].map((length) => ring.push(bytes(length, 0))?.aligned)).toEqual([true, true, false, true]);
  });

  it("refuses what is larger than itself", () => {
    const ring = new ChunkRing(100, 2);
    expect(ring.push(bytes(101, 0))).toBeUndefined();
    expect(ring.push(bytes(100, 1))).toMatchObject({ gap: true });
  });

  it("never lets chunks overlap, whatever their sizes", () => {
    const ring = new ChunkRing(1000, 1);
    const random = seeded(3);
    for (let i = 0; i < 5000; i++) {
      const value = i & 255;
      expect(ring.push(bytes(1 + Math.floor(random() * 400), value))).toBeDefined();
      for (let seq = ring.oldest; seq < ring.next; seq++) {
        const chunk = ring.get(seq);
        if (chunk === undefined || chunk.bytes[0] !== (seq & 255) || chunk.bytes.at(-1) !== (seq & 255)) {
          throw new Error(`chunk ${seq} was overwritten after ${i}`);
        }
      }
    }
    expect(ring.next - ring.oldest).toBeGreaterThan(1);
  });
});
