import { describe, expect, test } from "vitest";
import { PacketWriter } from "#shared/events/packet-writer.ts";
import { seeded } from "#main/lib/testing/random.ts";
import { decodeAll, packetOf, randomCuts, randomEvents, rowsOf, type EventRow } from "../testing/events.ts";
import { aedat4Events } from "./aedat4-events.ts";

const sensor = { width: 346, height: 260 };
const START = 1_633_953_690_975_950;

describe("event structs", () => {
  test("by hand: 64-bit time, column, row, polarity", () => {
    const bytes = Buffer.alloc(32);
    bytes.writeBigInt64LE(0x1_0000_0002n);
    bytes.writeInt16LE(345, 8);
    bytes.writeInt16LE(259, 10);
    bytes[12] = 1;
    bytes.writeBigInt64LE(0x1_0000_0001n, 16);
    expect(decodeAll(aedat4Events.createDecoder(sensor), bytes)).toEqual([
      [2 ** 32 + 2, 345, 259, 1],
      [2 ** 32 + 1, 0, 0, 0],
    ]);
  });

  test("any split of the bytes and any change of decoder in between gives the same events", () => {
    const random = seeded(4);
    const rows = randomEvents(random, 2000, sensor, 0.1).map(([t, x, y, p]): EventRow => [START + t, x, y, p]);
    const bytes = aedat4Events.createEncoder(sensor).encode(packetOf(rows)).slice();
    expect(decodeAll(aedat4Events.createDecoder(sensor), bytes)).toEqual(rows);
    for (let i = 0; i < 100; i += 1) bytes[Math.floor(random() * bytes.length)] = Math.floor(random() * 256);
    const expected = decodeAll(aedat4Events.createDecoder(sensor), bytes);
    expect(expected.length).toBeGreaterThan(1000);
    for (let round = 0; round < 20; round += 1) {
      const cuts = randomCuts(random, bytes.length, round);
      expect(decodeAll(aedat4Events.createDecoder(sensor), bytes, cuts)).toEqual(expected);
      const middle = cuts[0] ?? 0;
      const first = aedat4Events.createDecoder(sensor);
      const before = decodeAll(first, bytes.subarray(0, middle));
      expect(first.pending()).toBe(middle % 16);
      const second = aedat4Events.createDecoder(sensor, structuredClone(first.state()));
      expect([...before, ...decodeAll(second, bytes.subarray(middle))]).toEqual(expected);
    }
  });

  test("a packet ends before a large fall and a far leap of the time", () => {
    const rows: EventRow[] = [1_000_000, 1_000_001, 500_000, 500_001, 500_001 + 2 ** 32].map((t) => [t, 1, 1, 1]);
    const encoder = aedat4Events.createEncoder(sensor);
    const bytes = Buffer.concat(rows.map((row) => encoder.encode(packetOf([row])).slice()));
    const decoder = aedat4Events.createDecoder(sensor);
    const writer = new PacketWriter();
    const packets: EventRow[][] = [];
    for (let used = 0; used < bytes.length;) {
      used += decoder.decode(bytes.subarray(used), writer);
      packets.push(rowsOf(writer.take()));
    }
    expect(packets).toEqual([rows.slice(0, 2), rows.slice(2, 4), rows.slice(4)]);
  });

  test("impossible times before the first event and between events are counted", () => {
    const bytes = Buffer.alloc(16 * 4);
    [-1n, 7n, 1n << 60n, 9n].forEach((t, i) => bytes.writeBigInt64LE(t, 16 * i));
    const decoder = aedat4Events.createDecoder(sensor);
    expect(decodeAll(decoder, bytes).map(([t]) => t)).toEqual([7, 9]);
    expect(decoder.dropped()).toEqual({ "with an impossible time": 2 });
    expect(decoder.time()).toBe(9);
    expect(() => aedat4Events.createEncoder({ width: 40_000, height: 1 })).toThrow(/40000×1/);
  });
});
