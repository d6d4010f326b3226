import { describe, expect, it } from "vitest";
import { CLOCK_RESET_CHANNEL } from "#shared/events/beside.ts";
import { seeded } from "#main/lib/testing/random.ts";
import { decodeAll, randomEvents, type EventRow } from "../testing/events.ts";
import { davisBytes, words16 } from "../testing/inivation-words.ts";
import { hasSamples, recordedSample } from "../testing/recorded-sample.ts";
import { damaged, expectResumable } from "../testing/resumable.ts";
import { davisUsb } from "./davis-usb.ts";

const sensor = { width: 346, height: 260 };
const decoderOf = (state?: Readonly<Record<string, number>>) => davisUsb.createDecoder(sensor, state);

/** A reading between its marks: settings, then the bytes of seven numbers. */
const reading = (settings: number, values: readonly number[]): number[] => [
  0x0005,
  0x5300 | settings,
  ...values.flatMap((value) => [0x5000 | ((value >> 8) & 0xff), 0x5000 | (value & 0xff)]),
  0x0007,
];
/** A region of `columns` × `rows` and its columns, reset read and signal read. */
const frame = (
  left: number,
  top: number,
  columns: number,
  rows: number,
  value: (column: number, row: number) => readonly number[],
) => {
  const region = [left, top, left + columns - 1, top + rows - 1].flatMap((n) => [0x5100 | (n >> 8), 0x5200 | (n & 0xff)]);
  const read = (mark: number, which: number): number[] =>
    Array.from({ length: columns }, (_, c) => [
      mark,
      ...Array.from({ length: rows }, (__, r) => 0x4000 | value(c, r)[which]!),
      0x000d,
    ]).flat();
  return [0x0008, ...region, 0x000e, 0x8100, 0x000f, ...read(0x000b, 0), ...read(0x000c, 1), 0x000a];
};

describe("words of the DAVIS", () => {
  it.skipIf(!hasSamples)("gives what the vendor's decoder gives (the dialogues are not at hand: skipped)", () => {
    const { bytes, rows, imu, edges } = recordedSample("inivation-davis346");
    const decoder = decoderOf({ imuType: 2 });
    expect(decodeAll(decoder, bytes)).toEqual(rows);
    expect(decoder.triggers().map(({ t, value }) => [t, value])).toEqual([
      ...edges.map(({ t, code }) => [t, code === 3 ? 0 : 1]),
    ]);
    const [sample] = decoder.imu!();
    expect(sample!.t).toBe(imu[0]!.t);
    sample!.acceleration.forEach((value, i) => expect(value).toBeCloseTo(imu[0]!.accel![i]!, 5));
    sample!.rotation.forEach((value, i) => expect(value).toBeCloseTo(imu[0]!.gyro![i]!, 5));
    expect(sample!.temperature).toBeCloseTo(imu[0]!.temp!, 3);
    const [picture] = decoder.frames!();
    expect(picture).toMatchObject({ width: 2, height: 2, exposure: { start: 210, end: 300 }, readout: { start: 200, end: 400 } });
    expect([...picture!.pixels].map((value) => (value >>> 6) << 6).slice(0, 2)).toEqual([32000, 31424]);
    expect(decoder.dropped()).toEqual({});
  });

  it("counts turns of the clock, told one by one or many at once, and keeps the row", () => {
    const bytes = words16(0x0001, 0x8005, 0x1003, 0x3007, 0x7001, 0x2008, 0x7fff, 0x8001, 0x2009);
    expect(decodeAll(decoderOf(), bytes)).toEqual([
      [5, 7, 3, 1],
      [0x8000, 8, 3, 0],
      [0x8000 * 0x1000 + 1, 9, 3, 0],
    ]);
  });

  it("goes on with its own time when the camera sets its clock back, and says when it was", () => {
    const decoder = decoderOf();
    const bytes = words16(0x0001, 0x1001, 0x8064, 0x2001, 0x0001, 0x8005, 0x2002);
    expect(decodeAll(decoder, bytes).map(([t]) => t)).toEqual([100, 105]);
    expect(decoder.triggers()).toEqual([{ t: 100, channel: CLOCK_RESET_CHANNEL, value: 1 }]);
  });

  it("drops what has no time, no row or no pixel, and counts it", () => {
    const decoder = decoderOf();
    expect(decodeAll(decoder, words16(0x2001, 0x8001, 0x2002, 0x1103, 0x2159, 0x215a, 0x1104, 0x2000))).toEqual([
      [1, 345, 259, 0],
    ]);
    expect(decoder.dropped()).toEqual({ "before the first time": 2, "beyond the sensor": 2 });
  });

  it("swaps the axes where the chip lies on its side", () => {
    const turned = davisUsb.createDecoder({ width: 260, height: 346 }, { dvsOrientation: 4 });
    expect(decodeAll(turned, words16(0x8001, 0x1003, 0x3105))).toEqual([[1, 3, 0x105, 1]]);
  });

  it("reads inertial readings, and counts those that are not whole", () => {
    const values = [8192, -4096, 100, 340, 65, -65, 131];
    const decoder = decoderOf({ imuType: 1, imuOrientation: 2 });
    const words = [0x8001, ...reading(0xe5, values), ...reading(0xe5, values.slice(1)), ...reading(0x85, values), 0x0005];
    decodeAll(decoder, words16(...words, ...reading(0xe0, values)));
    const [first, second, ...none] = decoder.imu!();
    expect(none).toEqual([]);
    expect(first).toMatchObject({ t: 1, temperature: 36, acceleration: [1, 0.5, 100 / 8192] });
    expect(first!.rotation[1]).toBeCloseTo(65 / 65.536, 5);
    expect(second).toMatchObject({ acceleration: [0.5, 0.25, 50 / 8192] });
    expect(decoder.dropped()).toEqual({ "incomplete inertial readings": 3 });
  });

  it("makes frames of whole reads only, turned upright", () => {
    const value = (c: number, r: number) => [900, 900 - (10 * c + r + 1)] as const;
    const at = (orientation: number, size = sensor) => {
      const decoder = davisUsb.createDecoder(size, { apsOrientation: orientation });
      decodeAll(decoder, words16(0x8010, ...frame(4, 6, 3, 2, value)));
      const [one] = decoder.frames!();
      return { ...one, pixels: [...one!.pixels].map((pixel) => pixel >>> 6) };
    };
    expect(at(0)).toMatchObject({ width: 3, height: 2, offset: { x: 4, y: 6 }, pixels: [1, 11, 21, 2, 12, 22], channels: 1 });
    expect(at(2)).toMatchObject({ offset: { x: 339, y: 6 }, pixels: [21, 11, 1, 22, 12, 2] });
    expect(at(1)).toMatchObject({ offset: { x: 4, y: 252 }, pixels: [2, 12, 22, 1, 11, 21] });
    expect(at(4, { width: 260, height: 346 })).toMatchObject({
      width: 2,
      height: 3,
      offset: { x: 6, y: 4 },
      pixels: [1, 2, 11, 12, 21, 22],
    });
    expect(at(0).exposure).toEqual({ start: 16, end: 256 });

    const decoder = decoderOf();
    const whole = frame(0, 0, 3, 2, value);
    decodeAll(
      decoder,
      words16(0x8001, ...whole.filter((_, i) => i !== 16), ...frame(0, 0, 3, 400, value), ...whole.slice(0, 15)),
    );
    expect(decoder.frames!()).toEqual([]);
    decodeAll(decoder, words16(...frame(0, 0, 2, 2, (c) => (c === 0 ? [300, 200] : [700, 0]))));
    expect([...decoder.frames!()[0]!.pixels]).toEqual([0xffff, 0xffff, 0xffff, 0xffff]);
    expect(decoder.dropped()).toEqual({ "incomplete frames": 3 });
  });

  it("gives the same however the bytes are split, and after a copied state", () => {
    const rows = randomEvents(seeded(1), 6000, sensor).sort((a, b) => a[0] - b[0]);
    const words = davisBytes(rows);
    const beside = words16(...reading(0xe5, [1, 2, 3, 4, 5, 6, 7]), 0x0003, 0x0002, 0x0004);
    const told = expectResumable(davisUsb, sensor, Buffer.concat([words.subarray(0, 4000), beside, words.subarray(4000)]));
    expect(told.rows).toEqual(rows);
    expect(told.triggers).toHaveLength(3);
    const state = decoderOf();
    decodeAll(state, Buffer.concat([words.subarray(0, 400), beside.subarray(0, 13)]));
    const copy = decoderOf(state.state());
    decodeAll(copy, beside.subarray(13));
    expect(copy.imu!()).toHaveLength(1);
  });

  it("comes through damage and random bytes, and gives the same for every split of them", () => {
    const bytes = davisBytes(randomEvents(seeded(4), 3000, sensor).sort((a, b) => a[0] - b[0]));
    expectResumable(davisUsb, sensor, damaged(bytes, 9, 200), 4);
    const random = seeded(5);
    expectResumable(
      davisUsb,
      sensor,
      Uint8Array.from({ length: 6000 }, () => Math.floor(random() * 256)),
      4,
    );
  });

  it("forgets the row, half a word and a frame when bytes were lost, and keeps the clock", () => {
    const decoder = decoderOf();
    const rows: EventRow[] = decodeAll(
      decoder,
      words16(0x8001, 0x1001, 0x7003, 0x8009, 0x2001, ...frame(0, 0, 2, 2, () => [1, 1]).slice(0, 12)),
    );
    decodeAll(decoder, new Uint8Array([7]));
    decoder.resync!();
    rows.push(...decodeAll(decoder, words16(0x2002, 0x1002, 0x2003)));
    expect(rows).toEqual([
      [0x18009, 1, 1, 0],
      [0x18100, 3, 2, 0],
    ]);
    expect(decoder.dropped()).toEqual({ "before the first time": 1, "incomplete frames": 1 });
  });
});
