import { describe, expect, it } from "vitest";
import { miniBytes } from "#main/units/encodings/testing/inivation-words.ts";
import { READING_MARK } from "#main/units/encodings/dvxplorer-mini-usb/reading-mark.ts";
import { MESSAGES_IN } from "../inivation/messages.ts";
import { bench, until } from "../testing/bench.ts";
import { describeDialogue } from "../inivation/testing/dialogue-suite.ts";
import { describeSettings } from "../inivation/testing/settings-suite.ts";
import type { DeviceModel } from "../testing/device-model.ts";
import { inivationModel } from "../testing/inivation-model.ts";
import { bytesOf, hasTranscripts, loadTranscript, type Transcript } from "../testing/transcript.ts";
import { madeFeed } from "../testing/wire-feed.ts";
import { createDvxplorerMini } from "./dvxplorer-mini.ts";
import { createReadingWeaver } from "./readings.ts";

/** A board that answers on its second endpoint with a reading that is a little different each time. */
function withReadings(transcript: Transcript): DeviceModel {
  const reading = bytesOf("01ea4100bfff8300002000f064000002");
  let number = 0;
  return {
    ...inivationModel(transcript),
    bulkIn: () => {
      number += 1;
      return Uint8Array.from(reading, (byte, i) => (i === 2 ? number & 0x7f : byte));
    },
  };
}

describeDialogue(createDvxplorerMini, [
  {
    transcript: "inivation-dvxplorer-mini-fw8",
    sensor: { width: 640, height: 480 },
    encoding: "dvxplorer-mini-usb",
    metadata: { camera: "DVXplorer Mini or Micro", serial_number: "DXM00042", firmware_version: "9", logic_version: "18.4" },
    bytesOfRows: miniBytes,
  },
  {
    transcript: "inivation-dvxplorer-mini-fw10",
    sensor: { width: 640, height: 480 },
    encoding: "dvxplorer-mini-usb",
    metadata: { serial_number: "DX100042", firmware_version: "10" },
    bytesOfRows: miniBytes,
    // The second endpoint is asked at the pace of its readings instead of with a read that always waits.
    without: (action) =>
      (action.kind === "submit" || action.kind === "cancel" || action.kind === "bulk") && action.ep === MESSAGES_IN,
    model: withReadings,
  },
]);

describeSettings(createDvxplorerMini, "inivation-dvxplorer-mini-fw8", [
  { name: "thresholds", set: { thresholdOn: 5, thresholdOff: 15 }, writes: ["5.11=4", "5.28=5", "5.30=2"] },
  {
    name: "window",
    set: { roi: "window", roiX: 100, roiY: 45, roiWidth: 401, roiHeight: 359 },
    writes: ["5.3306=64", "5.3301=5", "5.3302=E0", "5.3303=32", "5.3304=F", "5.3307=1", "5.3308=F4", "5.3300=0"],
  },
  { name: "hold", set: { globalHold: false }, writes: ["5.3255=0"] },
  { name: "inertial readings off", set: { imu: false }, writes: ["3.2=0", "3.3=0", "3.4=0"] },
  { name: "clock", set: { resetClock: true }, writes: ["5.3238=1", "5.3238=0"] },
]);

describeSettings(createDvxplorerMini, "inivation-dvxplorer-mini-fw10", [
  { name: "thresholds", set: { thresholdOn: 5, thresholdOff: 15 }, writes: ["1.14=5", "1.15=15"] },
  {
    name: "window",
    set: { roi: "window", roiX: 100, roiY: 45, roiWidth: 401, roiHeight: 359 },
    writes: ["1.19=100", "1.20=45", "1.21=401", "1.22=359", "1.23=1"],
  },
  { name: "readout", set: { readout: "constant 100/s" }, writes: ["1.13=0"] },
  { name: "subsampling", set: { subsampleX: "half", subsampleY: "eighth" }, writes: ["1.5=1", "1.6=7"] },
  {
    name: "flatten, hold, reset",
    set: { flatten: true, globalHold: false, globalReset: true },
    writes: ["1.4=1", "1.8=0", "1.9=1"],
  },
  { name: "ranges", set: { accelRange: "16 g", gyroRange: "2000 °/s" }, writes: ["3.7=3", "3.10=0"] },
  { name: "inertial readings off", set: { imu: false }, writes: ["3.2=0", "3.3=0", "3.4=0"] },
]);

describe("inertial readings of the DVXplorer Mini", () => {
  const reading = (number: number): Uint8Array => Uint8Array.from({ length: 16 }, (_, i) => (i === 0 ? 1 : number));
  const mark = [...new Uint8Array(Uint32Array.of(READING_MARK).buffer)];

  it("are put between whole words only, each once", () => {
    const weaver = createReadingWeaver();
    const sent: number[][] = [];
    const hand = weaver.weave((bytes) => sent.push([...bytes]));
    // Before the first events there is no time that it could have.
    weaver.add(reading(6));
    hand(Uint8Array.of(0, 0, 0, 0), false);
    weaver.add(reading(7));
    weaver.add(reading(7));
    hand(Uint8Array.of(1, 2, 3), false);
    weaver.add(reading(8));
    hand(Uint8Array.of(4, 5), false);
    hand(Uint8Array.of(6, 7, 8), false);
    hand(Uint8Array.of(9, 10, 11, 12), false);
    expect(sent).toEqual([
      [0, 0, 0, 0],
      [...mark, ...reading(7)],
      [1, 2, 3],
      [4, 5],
      [6, 7, 8],
      [...mark, ...reading(8)],
      [9, 10, 11, 12],
    ]);
  });

  it("go on their own when no events come, and wait for a lost word's end", () => {
    const weaver = createReadingWeaver();
    const sent: number[] = [];
    const hand = weaver.weave((bytes) => sent.push(bytes.length));
    hand(new Uint8Array(4), false);
    for (let i = 0; i < 17; i += 1) weaver.add(reading(i));
    expect(sent).toEqual([4, 20 * 16]);
    hand(Uint8Array.of(1), false);
    hand(Uint8Array.of(1, 2, 3, 4), true);
    hand(Uint8Array.of(1), false);
    expect(sent).toEqual([4, 320, 20, 1, 4, 1]);
  });

  it.skipIf(!hasTranscripts)("come with the events of an open camera (the dialogues are not at hand: skipped)", async () => {
    const transcript = loadTranscript("inivation-dvxplorer-mini-fw10");
    const { camera, open } = bench(createDvxplorerMini, {
      transcript,
      model: withReadings(transcript),
      feed: madeFeed(() => new Uint8Array(512)),
    });
    const opened = await open();
    let readings = 0;
    opened.start(
      (chunk) => {
        const words = new DataView(chunk.buffer, chunk.byteOffset, chunk.length);
        if (chunk.length % 20 === 0) readings += words.getUint32(0, true) === READING_MARK ? chunk.length / 20 : 0;
      },
      () => undefined,
    );
    await until(() => readings > 5, "readings come");
    await opened.stop();
    expect([camera.held(), camera.violations]).toEqual([[], []]);
  });
});
