import { describe, expect, it } from "vitest";
import { CLOCK_RESET_CHANNEL } from "#shared/events/beside.ts";
import { seeded } from "#main/lib/testing/random.ts";
import { decodeAll } from "../testing/events.ts";
import { dvs128Bytes, risingRows, words32 } from "../testing/inivation-words.ts";
import { hasSamples, recordedSample } from "../testing/recorded-sample.ts";
import { damaged, expectResumable } from "../testing/resumable.ts";
import { dvs128Usb } from "./dvs128-usb.ts";

const sensor = { width: 128, height: 128 };

describe("words of the DVS128", () => {
  it.skipIf(!hasSamples)("gives what the vendor's decoder gives (the dialogues are not at hand: skipped)", () => {
    const { bytes, rows, edges } = recordedSample("inivation-dvs128");
    const decoder = dvs128Usb.createDecoder(sensor);
    expect(decodeAll(decoder, bytes)).toEqual(rows);
    expect(decoder.triggers().map(({ t }) => t)).toEqual(edges.map(({ t }) => t));
    expect(decoder.dropped()).toEqual({});
  });

  it("goes on with its own time when the camera sets its clock back, and says when it was", () => {
    const decoder = dvs128Usb.createDecoder(sensor);
    const bytes = words32(0x8000_0000, 0x0005_0000, 0x4000_0000, 0x0003_0001);
    expect(decodeAll(decoder, bytes)).toEqual([
      [0x4005, 127, 127, 1],
      [0x4008, 127, 127, 0],
    ]);
    expect(decoder.triggers()).toEqual([{ t: 0x4005, channel: CLOCK_RESET_CHANNEL, value: 1 }]);
  });

  it("gives the same however the bytes are split, and after a copied state", () => {
    const rows = risingRows(seeded(2), 3000, sensor);
    const told = expectResumable(dvs128Usb, sensor, dvs128Bytes(rows));
    expect(told.rows).toEqual(rows);
  });

  it("comes through damage and random bytes, and gives the same for every split of them", () => {
    expectResumable(dvs128Usb, sensor, damaged(dvs128Bytes(risingRows(seeded(3), 1500, sensor)), 9, 200), 4);
    const random = seeded(5);
    expectResumable(
      dvs128Usb,
      sensor,
      Uint8Array.from({ length: 6000 }, () => Math.floor(random() * 256)),
      4,
    );
  });
});
