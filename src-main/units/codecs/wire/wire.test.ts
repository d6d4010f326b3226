import { describe, expect, it } from "vitest";
import { seeded } from "#main/lib/testing/random.ts";
import { sourceOf } from "#main/lib/files.ts";
import { davisUsb } from "#main/units/encodings/davis-usb/davis-usb.ts";
import { decodeAll } from "#main/units/encodings/testing/events.ts";
import { davisBytes, risingRows } from "#main/units/encodings/testing/inivation-words.ts";
import { rowsFrom } from "../testing/files.ts";
import { writeWireHeader } from "./header.ts";
import { wire } from "./wire.ts";

const sensor = { width: 346, height: 260 };
const rows = risingRows(seeded(3), 5000, sensor);
const bytes = davisBytes(rows);
/** A file that begins at the byte `from` of the stream. */
const fileFrom = (from: number) => {
  const decoder = davisUsb.createDecoder(sensor, { imuType: 1 });
  const before = decodeAll(decoder, bytes.subarray(0, from)).length;
  const header = writeWireHeader("davis-usb", { sensor, label: "made" }, { camera: "DAVIS346" }, decoder.state());
  return { file: sourceOf(Buffer.concat([header, bytes.subarray(from)]), "a.raw"), before };
};

describe("bytes of a camera as a recording", () => {
  it("go on where the stream was: the clock with its turns, the row, half a word", async () => {
    for (const from of [0, 4000, 4001]) {
      const { file, before } = fileFrom(from);
      const recording = await wire.open(file);
      expect(recording).toMatchObject({ encoding: "davis-usb", metadata: { camera: "DAVIS346" } });
      expect(recording.info.sensor).toEqual(sensor);
      expect(await rowsFrom(recording.read({}))).toEqual(rows.slice(before));
      const [t] = rows[4000]!;
      expect(await rowsFrom(recording.read({ from: t }))).toEqual(rows.filter((row) => row[0] >= t));
    }
  });

  it("are read up to where they were broken off, and that is told", async () => {
    const header = writeWireHeader("davis-usb", { sensor, label: "made" }, {}, {});
    const recording = await wire.open(sourceOf(Buffer.concat([header, bytes.subarray(0, 1001)]), "a.raw"));
    const wanted = decodeAll(davisUsb.createDecoder(sensor), bytes.subarray(0, 1000));
    expect(await rowsFrom(recording.read({}))).toEqual(wanted);
    expect(recording.report().damage).toMatchObject([{ offset: header.length + 1000, bytes: 1 }]);
  });

  it.each([
    ["no end", "#!SACCADE-WIRE 1 {", "damaged", /no end/],
    ["no JSON", "#!SACCADE-WIRE 1 {\n", "damaged", /not JSON/],
    ["nothing", "#!SACCADE-WIRE 1 7\n", "damaged", /describes nothing/],
    ["no encoding", "#!SACCADE-WIRE 1 {}\n", "damaged", /no encoding/],
    ["no size", '#!SACCADE-WIRE 1 {"encoding":"evt3","sensor":{"width":0,"height":1}}\n', "damaged", /no size/],
    [
      "a state beyond sense",
      '#!SACCADE-WIRE 1 {"encoding":"evt3","sensor":{"width":9,"height":9},"state":{"a":1e99}}\n',
      "damaged",
      /where the bytes begin/,
    ],
    [
      "another camera",
      '#!SACCADE-WIRE 1 {"encoding":"eye","sensor":{"width":9,"height":9},"state":{},"metadata":{}}\n',
      "unsupported",
      /"eye"/,
    ],
  ])("are refused with %s in the first line", async (_name, text, code, message) => {
    const failing = wire.open(sourceOf(Buffer.from(text), "a.raw"));
    await expect(failing).rejects.toMatchObject({ code, message: expect.stringMatching(message) as string });
  });
});
