import { describe, expect, test } from "vitest";
import { PacketWriter } from "#shared/events/packet-writer.ts";
import { seeded } from "#main/lib/testing/random.ts";
import { decodeAll, packetOf, randomCuts, randomEvents, rowsOf, type EventRow } from "../testing/events.ts";
import { aedatDavis, aedatDvs128, aedatDvs128Short } from "./aedat-address.ts";

const all = [aedatDvs128, aedatDvs128Short, aedatDavis];
const sensors = { "aedat-dvs128": [128, 128], "aedat-dvs128-6byte": [128, 128], "aedat-davis": [346, 260] } as const;
const sensorOf = ({ id }: { readonly id: string }) => {
  const [width, height] = sensors[id as keyof typeof sensors];
  return { width, height };
};

/** Big-endian records of four-byte addresses and times. */
const words = (...values: readonly (readonly [address: number, time: number])[]): Uint8Array => {
  const bytes = Buffer.alloc(8 * values.length);
  values.forEach(([address, time], i) => {
    bytes.writeUInt32BE(address >>> 0, 8 * i);
    bytes.writeUInt32BE(time >>> 0, 8 * i + 4);
  });
  return bytes;
};

const pixel = (x: number, y: number, on: number): number => (y << 22) | (x << 12) | (on << 11);
const imuWord = (channel: number, value: number): number => 0x8000_0c00 | (channel << 28) | ((value & 0xffff) << 12);
const reading = (x: number, y: number, signal: number, value: number): number =>
  0x8000_0000 | (y << 22) | (x << 12) | (signal << 10) | value;

describe("DVS128 addresses", () => {
  test("by hand: bit 0 is OFF, then column and row; bit 15 is the external input", () => {
    const decoder = aedatDvs128.createDecoder(sensorOf(aedatDvs128));
    const rows = decodeAll(
      decoder,
      words([(5 << 8) | (3 << 1) | 1, 10], [(127 << 8) | (127 << 1), 11], [0x8000, 12], [0x8001, 13]),
    );
    expect(rows).toEqual([
      [10, 3, 5, 0],
      [11, 127, 127, 1],
    ]);
    expect(decoder.triggers()).toEqual([
      { t: 12, channel: 0, value: 1 },
      { t: 13, channel: 0, value: 0 },
    ]);
    expect(decoder.triggers()).toEqual([]);
  });

  test("in six bytes", () => {
    const decoder = aedatDvs128Short.createDecoder(sensorOf(aedatDvs128));
    expect(decodeAll(decoder, Uint8Array.of(5, 6, 0x80, 0, 0, 1, 0x80, 0, 0x80, 0, 0, 2))).toEqual([[0x8000_0001, 3, 5, 1]]);
    expect(decoder.triggers()).toEqual([{ t: 0x8000_0002, channel: 0, value: 1 }]);
  });

  test("larger addresses and pixels beyond a smaller sensor are counted", () => {
    const decoder = aedatDvs128.createDecoder({ width: 10, height: 10 });
    expect(decodeAll(decoder, words([0x10000, 1], [10 << 1, 1], [10 << 8, 1], [0, 1]))).toEqual([[1, 0, 0, 1]]);
    expect(decoder.dropped()).toEqual({ "words of no known kind": 1, "beyond the sensor": 2 });
  });
});

describe("the 32-bit clock", () => {
  const decode = (...times: readonly number[]): number[] =>
    decodeAll(aedatDvs128.createDecoder(sensorOf(aedatDvs128)), words(...times.map((t) => [0, t] as const))).map(([t]) => t);

  test("is unsigned and turns", () => {
    const turn = 2 ** 32;
    const times = [0xffff_ff00, 0xffff_fff0, 5, 0x8000_0000, 0x7fff_ff00, 0xf000_0000, 0xffff_ffff, 1];
    expect(decode(...times)).toEqual(times.map((t, i) => t + (i < 2 ? 0 : i < 7 ? turn : 2 * turn)));
  });

  test("a step back over the turn is none, a leap at the start is one", () => {
    expect(decode(0xffff_fff0, 5, 0xffff_fff8, 6)).toEqual([0xffff_fff0, 2 ** 32 + 5, 0xffff_fff8, 2 ** 32 + 6]);
    expect(decode(5, 0xffff_fff0)).toEqual([5, 0xffff_fff0]);
  });
});

describe("DAVIS addresses", () => {
  const sensor = { width: 3, height: 2 };

  test("events, external edges, words of no kind", () => {
    const decoder = aedatDavis.createDecoder({ width: 346, height: 260 });
    const rows = decodeAll(
      decoder,
      words(
        [pixel(345, 259, 1), 1],
        [pixel(0, 1, 0), 2],
        [0x402, 3],
        [0x403, 4],
        [0x400, 5],
        [0x8000_0800, 6],
        [pixel(0, 306, 1), 7],
      ),
    );
    expect(rows).toEqual([
      [1, 345, 259, 1],
      [2, 0, 1, 0],
    ]);
    expect(decoder.triggers().map(({ t, value }) => [t, value])).toEqual([
      [3, 0],
      [4, 1],
      [5, 1],
    ]);
    expect(decoder.dropped()).toEqual({ "beyond the sensor": 1, "words of no known kind": 1 });
  });

  test("a reading of the inertial sensor needs its seven words; a file may begin and end inside one", () => {
    const decoder = aedatDavis.createDecoder(sensor);
    const bytes = words(
      [imuWord(5, 9), 1],
      ...[8192, -8192, 4096, 340, 655, -655, 0].map((value, channel) => [imuWord(channel, value), 2] as const),
      [imuWord(0, 1), 3],
      [imuWord(1, 1), 3],
    );
    expect(decodeAll(decoder, bytes)).toEqual([]);
    expect(decoder.imu!()).toEqual([{ t: 2, temperature: 36, acceleration: [1, -1, 0.5], rotation: [10, -10, 0] }]);
    expect(decoder.dropped()).toEqual({ "incomplete inertial readings": 1 });
    const resumed = aedatDavis.createDecoder(sensor, structuredClone(decoder.state()));
    decodeAll(resumed, words(...[2, 3, 4, 5, 6].map((channel) => [imuWord(channel, 0), 3] as const)));
    expect(resumed.imu!()).toMatchObject([{ t: 3, acceleration: [1 / 8192, 1 / 8192, 0] }]);
  });

  test("a frame is reset less signal reading, rows from the top; half a frame is none", () => {
    const decoder = aedatDavis.createDecoder(sensor);
    const pixels = [0, 1, 2, 3, 4, 5].map((i) => ({ x: i % 3, y: Math.floor(i / 3), i }));
    const resets = (t: number) => pixels.map(({ x, y }) => [reading(x, y, 0, 1000), t] as const);
    const signals = pixels.map(({ x, y, i }) => [reading(x, y, 1, i === 5 ? 1023 : 1000 - i), 60 + i] as const);
    decodeAll(decoder, words(...resets(10).slice(0, 4), ...resets(20), ...signals, [reading(3, 0, 0, 1), 70], ...resets(80)));
    const full = (value: number): number => (value << 6) | (value >>> 4);
    expect(decoder.frames!()).toEqual([
      {
        t: 40,
        exposure: { start: 20, end: 60 },
        readout: { start: 20, end: 65 },
        width: 3,
        height: 2,
        offset: { x: 0, y: 0 },
        channels: 1,
        pixels: Uint16Array.from([3, 4, 0, 0, 1, 2].map(full)),
      },
    ]);
    expect(decoder.dropped()).toEqual({ "incomplete frames": 1, "pixels of frames beyond the sensor": 1 });
  });

  test("with a rolling shutter the readings interleave", () => {
    const decoder = aedatDavis.createDecoder({ width: 2, height: 1 });
    decodeAll(
      decoder,
      words([reading(0, 0, 0, 9), 1], [reading(0, 0, 1, 5), 3], [reading(1, 0, 0, 9), 4], [reading(1, 0, 1, 2), 7]),
    );
    expect(decoder.frames!()).toMatchObject([{ exposure: { start: 1, end: 3 }, readout: { start: 1, end: 7 } }]);
  });

  test("of several merged cameras one is taken", () => {
    const bytes = words([pixel(1, 1, 1) | 1, 1], [pixel(2, 1, 1) | 2, 2], [0x400 | 2, 3]);
    const decoder = aedatDavis.createDecoder({ width: 346, height: 260 }, { camera: 1 });
    expect(decodeAll(decoder, bytes)).toEqual([[1, 1, 1, 1]]);
    expect(decoder.dropped()).toEqual({ "of another camera": 2 });
    expect(decoder.state()["camera"]).toBe(1);
  });
});

describe.each(all)("$id", (encoding) => {
  const sensor = sensorOf(encoding);

  test("any split of the bytes and any change of decoder in between gives the same events", () => {
    const random = seeded(4);
    const encoder = encoding.createEncoder(sensor);
    const bytes = encoder.encode(packetOf(randomEvents(random, 2000, sensor, 0.1))).slice();
    for (let i = 0; i < 100; i += 1) bytes[Math.floor(random() * bytes.length)] = Math.floor(random() * 256);
    const expected = decodeAll(encoding.createDecoder(sensor), bytes);
    expect(expected.length).toBeGreaterThan(1000);
    for (let round = 0; round < 20; round += 1) {
      const cuts = randomCuts(random, bytes.length, round);
      expect(decodeAll(encoding.createDecoder(sensor), bytes, cuts)).toEqual(expected);
      const middle = cuts[0] ?? 0;
      const first = encoding.createDecoder(sensor);
      const before = decodeAll(first, bytes.subarray(0, middle));
      expect(first.pending()).toBe(middle % encoding.wordBytes);
      const second = encoding.createDecoder(sensor, structuredClone(first.state()));
      expect([...before, ...decodeAll(second, bytes.subarray(middle))]).toEqual(expected);
    }
    const single = Array.from({ length: bytes.length }, (_, i) => i);
    expect(decodeAll(encoding.createDecoder(sensor), bytes, single)).toEqual(expected);
  });

  test("a packet ends before a large fall of the time", () => {
    const rows: EventRow[] = [1_000_000, 1_000_001, 500_000, 500_001].map((t) => [t, 1, 1, 1]);
    const encoder = encoding.createEncoder(sensor);
    const bytes = Buffer.concat(rows.map((row) => encoder.encode(packetOf([row])).slice()));
    const decoder = encoding.createDecoder(sensor);
    const writer = new PacketWriter();
    expect(decoder.decode(bytes, writer)).toBe(2 * encoding.wordBytes);
    expect(rowsOf(writer.take())).toEqual(rows.slice(0, 2));
    decoder.decode(bytes.subarray(2 * encoding.wordBytes), writer);
    expect(rowsOf(writer.take())).toEqual(rows.slice(2));
  });

  test("what is written is read back, over the turn of the clock too; a silence that hides a turn is refused", () => {
    const rows = randomEvents(seeded(3), 500, sensor, 0.1);
    const near = rows.map(([t, x, y, p]): EventRow => [t + 2 ** 32 - rows[250]![0], x, y, p]);
    const last = near.at(-1)[0];
    expect(last).toBeGreaterThan(2 ** 32);
    const encoder = encoding.createEncoder(sensor);
    const triggers = [last + 1, last + 2].map((t, value) => ({ t, channel: 0, value }));
    const bytes = Buffer.concat([encoder.encode(packetOf(near)).slice(), encoder.triggers!(triggers).slice()]);
    const decoder = encoding.createDecoder(sensor);
    expect(decodeAll(decoder, bytes)).toEqual(near);
    expect(decoder.triggers()).toEqual(triggers);
    expect(() => encoder.encode(packetOf([[last + 2 ** 31 + 9, 1, 1, 1]]))).toThrow(/32 bits/);
    expect(() => encoding.createEncoder({ width: 1280, height: 720 })).toThrow(/1280×720/);
  });
});
