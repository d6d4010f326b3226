import { afterEach, describe, expect, test } from "vitest";
import { useEventKernels } from "#main/lib/kernels.ts";
import { createPlainEventKernels } from "#main/kernels/plain-events.ts";
import { seeded } from "#main/lib/testing/random.ts";
import { decodeAll, packetOf, randomEvents, type EventRow } from "../testing/events.ts";
import { damaged, expectResumable } from "../testing/resumable.ts";
import { evt2 } from "./evt2.ts";

const sensor = { width: 640, height: 480 };
const bytesOf = (...words: number[]): Uint8Array => new Uint8Array(Uint32Array.from(words).buffer);
const high = (steps: number): number => 0x8000_0000 + steps;
const event = (low: number, x: number, y: number, p: number): number => p * 2 ** 28 + low * 2 ** 22 + x * 2 ** 11 + y;
const decoded = (...words: number[]): EventRow[] => decodeAll(evt2.createDecoder(sensor), bytesOf(...words));
const times = (...words: number[]): number[] => decoded(...words).map(([t]) => t);
const HIGHEST = 0xfff_ffff;

afterEach(() => useEventKernels(undefined));

describe.each(["compiled or plain", "plain"])("EVT 2.0 decoder, kernels %s", (which) => {
  const use = (): void => useEventKernels(which === "plain" ? createPlainEventKernels() : undefined);

  test("events by hand", () => {
    use();
    expect(decoded(high(3), event(5, 10, 20, 1), event(63, 639, 479, 0), high(4), event(0, 0, 0, 1))).toEqual([
      [197, 10, 20, 1],
      [255, 639, 479, 0],
      [256, 0, 0, 1],
    ]);
  });

  test("what has no time or lies beyond the sensor is dropped and counted, what means nothing is skipped", () => {
    use();
    const decoder = evt2.createDecoder(sensor);
    const words = [event(1, 1, 1, 1), 0xa000_0001, high(1), event(0, 640, 1, 1), 0x9999_9999, event(0, 1, 480, 0), 0x2000_0000];
    expect(decodeAll(decoder, bytesOf(...words, event(0, 1, 479, 0), 0xd123_4567, 0xe000_0014, 0xf000_0001))).toEqual([
      [64, 1, 479, 0],
    ]);
    expect(decoder.dropped()).toEqual({ "before the first time": 1, "beyond the sensor": 2 });
    expect(decoder.skipped?.()).toEqual({ offset: 16, bytes: 8 });
    expect(decoder.triggers()).toEqual([]);
  });

  test("a fall by more than half the range is a turn, a smaller one a step back", () => {
    use();
    expect(times(high(HIGHEST), event(9, 1, 1, 1), high(0), event(3, 1, 1, 1))).toEqual([2 ** 34 - 55, 2 ** 34 + 3]);
    expect(times(high(5), event(9, 1, 1, 1), high(4), event(3, 1, 1, 1))).toEqual([329, 259]);
    expect(times(high(2 ** 27), event(0, 1, 1, 1), high(0), event(0, 1, 1, 1))).toEqual([2 ** 33, 0]);
    expect(times(high(2 ** 27 + 1), event(0, 1, 1, 1), high(0), event(0, 1, 1, 1))).toEqual([2 ** 33 + 64, 2 ** 34]);
  });

  test("a step back over a turn is no other turn", () => {
    use();
    const words = [high(HIGHEST), high(0), event(0, 1, 1, 1), high(HIGHEST), event(0, 1, 1, 1), high(1), event(0, 1, 1, 1)];
    expect(times(...words)).toEqual([2 ** 34, 2 ** 34 - 64, 2 ** 34 + 64]);
  });

  test("jumps that a packet cannot span, up to several times 2^32 µs", () => {
    use();
    const steps = [0, 2 ** 25 - 1, 2 ** 26, 2 ** 26 + 3, 2 ** 27, 2 ** 27 + 2 ** 26 + 1, HIGHEST];
    expect(times(...steps.flatMap((step) => [high(step), event(1, 1, 1, 1)]))).toEqual(steps.map((step) => 64 * step + 1));
  });

  test("triggers keep their time, channel and edge", () => {
    use();
    const decoder = evt2.createDecoder(sensor);
    decodeAll(decoder, bytesOf(high(2), 0xa000_0000 + 7 * 2 ** 22 + 31 * 256 + 1, high(HIGHEST), high(1), 0xa000_0000));
    expect(decoder.triggers()).toEqual([
      { t: 135, channel: 31, value: 1 },
      { t: 2 ** 34 + 64, channel: 0, value: 0 },
    ]);
    expect(decoder.triggers()).toEqual([]);
  });

  test("any split of the bytes and any change of decoder in between gives the same events", () => {
    use();
    const rows = randomEvents(seeded(1), 2500, sensor, 0.1).map(([t, ...rest]) => [t + 2 ** 34 - 1_000_000, ...rest] as const);
    const bytes = evt2.createEncoder(sensor).encode(packetOf(rows)).slice();
    expect(expectResumable(evt2, sensor, bytes).rows).toEqual(rows);
    expect(expectResumable(evt2, sensor, damaged(bytes, 2, 60)).rows.length).toBeGreaterThan(2000);
  });
});

describe("EVT 2.0 encoder", () => {
  test("what it writes is read back event for event: steps back, long gaps, turns of the clock", () => {
    for (const seed of [1, 2, 3]) {
      const rows = randomEvents(seeded(seed), 4000, sensor, 0.05).map(
        ([t, ...rest]) => [t + (seed - 1) * (2 ** 34 - 2_000_000), ...rest] as const,
      );
      const encoder = evt2.createEncoder(sensor);
      const parts = [rows.slice(0, 7), rows.slice(7, 2000), rows.slice(2000)];
      const bytes = parts.map((part) => encoder.encode(packetOf(part)).slice());
      expect(decodeAll(evt2.createDecoder(sensor), Buffer.concat(bytes))).toEqual(rows);
    }
  });

  test("there is a time word at least each millisecond of silence", () => {
    const encoder = evt2.createEncoder(sensor);
    const words = [
      ...new Uint32Array(
        encoder
          .encode(
            packetOf([
              [10, 1, 1, 1],
              [1_000_000, 2, 1, 1],
            ]),
          )
          .slice().buffer,
      ),
    ];
    const highs = words.filter((word) => word >>> 28 === 8).map((word) => 64 * (word & HIGHEST));
    expect(highs.length).toBeGreaterThan(1000);
    for (let i = 1; i < highs.length; i += 1) expect(highs[i]! - highs[i - 1]!).toBeLessThanOrEqual(1000);
    const silence = encoder.advance(2_000_000);
    expect(silence.length).toBeGreaterThan(4000);
    expect(encoder.advance(1_999_990)).toHaveLength(0);
  });

  test("a recording may begin after many turns of the clock, and pause for hours", () => {
    for (const first of [2 ** 34 - 1, 2 ** 34, 5 * 2 ** 34 + 2 ** 33 + 9, 1.6e15]) {
      const rows: EventRow[] = [
        [first, 1, 2, 1],
        [first + 40_000_000_000, 3, 4, 0],
      ];
      const encoder = evt2.createEncoder(sensor);
      const bytes = rows.map((row) => encoder.encode(packetOf([row])).slice());
      expect(decodeAll(evt2.createDecoder(sensor), Buffer.concat(bytes))).toEqual(rows);
    }
  });

  test("triggers are read back among the events", () => {
    const encoder = evt2.createEncoder(sensor);
    const triggers = [
      { t: 5000, channel: 31, value: 1 },
      { t: 5070, channel: 0, value: 0 },
    ];
    const parts = [
      encoder.triggers(triggers.slice(0, 1)).slice(),
      encoder.encode(packetOf([[5001, 1, 1, 1]])).slice(),
      encoder.triggers(triggers.slice(1)).slice(),
    ];
    const decoder = evt2.createDecoder(sensor);
    expect(decodeAll(decoder, Buffer.concat(parts))).toEqual([[5001, 1, 1, 1]]);
    expect(decoder.triggers()).toEqual(triggers);
    expect(() => encoder.triggers([{ t: 1, channel: 32, value: 1 }])).toThrow(/channel 32/);
  });

  test("what it cannot hold is refused", () => {
    expect(() => evt2.createEncoder({ width: 2049, height: 8 })).toThrow(/2048/);
    const encoder = evt2.createEncoder(sensor);
    encoder.encode(packetOf([[2 ** 33 + 64, 1, 1, 1]]));
    expect(() => encoder.encode(packetOf([[0, 1, 1, 1]]))).toThrow(/falls/);
  });

  test("a preamble lets a fresh decoder begin in the middle", () => {
    const bytes = evt2
      .createEncoder(sensor)
      .encode(packetOf(randomEvents(seeded(4), 500, sensor)))
      .slice();
    const first = evt2.createDecoder(sensor);
    const cut = 4 * 300;
    decodeAll(first, bytes.subarray(0, cut));
    const rest = bytes.subarray(cut);
    const expected = decodeAll(evt2.createDecoder(sensor, first.state()), rest);
    const fresh = evt2.createDecoder(sensor);
    expect(decodeAll(fresh, Buffer.concat([evt2.preamble(first.state()), rest]))).toEqual(expected);
    expect(fresh.dropped()).toEqual({});
    expect(evt2.preamble(evt2.createDecoder(sensor).state())).toHaveLength(0);
  });
});
