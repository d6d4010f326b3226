import { describe, expect, test } from "vitest";
import { sourceOf } from "#main/lib/files.ts";
import { seeded } from "#main/lib/testing/random.ts";
import { packetOf, randomEvents, type EventRow } from "#main/units/encodings/testing/events.ts";
import type { IndexEntry } from "../codec.ts";
import { memorySink, rowsFrom } from "../testing/files.ts";
import { parseHeader } from "../prophesee/header.ts";
import { payloadOf } from "./header.ts";
import { propheseeRaw } from "./prophesee-raw.ts";

const sensor = { width: 640, height: 480 };
const text = (value: string): Uint8Array => Buffer.from(value, "latin1");
const words = (...values: number[]): Uint8Array => new Uint8Array(Uint16Array.from(values).buffer);
const file = (...parts: Uint8Array[]) => sourceOf(Buffer.concat(parts), "test.raw");
const EVT3 = text("% evt 3.0\n% format EVT3;height=480;width=640\n% end\n");
const oneEvent = words(0x8001, 0x0005, 0x2806);

async function recorded(rows: readonly EventRow[], metadata: Record<string, string> = {}): Promise<Uint8Array> {
  const sink = memorySink();
  const target = await propheseeRaw.create(sink, { sensor, label: "x" }, metadata);
  for (let i = 0; i < rows.length; i += 1000) await target.write(packetOf(rows.slice(i, i + 1000)));
  await target.close();
  return sink.bytes();
}

describe("header", () => {
  const read = (header: string) => payloadOf(parseHeader(text(header)));
  test("further blanks, empty lines and an end line in capitals belong to it", () => {
    const header = "% evt 3.0\n%  indented line\n% \n% 100% sure\n% END\n";
    expect(parseHeader(text(`${header}% evt 2.0\n`))).toEqual({
      fields: new Map([
        ["evt", "3.0"],
        ["indented", "line"],
        ["100%", "sure"],
      ]),
      length: header.length,
      ended: true,
    });
  });
  test("format counts before evt, its size before geometry, that before the camera board", () => {
    expect(read("% evt 2.0\n% format EVT3;height=720;width=1280\n% geometry 640x480\n% end\n")).toEqual({
      encoding: "EVT3",
      sensor: { width: 1280, height: 720 },
    });
    expect(read("% evt 3.0\n% geometry 320x240\n% system_ID 48\n")).toEqual({
      encoding: "EVT3",
      sensor: { width: 320, height: 240 },
      boardOrder: "legacy",
    });
    const boardOrder = "legacy";
    expect(read("% system_ID 48\n")).toEqual({ encoding: "EVT3", sensor: { width: 1280, height: 720 }, boardOrder });
    expect(read("% system_ID 21\n% evt 2.0\n")).toEqual({ encoding: "EVT2", sensor: { width: 640, height: 480 }, boardOrder });
    expect(read("% system_ID 55\n")).toEqual({ boardOrder: "little" });
    expect(read("% system_ID -1\n% evt 2.1\n")).toEqual({ encoding: "EVT21" });
    expect(read("% EVT 2.1\n")).toEqual({ encoding: "EVT21" });
    expect(read("% format EVT21;endianness=legacy;height=4;width=3\n% end\n")).toEqual({
      encoding: "EVT21",
      sensor: { width: 3, height: 4 },
      order: "legacy",
    });
  });

  test("it ends behind % end, or before the first bytes that are no line", () => {
    expect(parseHeader(text("% evt 3.0\n% end\n% no line")).length).toBe(16);
    expect(parseHeader(Buffer.concat([text("% evt 3.0\n"), oneEvent])).length).toBe(10);
    const unlucky = Buffer.concat([text("% evt 3.0\n% "), Uint8Array.of(1, 2, 0x0a, 4)]);
    expect(parseHeader(unlucky).length).toBe(10);
    expect(parseHeader(text(`% evt 3.0\n% ${"x".repeat(1100)}\n`)).length).toBe(10);
  });
});

describe("reading", () => {
  test("a header of odd length without % end", async () => {
    const recording = await propheseeRaw.open(file(text("% Date 2020-09-25 07:48:2\n% system_ID 48\n"), oneEvent));
    expect(await rowsFrom(recording.read({}))).toEqual([[4096, 6, 5, 1]]);
    expect(recording.info).toEqual({
      sensor: { width: 1280, height: 720 },
      label: "test.raw",
      range: { start: 4096, end: 4097 },
    });
    expect(recording.report()).toEqual({ damage: [], triggers: [], dropped: {} });
  });

  test("a whole header and nothing else is a recording without events; nothing at all and half a header are not", async () => {
    const recording = await propheseeRaw.open(file(EVT3));
    expect(await rowsFrom(recording.read({}))).toEqual([]);
    expect(recording.report()).toEqual({ damage: [], triggers: [], dropped: {} });
    expect(recording.info.sensor).toEqual(sensor);
    await expect(propheseeRaw.open(file())).rejects.toMatchObject({ code: "empty" });
    for (const cut of [EVT3.length - 1, EVT3.length - 5, 20, 12]) {
      await expect(propheseeRaw.open(file(EVT3.subarray(0, cut)))).rejects.toMatchObject({
        code: "empty",
        message: expect.stringContaining(`inside its header, at byte ${cut}`) as string,
      });
    }
  });

  test("without any size the next known sensor is taken, and said so", async () => {
    const recording = await propheseeRaw.open(file(text("% evt 3.0\n% end\n"), words(0x8001, 0x0005, 0x2806, 0x00c0, 0x2100)));
    expect(recording.info.sensor).toEqual({ width: 304, height: 240 });
    expect(recording.metadata["sensor_from"]).toContain("largest coordinates");
  });

  test("a cut word, padding and a start in the middle are listed with their places", async () => {
    const start = EVT3.length;
    const parts = [words(0x2001, 0x4003, 0x8001, 0x9999, 0x0005, 0x2806, 0x9999), Uint8Array.of(7)];
    const recording = await propheseeRaw.open(file(EVT3, ...parts));
    expect(await rowsFrom(recording.read({}))).toEqual([[4096, 6, 5, 1]]);
    expect(recording.report().damage).toEqual([
      { offset: start, bytes: 4, reason: expect.stringContaining("starts in the middle: 3 events") as string },
      { offset: start + 6, bytes: 4, reason: expect.stringContaining("2 words without a meaning") as string },
      { offset: start + 14, bytes: 1, reason: expect.stringContaining("cut off") as string },
    ]);
  });

  test("a joined file is read on, its header skipped, even at an odd place", async () => {
    const rows = randomEvents(seeded(3), 4000, sensor);
    const later = randomEvents(seeded(4), 3000, sensor);
    for (const cut of [0, 1]) {
      const first = await recorded(rows);
      const second = await recorded(later);
      const joined = file(first.subarray(0, first.length - cut), second);
      const recording = await propheseeRaw.open(joined);
      const read = await rowsFrom(recording.read({}));
      const kept = read.length - later.length;
      expect(read.slice(kept)).toEqual(later);
      expect(read.slice(0, kept)).toEqual(rows.slice(0, kept));
      expect(kept).toBeGreaterThan(rows.length - 33);
      const { damage } = recording.report();
      const header = damage.find(({ reason }) => reason.includes("second recording"));
      expect(header).toMatchObject({ offset: first.length - cut, bytes: parseHeader(second).length });
      expect(damage.length).toBe(1 + cut);
    }
  });

  test("a joined file of another encoding is left out", async () => {
    const first = await recorded(randomEvents(seeded(3), 500, sensor));
    const second = Buffer.concat([text("% evt 2.0\n% format EVT2\n% end\n"), new Uint8Array(1000)]);
    const recording = await propheseeRaw.open(file(first, second));
    expect((await rowsFrom(recording.read({}))).length).toBe(500);
    expect(recording.report().damage).toMatchObject([{ offset: first.length, bytes: second.length }]);
  });

  test("a headerless stream is known by its words", async () => {
    const bytes = await recorded(randomEvents(seeded(8), 3000, sensor));
    const payload = bytes.subarray(parseHeader(bytes).length);
    expect(propheseeRaw.probe(payload.subarray(0, 4096))).toBe(true);
    const recording = await propheseeRaw.open(file(payload));
    expect((await rowsFrom(recording.read({}))).length).toBe(3000);
    expect(recording.metadata["remark"]).toContain("no header");
  });

  test("a fall of over a second that is no turn is a new part, kept in file order", async () => {
    const recording = await propheseeRaw.open(file(EVT3, words(0x8400, 0x0001, 0x2001, 0x8100, 0x2002)));
    expect((await rowsFrom(recording.read({}))).map(([t]) => t)).toEqual([0x400 * 4096, 0x100 * 4096]);
    expect(recording.report().damage).toMatchObject([{ offset: EVT3.length + 8, bytes: 0 }]);
    expect(recording.info.range).toEqual({ start: 0x100 * 4096, end: 0x400 * 4096 + 1 });
    expect(await rowsFrom(recording.read({ from: 0x100 * 4096, to: 0x200 * 4096 }))).toEqual([[0x100 * 4096, 2, 1, 0]]);
  });

  test("a wrong size is remarked upon", async () => {
    const small = text("% evt 3.0\n% geometry 8x8\n% end\n");
    const recording = await propheseeRaw.open(file(small, words(0x8001, 0x0005, 0x2001, 0x2002, 0x2009)));
    expect(recording.report()).toMatchObject({
      dropped: { "beyond the sensor": 1 },
      damage: [{ reason: expect.stringContaining("33.3") as string }],
    });
  });

  test("stops when asked to", async () => {
    const recording = await propheseeRaw.open(file(EVT3, oneEvent));
    const signal = AbortSignal.abort();
    await expect(rowsFrom(recording.read({ signal }))).rejects.toThrow(/abort/i);
  });
});

describe("seeking", () => {
  const rows = randomEvents(seeded(5), 60_000, sensor, 0.05);
  const span = rows.at(-1)[0] - rows[0]![0];
  const within = (from: number, to: number): EventRow[] => rows.filter(([t]) => t >= from && t < to);

  test("a range gives the events of that range, with and without an index", async () => {
    const bytes = await recorded(rows);
    const plain = await propheseeRaw.open(sourceOf(bytes));
    const indexed = await propheseeRaw.open(sourceOf(bytes));
    const entries: IndexEntry[] = [];
    for await (const entry of plain.buildIndex(100_000)) entries.push(structuredClone(entry));
    expect(entries.length).toBeGreaterThan(5);
    expect(entries.at(-1)).toMatchObject({ offset: bytes.length, t: plain.info.range!.end });
    indexed.useIndex(entries);
    expect(indexed.info.range).toEqual(plain.info.range);
    const random = seeded(6);
    for (let round = 0; round < 12; round += 1) {
      const from = Math.floor(rows[0]![0] + random() * span);
      const to = from + Math.floor(random() * random() * span);
      const expected = within(from, to);
      expect(await rowsFrom(indexed.read({ from, to }))).toEqual(expected);
      expect(await rowsFrom((await propheseeRaw.open(sourceOf(bytes))).read({ from, to }))).toEqual(expected);
    }
    expect(await rowsFrom(indexed.read({ from: rows.at(-1)[0] + 1 }))).toEqual([]);
    expect((await rowsFrom(indexed.read({ to: rows[5000]![0] }))).length).toBe(within(-1, rows[5000]![0]).length);
  });

  test("an index makes it read less", async () => {
    const bytes = await recorded(rows);
    let read = 0;
    const source = sourceOf(bytes);
    const counting = {
      ...source,
      read: (offset: number, length: number, into?: Uint8Array) => {
        read += Math.min(length, bytes.length - offset);
        return source.read(offset, length, into);
      },
    };
    const recording = await propheseeRaw.open(counting);
    for await (const entry of recording.buildIndex(100_000)) void entry;
    read = 0;
    const from = rows[0]![0] + Math.floor(0.9 * span);
    expect(await rowsFrom(recording.read({ from }))).toEqual(within(from, Infinity));
    expect(read).toBeLessThan(0.5 * bytes.length);
  });

  test("an index of another file is not used", async () => {
    const recording = await propheseeRaw.open(sourceOf(await recorded(rows.slice(0, 100))));
    recording.useIndex([{ t: 0, offset: 7, state: {} }]);
    expect((await rowsFrom(recording.read({ from: 0 }))).length).toBe(100);
  });
});

describe("writing", () => {
  test("what is written is read back, with the metadata that fits into lines", async () => {
    const rows = randomEvents(seeded(7), 3000, sensor);
    const bytes = await recorded(rows, { serial_number: "0042", Date: "2024-01-01 10:00:00", "bad key": "x", note: "a\nb" });
    const head = parseHeader(bytes);
    expect([...head.fields.keys()]).toEqual(["evt", "format", "geometry", "serial_number", "Date", "note"]);
    expect(head.fields.get("note")).toBe("a b");
    expect(propheseeRaw.probe(bytes.subarray(0, 4096))).toBe(true);
    const recording = await propheseeRaw.open(sourceOf(bytes));
    expect(await rowsFrom(recording.read({}))).toEqual(rows);
    expect(recording.report().damage).toEqual([]);
    expect(recording.metadata["serial_number"]).toBe("0042");
    expect(recording.info.sensor).toEqual(sensor);
  });

  test("a camera's raw bytes get the same header", () => {
    const header = propheseeRaw.header("evt3", { sensor, label: "camera" }, {});
    expect(parseHeader(header!).fields.get("format")).toBe("EVT3;height=480;width=640");
    const formats = ["evt2", "evt21", "evt21-legacy", "evt4"].map((encoding) => {
      const bytes = propheseeRaw.header(encoding, { sensor, label: "camera" }, {});
      const { fields } = parseHeader(bytes!);
      return `${fields.get("evt")} ${fields.get("format")}`;
    });
    expect(formats).toEqual([
      "2.0 EVT2;height=480;width=640",
      "2.1 EVT21;endianness=little;height=480;width=640",
      "2.1 EVT21;endianness=legacy;height=480;width=640",
      "4.0 EVT4;height=480;width=640",
    ]);
    expect(propheseeRaw.header("atis-5byte", { sensor, label: "camera" }, {})).toBeUndefined();
  });
});
