import { describe, expect, it } from "vitest";
import { CLOCK_RESET_CHANNEL } from "#shared/events/beside.ts";
import { seeded } from "#main/lib/testing/random.ts";
import { decodeAll } from "../testing/events.ts";
import { miniBytes, risingRows, words32 } from "../testing/inivation-words.ts";
import { hasSamples, recordedSample } from "../testing/recorded-sample.ts";
import { damaged, expectResumable } from "../testing/resumable.ts";
import { dvxplorerMiniUsb } from "./dvxplorer-mini-usb.ts";
import { READING_MARK } from "./reading-mark.ts";

const sensor = { width: 640, height: 480 };
const reference = (ms: number): number => 0x0800_0000 | ms;
const begin = (x: number, sub: number): number => 0x0420_0000 | (sub << 11) | x;
/** One ON pixel in the top group. */
const PIXEL = 0x8000_0001;

describe("words of the DVXplorer Mini", () => {
  it.skipIf(!hasSamples)("gives what the vendor's decoder gives (the dialogues are not at hand: skipped)", () => {
    const { bytes, rows } = recordedSample("inivation-dvxplorer-mini-fw8");
    const decoder = dvxplorerMiniUsb.createDecoder(sensor);
    expect(decodeAll(decoder, bytes)).toEqual(rows);
    expect(decoder.dropped()).toEqual({});
  });

  it.skipIf(!hasSamples)("reads the readings that the driver puts in (the dialogues are not at hand: skipped)", () => {
    const { bytes, imu } = recordedSample("inivation-dvxplorer-mini-fw10", 1);
    const stream = Buffer.concat([words32(reference(5), begin(0, 7), READING_MARK), bytes, words32(PIXEL)]);
    const decoder = dvxplorerMiniUsb.createDecoder(sensor);
    expect(decodeAll(decoder, stream)).toEqual([[5007, 0, 0, 1]]);
    const [sample] = decoder.imu!();
    expect(sample).toMatchObject({ t: 5007, temperature: imu[0]!.temp });
    sample!.acceleration.forEach((value, i) => expect(value).toBeCloseTo(imu[0]!.accel![i]!, 5));
    sample!.rotation.forEach((value, i) => expect(value).toBeCloseTo(imu[0]!.gyro![i]!, 5));
    const reversed = dvxplorerMiniUsb.createDecoder(sensor, { imuReversed: 1 });
    decodeAll(reversed, stream);
    expect(reversed.imu!()[0]!.acceleration).toEqual([...sample!.acceleration].reverse());
    expectResumable(dvxplorerMiniUsb, sensor, stream);
    const copied = dvxplorerMiniUsb.createDecoder(
      sensor,
      (() => {
        const first = dvxplorerMiniUsb.createDecoder(sensor);
        decodeAll(first, stream.subarray(0, 19));
        return first.state();
      })(),
    );
    decodeAll(copied, stream.subarray(19));
    expect(copied.imu!()).toHaveLength(1);
  });

  it("tells the time by the column that begins a readout", () => {
    const words = [0, reference(3), begin(9, 4), PIXEL, 0x0400_0000 | (900 << 11) | 10, PIXEL];
    expect(decodeAll(dvxplorerMiniUsb.createDecoder(sensor), words32(...words))).toEqual([
      [3004, 9, 0, 1],
      [3004, 10, 0, 1],
    ]);
  });

  it("leaves out events between a lost reference and the next one", () => {
    const decoder = dvxplorerMiniUsb.createDecoder(sensor);
    const words = [
      PIXEL,
      reference(3),
      begin(1, 4),
      PIXEL,
      begin(2, 3),
      PIXEL,
      begin(3, 700),
      PIXEL,
      reference(5),
      begin(4, 1),
      PIXEL,
    ];
    expect(decodeAll(decoder, words32(...words)).map(([t, x]) => [t, x])).toEqual([
      [3004, 1],
      [5001, 4],
    ]);
    expect(decoder.dropped()).toEqual({ "before the first time": 1, "groups without a time reference": 2 });
  });

  it("counts turns of the reference, and goes on with its own time when the camera sets its clock back", () => {
    const decoder = dvxplorerMiniUsb.createDecoder(sensor);
    const words = [reference(0x3f_ffff), begin(1, 4), PIXEL, reference(0), begin(1, 2), PIXEL];
    expect(decodeAll(decoder, words32(...words)).map(([t]) => t)).toEqual([0x3f_ffff * 1000 + 4, 0x40_0000 * 1000 + 2]);
    const back = dvxplorerMiniUsb.createDecoder(sensor);
    const times = decodeAll(back, words32(reference(90), begin(1, 4), PIXEL, reference(2), begin(1, 6), PIXEL)).map(([t]) => t);
    expect(times).toEqual([90_004, 91_006]);
    expect(back.triggers()).toEqual([{ t: 90_004, channel: CLOCK_RESET_CHANNEL, value: 1 }]);
  });

  it("gives the same however the bytes are split, and after a copied state", () => {
    const rows = risingRows(seeded(2), 3000, sensor);
    const told = expectResumable(dvxplorerMiniUsb, sensor, miniBytes(rows));
    expect(told.rows).toEqual(rows);
  });

  it("comes through damage and random bytes, and gives the same for every split of them", () => {
    expectResumable(dvxplorerMiniUsb, sensor, damaged(miniBytes(risingRows(seeded(3), 1500, sensor)), 9, 200), 4);
    const random = seeded(5);
    expectResumable(
      dvxplorerMiniUsb,
      sensor,
      Uint8Array.from({ length: 6000 }, () => Math.floor(random() * 256)),
      4,
    );
  });
});
