import { describe, expect, test } from "vitest";
import { seeded } from "#main/lib/testing/random.ts";
import { decodeAll, packetOf, randomCuts, randomEvents, type EventRow } from "../testing/events.ts";
import { atis5byte } from "./atis-5byte.ts";

const sensor = { width: 240, height: 180 };

describe("ATIS 5-byte", () => {
  test("records by hand: time is big-endian, polarity the top bit", () => {
    const bytes = Uint8Array.of(3, 4, 0x80, 0x01, 0x02, 5, 6, 0x01, 0x00, 0x00);
    expect(decodeAll(atis5byte.createDecoder(sensor), bytes)).toEqual([
      [0x0102, 3, 4, 1],
      [0x1_0000, 5, 6, 0],
    ]);
  });

  test("row 240 is no event and adds 8192 µs to what follows", () => {
    const bytes = Uint8Array.of(1, 1, 0, 0, 9, 0, 240, 0, 0, 0, 1, 1, 0, 0, 10);
    expect(decodeAll(atis5byte.createDecoder(sensor), bytes).map(([t]) => t)).toEqual([9, 8192 + 10]);
  });

  test("rows and columns beyond the sensor are dropped and counted", () => {
    const decoder = atis5byte.createDecoder({ width: 34, height: 34 });
    const bytes = Uint8Array.of(34, 1, 0, 0, 9, 1, 34, 0, 0, 9, 33, 33, 0, 0, 10);
    expect(decodeAll(decoder, bytes)).toEqual([[10, 33, 33, 0]]);
    expect(decoder.dropped()).toEqual({ "beyond the sensor": 2 });
  });

  test("any split of the bytes and any change of decoder in between gives the same events", () => {
    const random = seeded(4);
    const bytes = atis5byte
      .createEncoder(sensor)
      .encode(packetOf(randomEvents(random, 2000, sensor, 0.1)))
      .slice();
    for (let i = 0; i < 100; i += 1) bytes[Math.floor(random() * bytes.length)] = Math.floor(random() * 256);
    const expected = decodeAll(atis5byte.createDecoder(sensor), bytes);
    expect(expected.length).toBeGreaterThan(1000);
    for (let round = 0; round < 20; round += 1) {
      const cuts = randomCuts(random, bytes.length, round);
      const decoder = atis5byte.createDecoder(sensor);
      expect(decodeAll(decoder, bytes, cuts)).toEqual(expected);
      const middle = cuts[0] ?? 0;
      const first = atis5byte.createDecoder(sensor);
      const before = decodeAll(first, bytes.subarray(0, middle));
      expect(first.pending()).toBe(middle % 5);
      const second = atis5byte.createDecoder(sensor, structuredClone(first.state()));
      expect([...before, ...decodeAll(second, bytes.subarray(middle))]).toEqual(expected);
    }
    const single = Array.from({ length: bytes.length }, (_, i) => i);
    expect(decodeAll(atis5byte.createDecoder(sensor), bytes, single)).toEqual(expected);
  });

  test("what is written is read back, beyond 8.39 s too", () => {
    const rows = randomEvents(seeded(9), 4000, sensor, 0.05);
    const last = rows.at(-1);
    const long: EventRow[] = [...rows, [last[0] + 20_000_000, 1, 2, 1]];
    expect(decodeAll(atis5byte.createDecoder(sensor), atis5byte.createEncoder(sensor).encode(packetOf(long)))).toEqual(long);
  });

  test("a sensor that does not fit into a byte is refused", () => {
    expect(() => atis5byte.createEncoder({ width: 1280, height: 720 })).toThrow(/256×240/);
  });
});
