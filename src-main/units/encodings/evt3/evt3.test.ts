import { afterEach, describe, expect, test } from "vitest";
import { useEventKernels } from "#main/lib/kernels.ts";
import { createPlainEventKernels } from "#main/kernels/plain-events.ts";
import { seeded } from "#main/lib/testing/random.ts";
import { decodeAll, packetOf, randomCuts, randomEvents, type EventRow } from "../testing/events.ts";
import { evt3 } from "./evt3.ts";

const sensor = { width: 1280, height: 720 };
const bytesOf = (...words: number[]): Uint8Array => new Uint8Array(Uint16Array.from(words).buffer);
const decoded = (...words: number[]): EventRow[] => decodeAll(evt3.createDecoder(sensor), bytesOf(...words));

afterEach(() => useEventKernels(undefined));

describe.each(["compiled or plain", "plain"])("EVT 3.0 decoder, kernels %s", (which) => {
  const use = (): void => useEventKernels(which === "plain" ? createPlainEventKernels() : undefined);

  test("single events and vectors by hand", () => {
    use();
    expect(
      decoded(
        0x8002, // time high 2: 8192 µs
        0x6005, // low 5
        0x0007, // row 7
        0x2803, // x 3, ON
        0x2009, // x 9, OFF
        0x3864, // vector from x 100, ON
        0x4801, // bits 0 and 11
        0x5082, // next 12: bits 1 and 7
      ),
    ).toEqual([
      [8197, 3, 7, 1],
      [8197, 9, 7, 0],
      [8197, 100, 7, 1],
      [8197, 111, 7, 1],
      [8197, 113, 7, 1],
      [8197, 119, 7, 1],
    ]);
  });

  test("a time low that falls is a step back, not a turn of the counter", () => {
    use();
    expect(decoded(0x8001, 0x6064, 0x0001, 0x2001, 0x6060, 0x2002).map(([t]) => t)).toEqual([4196, 4192]);
  });

  test("a new time high sets the low part to zero, an equal one changes nothing", () => {
    use();
    expect(decoded(0x8001, 0x6064, 0x0001, 0x2001, 0x8001, 0x2001, 0x8002, 0x2001).map(([t]) => t)).toEqual([4196, 4196, 8192]);
  });

  test("the counter turns when it falls by half its range or more, and by no less", () => {
    use();
    expect(decoded(0x8fff, 0x0001, 0x2001, 0x8000, 0x2001).map(([t]) => t)).toEqual([4095 * 4096, 4096 * 4096]);
    expect(decoded(0x8800, 0x0001, 0x2001, 0x8001, 0x2001).map(([t]) => t)).toEqual([2048 * 4096, 4096]);
    expect(decoded(0x8800, 0x0001, 0x2001, 0x8000, 0x2001).map(([t]) => t)).toEqual([2048 * 4096, 4096 * 4096]);
  });

  test("what has no time, no row or no place on the sensor is dropped and counted", () => {
    use();
    const decoder = evt3.createDecoder(sensor);
    const words = bytesOf(
      0x0001,
      0x2001, // no time
      0x4007, // no time, 3 events
      0x8001,
      0x2001, // no row: the one before the first time does not count
      0x02d0, // row 720
      0x2001, // beyond
      0x02cf,
      0x2500, // x 1280
      0x34fe, // vector from 1278
      0x400f, // 4 events, 2 beyond
    );
    expect(decodeAll(decoder, words)).toEqual([
      [4096, 1278, 719, 0],
      [4096, 1279, 719, 0],
    ]);
    expect(decoder.dropped()).toEqual({ "before the first time": 4, "before the first row": 1, "beyond the sensor": 4 });
  });

  test("vectors need no fixed groups, other words may come between them", () => {
    use();
    const expected = [
      [4096, 10, 2, 1],
      [4096, 22, 2, 1],
      [8192, 34, 2, 1],
    ];
    expect(decoded(0x8001, 0x0002, 0x380a, 0x4001, 0xe014, 0x4001, 0xf123, 0xf456, 0x8002, 0x5001)).toEqual(expected);
  });

  test("triggers keep their time, channel and edge", () => {
    use();
    const decoder = evt3.createDecoder(sensor);
    decodeAll(decoder, bytesOf(0xa600, 0x8001, 0x6003, 0xa601, 0xa600, 0x9999, 0x9999));
    expect(decoder.triggers()).toEqual([
      { t: 4099, channel: 6, value: 1 },
      { t: 4099, channel: 6, value: 0 },
    ]);
    expect(decoder.triggers()).toEqual([]);
    expect(decoder.skipped?.()).toEqual({ offset: 10, bytes: 4 });
  });

  test("any split of the bytes and any change of decoder in between gives the same events", () => {
    use();
    const random = seeded(1);
    const bytes = evt3
      .createEncoder(sensor)
      .encode(packetOf(randomEvents(random, 3000, sensor, 0.1)))
      .slice();
    for (let i = 0; i < 40; i += 1) bytes[Math.floor(random() * bytes.length)] = Math.floor(random() * 256);
    const expected = decodeAll(evt3.createDecoder(sensor), bytes);
    for (let round = 0; round < 20; round += 1) {
      const cuts = randomCuts(random, bytes.length, round);
      expect(decodeAll(evt3.createDecoder(sensor), bytes, cuts)).toEqual(expected);
      const middle = cuts[0] ?? 0;
      const first = evt3.createDecoder(sensor);
      const before = decodeAll(first, bytes.subarray(0, middle));
      const second = evt3.createDecoder(sensor, structuredClone(first.state()));
      expect([...before, ...decodeAll(second, bytes.subarray(middle))]).toEqual(expected);
    }
    const single = Array.from({ length: 2000 }, (_, i) => i);
    expect(decodeAll(evt3.createDecoder(sensor), bytes, single)).toEqual(expected);
  });

  test("two decoders that take turns do not disturb each other", () => {
    use();
    const a = evt3.createDecoder(sensor);
    const b = evt3.createDecoder(sensor);
    expect(decodeAll(a, bytesOf(0x8001, 0x0005))).toEqual([]);
    expect(decodeAll(b, bytesOf(0x8009, 0x0006, 0x2003))).toEqual([[9 * 4096, 3, 6, 0]]);
    expect(decodeAll(a, bytesOf(0x2002))).toEqual([[4096, 2, 5, 0]]);
  });
});

describe("EVT 3.0 encoder", () => {
  test("what it writes is read back event for event, steps back and long gaps included", () => {
    for (const seed of [1, 2, 3]) {
      const rows = randomEvents(seeded(seed), 5000, sensor, 0.05);
      const encoder = evt3.createEncoder(sensor);
      const bytes = [rows.slice(0, 7), rows.slice(7, 2000), rows.slice(2000)].map((part) =>
        encoder.encode(packetOf(part)).slice(),
      );
      expect(decodeAll(evt3.createDecoder(sensor), Buffer.concat(bytes))).toEqual(rows);
    }
  });

  test("there is a TIME_HIGH for every 4.096 ms, so that silence keeps its turns", () => {
    const rows: EventRow[] = [
      [10, 1, 1, 1],
      [40_000_000, 2, 1, 1],
    ];
    const bytes = evt3.createEncoder(sensor).encode(packetOf(rows));
    const words = new Uint16Array(bytes.slice().buffer);
    expect(words.filter((word) => word >>> 12 === 8).length).toBe(1 + Math.floor(40_000_000 / 4096));
    expect(decodeAll(evt3.createDecoder(sensor), bytes)).toEqual(rows);
  });

  test("a recording may begin after the first turn of the counter", () => {
    const rows: EventRow[] = [[3_600_000_123, 1, 1, 1]];
    expect(decodeAll(evt3.createDecoder(sensor), evt3.createEncoder(sensor).encode(packetOf(rows)))).toEqual(rows);
    const never: EventRow[] = [[1.6e15, 1, 1, 1]];
    expect(() => evt3.createEncoder(sensor).encode(packetOf(never))).toThrow(/19 hours/);
  });

  test("three neighbors become one whole group of vector words, two do not", () => {
    const three: EventRow[] = [0, 5, 31].map((x) => [4096, 100 + x, 3, 1]);
    const bytes = evt3.createEncoder(sensor).encode(packetOf(three));
    expect([...new Uint16Array(bytes.slice().buffer)]).toEqual([0x8001, 0x6000, 0x0003, 0x3864, 0x4021, 0x4000, 0x5080]);
    const two = evt3.createEncoder(sensor).encode(packetOf(three.slice(1)));
    expect([...new Uint16Array(two.slice().buffer)]).toEqual([0x8001, 0x6000, 0x0003, 0x2869, 0x2883]);
  });

  test("triggers are read back among the events, over a turn of the clock", () => {
    const encoder = evt3.createEncoder(sensor);
    const triggers = [
      { t: 5000, channel: 15, value: 1 },
      { t: 8192, channel: 0, value: 0 },
      { t: 2 ** 24 + 3, channel: 6, value: 1 },
    ];
    const rows: EventRow[] = [
      [5001, 1, 1, 1],
      [8192, 2, 1, 1],
      [2 ** 24 + 3, 2, 1, 0],
    ];
    const parts = triggers.flatMap((trigger, i) => [
      encoder.triggers([trigger]).slice(),
      encoder.encode(packetOf([rows[i]!])).slice(),
    ]);
    const decoder = evt3.createDecoder(sensor);
    expect(decodeAll(decoder, Buffer.concat(parts))).toEqual(rows);
    expect(decoder.triggers()).toEqual(triggers);
    expect(() => encoder.triggers([{ t: 2 ** 24, channel: 16, value: 1 }])).toThrow(/channel 16/);
  });
});
