import { describe, expect, test } from "vitest";
import type { Trigger } from "#shared/events/beside.ts";
import { sourceOf } from "#main/lib/files.ts";
import { seeded } from "#main/lib/testing/random.ts";
import { packetOf, randomEvents, type EventRow } from "#main/units/encodings/testing/events.ts";
import { aedat1 as unit1 } from "../aedat1/aedat1.ts";
import { seeds as seeds1 } from "../aedat1/seeds.ts";
import type { Codec } from "../codec.ts";
import { memorySink, rowsFrom } from "../testing/files.ts";
import { upright } from "../upright.ts";
import { aedat2 as unit2 } from "./aedat2.ts";
import { parseAedatHeader } from "./header.ts";
import { seeds } from "./seeds.ts";

/** As the rest of the program sees them. */
const aedat1: Codec = unit1;
const aedat2: Codec & typeof unit2 = unit2;

async function written(sensor: { width: number; height: number }, rows: readonly EventRow[], triggers: readonly Trigger[] = []) {
  const sink = memorySink();
  const target = await aedat2.create(sink, { sensor, label: "x" });
  const half = rows.length >> 1;
  for (const part of [rows.slice(0, half), rows.slice(half)]) {
    const within = triggers.filter(({ t }) => (part === rows || half === 0 ? true : part[0]![0] <= t && t <= part.at(-1)[0]));
    await target.write({ ...packetOf(part), ...(within.length > 0 ? { beside: { triggers: within } } : {}) });
  }
  await target.close();
  return sink.bytes();
}

const header = (...lines: readonly string[]): Uint8Array => Buffer.from(lines.map((line) => `${line}\r\n`).join(""), "latin1");
const record = (address: number, time: number): Uint8Array => {
  const bytes = Buffer.alloc(8);
  bytes.writeUInt32BE(address >>> 0);
  bytes.writeUInt32BE(time >>> 0, 4);
  return bytes;
};
const file = (...parts: readonly Uint8Array[]) => sourceOf(Buffer.concat(parts), "x.aedat");

describe("writing and reading back", () => {
  test.each([
    { width: 128, height: 128 },
    { width: 240, height: 180 },
    { width: 346, height: 260 },
    { width: 640, height: 480 },
  ])("$width×$height: upright events and edges come back", async (sensor) => {
    const rows = randomEvents(seeded(2), 3000, sensor);
    const triggers = [1, 0, 1].map((value, i) => ({ t: rows[1000 * i]![0], channel: 0, value }));
    const recording = upright(await aedat2.open(sourceOf(await written(sensor, rows, triggers))));
    expect(await rowsFrom(recording.read({}))).toEqual(rows);
    expect(recording.info).toMatchObject({ sensor, range: { start: rows[0]![0], end: rows.at(-1)[0] + 1 } });
    expect(recording.report()).toEqual({ damage: [], triggers, dropped: {} });
  });

  test("a smaller sensor lies in the corner of the camera's", async () => {
    const rows = randomEvents(seeded(2), 100, { width: 34, height: 34 });
    const recording = upright(await aedat2.open(sourceOf(await written({ width: 34, height: 34 }, rows))));
    expect(await rowsFrom(recording.read({}))).toEqual(rows);
    expect(recording.info.sensor).toEqual({ width: 128, height: 128 });
  });

  test("over the turn of the clock, and with times far beyond it", async () => {
    const sensor = { width: 128, height: 128 };
    for (const shift of [0xfff8_0000, 1_633_953_690_975_950]) {
      const rows = randomEvents(seeded(8), 600, sensor).map(([t, x, y, p]): EventRow => [t + shift, x, y, p]);
      expect(rows.at(-1)[0]).toBeGreaterThan(2 ** 32);
      const recording = upright(await aedat2.open(sourceOf(await written(sensor, rows))));
      expect(await rowsFrom(recording.read({}))).toEqual(rows);
      const [from, to] = [rows[200]![0], rows[300]![0]];
      expect(await rowsFrom(recording.read({ from, to }))).toEqual(rows.filter(([t]) => t >= from && t < to));
    }
  });

  test("without events there is a whole recording", async () => {
    const sensor = { width: 346, height: 260 };
    const bytes = await written(sensor, []);
    expect(aedat2.probe(bytes, "x", bytes.length)).toBe(true);
    const recording = await aedat2.open(sourceOf(bytes));
    expect(await rowsFrom(recording.read({}))).toEqual([]);
    expect(recording.report().damage).toEqual([]);
    await expect(aedat2.open(sourceOf(new Uint8Array(3)))).rejects.toMatchObject({ code: "empty" });
  });

  test("a sensor that no camera of the format has is refused", async () => {
    await expect(async () =>
      aedat2.create(memorySink(), { sensor: { width: 1280, height: 720 }, label: "" }),
    ).rejects.toMatchObject({
      code: "unsupported",
    });
  });
});

describe("headers", () => {
  const parse = (bytes: Uint8Array, more = 0) => parseAedatHeader(bytes, bytes.length + more, 8);

  test("end with their end line, whatever follows", () => {
    const lines = header("#!AER-DAT2.0", "# AEChip: a.b.DVS128", "#End Of ASCII Header");
    const { version, length, fields } = parse(Buffer.concat([lines, Buffer.from("# more\r\n")]));
    expect([version, length, fields.get("AEChip")]).toEqual(["2.0", lines.length, "a.b.DVS128"]);
  });

  test("a first record that begins like a comment is data", () => {
    const lines = header("#!AER-DAT2.0", "# created");
    const ascii = [record(0x2330_3132, 0x3334_3536), record(0x3738_390d, 0x0a00_0000)];
    for (const first of [record(0x2301_0203, 10), record(0x23ff_fe40, 0x4041_0d0a), Buffer.concat(ascii)]) {
      expect(parse(Buffer.concat([lines, first, record(1, 2)])).length).toBe(lines.length);
    }
    const endless = Buffer.concat([lines, Buffer.alloc(1 << 17, "#")]);
    expect(parse(endless).length).toBe(lines.length);
  });

  test("lines may end without a carriage return, and hold a whole XML document", () => {
    const text = Buffer.from(`#!AER-DAT2.0\n${'#  <node name="ch">\n'.repeat(8000)}#</preferences>\n`);
    expect(parse(Buffer.concat([text, record(2, 3)])).length).toBe(text.length);
  });
});

describe("cameras", () => {
  const open = (chip: string, ...records: readonly Uint8Array[]) =>
    aedat2.open(file(header("#!AER-DAT2.0", `# AEChip: ${chip}`, "#End Of ASCII Header"), ...records));

  test.each([
    ["ch.unizh.ini.jaer.chip.retina.DVS128", 128, 128, "aedat-dvs128"],
    ["eu.seebetter.ini.chips.davis.DAVIS240C", 240, 180, "aedat-davis"],
    ["eu.seebetter.ini.chips.davis.Davis346blue", 346, 260, "aedat-davis"],
    ["eu.seebetter.ini.chips.davis.DavisRGBW640", 640, 480, "aedat-davis"],
  ])("%s", async (chip, width, height, encoding) => {
    expect(await open(chip, record(0, 1))).toMatchObject({ info: { sensor: { width, height } }, encoding, guesses: [] });
  });

  test("an ear is refused by name", async () => {
    const error = await open("org.x.CochleaAMS1c", record(0, 1)).catch((reason: unknown) => reason);
    expect(error).toMatchObject({ code: "unsupported" });
    expect((error as Error).message).toContain("CochleaAMS1c");
  });

  test("without a name the addresses decide", async () => {
    const davis = Array.from({ length: 20 }, (_, i) => record((i << 22) | (200 << 12), i));
    const found = await aedat2.open(file(header("#!AER-DAT2.0"), ...davis));
    expect(found).toMatchObject({ encoding: "aedat-davis", info: { sensor: { width: 240, height: 180 } } });
    expect(found.guesses?.map(({ param, value, sure }) => [param, value, sure])).toEqual([
      ["width", 240, false],
      ["height", 180, false],
    ]);
    const answered = await aedat2.open(file(header("#!AER-DAT2.0"), ...davis), { width: 346, height: 260 });
    expect(answered.info.sensor).toEqual({ width: 346, height: 260 });
    expect((await aedat2.open(file(header("#!AER-DAT2.0"), record(5, 1)))).encoding).toBe("aedat-dvs128");
  });

  test("of merged cameras the first is read", async () => {
    const records = Array.from({ length: 400 }, (_, i) => record((100 << 22) | ((i << 12) & 0xff000) | (i % 4), i));
    const recording = await aedat2.open(file(header("#!AER-DAT2.1", "# AEChip: x.DAVIS346B"), ...records));
    expect((await rowsFrom(recording.read({}))).length).toBe(100);
    expect(recording.report().dropped).toEqual({ "of another camera": 300 });
    expect(recording.metadata["cameras"]).toContain("0, 1, 2, 3");
  });
});

describe("telling files apart", () => {
  test("with headers by the header, without one by name and records", async () => {
    const [withHeader, bare] = await seeds1();
    expect(aedat1.probe(withHeader!.bytes, "x", 9)).toBe(true);
    expect(aedat1.probe(bare!.bytes, "x.dat", bare!.bytes.length)).toBe(true);
    expect(aedat1.probe(bare!.bytes, "x", bare!.bytes.length)).toBe(false);
    expect(aedat2.probe(bare!.bytes, "x.dat", bare!.bytes.length)).toBe(false);
    for (const { bytes, name } of await seeds()) {
      expect([aedat2.probe(bytes, name, 9), aedat1.probe(bytes, name, 9)]).toEqual([true, false]);
      const data = bytes.subarray(Buffer.from(bytes).indexOf("Header\r\n") + 8);
      expect([aedat2.probe(data, "x.dat", 9), aedat1.probe(data, "x.dat", 9), aedat2.probe(data, "x", 9)]).toEqual([
        true,
        false,
        false,
      ]);
    }
    const text = Buffer.from("# t x y p\n1 2 3 4\n".repeat(40));
    expect([aedat1, aedat2 as Codec].map((codec) => codec.probe(text, "x.dat", text.length))).toEqual([false, false]);
  });

  test("AEDAT 1 is read and a cut record reported", async () => {
    const [seed] = await seeds1();
    const recording = await aedat1.open(sourceOf(seed!.bytes.subarray(0, -1)));
    expect((await rowsFrom(recording.read({}))).length).toBe(399);
    expect(recording.report().damage).toMatchObject([{ offset: seed!.bytes.length - 6, bytes: 5 }]);
  });
});
