import { describe, expect, it } from "vitest";
import { seeded } from "#main/lib/testing/random.ts";
import { decodeAll } from "../testing/events.ts";
import { dvxplorerBytes, risingRows, words16 } from "../testing/inivation-words.ts";
import { hasSamples, recordedSample } from "../testing/recorded-sample.ts";
import { damaged, expectResumable } from "../testing/resumable.ts";
import { dvxplorerUsb } from "./dvxplorer-usb.ts";

const sensor = { width: 640, height: 480 };

describe("words of the DVXplorer", () => {
  it.skipIf(!hasSamples)("gives what the vendor's decoder gives (the dialogues are not at hand: skipped)", () => {
    const { bytes, rows, imu, edges } = recordedSample("inivation-dvxplorer");
    const decoder = dvxplorerUsb.createDecoder(sensor);
    expect(decodeAll(decoder, bytes)).toEqual(rows);
    expect(decoder.triggers().map(({ t, value }) => [t, value])).toEqual(edges.map(({ t, code }) => [t, code === 3 ? 0 : 1]));
    const [sample] = decoder.imu!();
    expect(sample).toMatchObject({ t: imu[0]!.t, temperature: imu[0]!.temp });
    sample!.acceleration.forEach((value, i) => expect(value).toBeCloseTo(imu[0]!.accel![i]!, 5));
    sample!.rotation.forEach((value, i) => expect(value).toBeCloseTo(imu[0]!.gyro![i]!, 5));
    expect(decoder.dropped()).toEqual({});
  });

  it("spreads both groups of a column, the second above or below the first", () => {
    const words = [0x8002, 0x100a, 0x4000 | 5 | (3 << 6), 0x3081, 0x2102, 0x4800 | 5 | (3 << 6), 0x2001];
    expect(decodeAll(dvxplorerUsb.createDecoder(sensor), words16(...words))).toEqual([
      [2, 10, 40, 1],
      [2, 10, 47, 1],
      [2, 10, 65, 0],
      [2, 10, 16, 1],
    ]);
  });

  it("drops what has no time, column or group, and what lies beyond the sensor", () => {
    const decoder = dvxplorerUsb.createDecoder({ width: 320, height: 240 });
    const words = [
      0x3001,
      0x8001,
      0x3001,
      0x1001,
      0x3001,
      0x4000 | 29,
      0x3080,
      0x4000 | 30,
      0x3081,
      0x1140,
      0x401d,
      0x3001,
      0x4802 | (5 << 6),
      0x2003,
    ];
    expect(decodeAll(decoder, words16(...words))).toEqual([[1, 1, 239, 1]]);
    expect(decoder.dropped()).toEqual({ "before the first time": 3, "beyond the sensor": 5 });
  });

  it("swaps the axes where the chip lies on its side", () => {
    const turned = dvxplorerUsb.createDecoder({ width: 480, height: 640 }, { dvsOrientation: 4 });
    expect(decodeAll(turned, words16(0x8001, 0x127f, 0x4001, 0x3102))).toEqual([[1, 9, 639, 0]]);
  });

  it("gives the same however the bytes are split, and after a copied state", () => {
    const rows = risingRows(seeded(2), 3000, sensor);
    const told = expectResumable(dvxplorerUsb, sensor, dvxplorerBytes(rows));
    expect(told.rows).toEqual(rows);
  });

  it("comes through damage and random bytes, and gives the same for every split of them", () => {
    expectResumable(dvxplorerUsb, sensor, damaged(dvxplorerBytes(risingRows(seeded(3), 1500, sensor)), 9, 200), 4);
    const random = seeded(5);
    expectResumable(
      dvxplorerUsb,
      sensor,
      Uint8Array.from({ length: 6000 }, () => Math.floor(random() * 256)),
      4,
    );
  });
});
