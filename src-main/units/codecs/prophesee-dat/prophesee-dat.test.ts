import { describe, expect, test } from "vitest";
import { sourceOf } from "#main/lib/files.ts";
import { seeded } from "#main/lib/testing/random.ts";
import { packetOf, randomEvents } from "#main/units/encodings/testing/events.ts";
import type { Codec } from "../codec.ts";
import { codecs } from "../index.ts";
import { memorySink, rowsFrom } from "../testing/files.ts";
import { propheseeRaw } from "../prophesee-raw/prophesee-raw.ts";
import { propheseeDat } from "./prophesee-dat.ts";

const sensor = { width: 304, height: 240 };
const text = (value: string): Uint8Array => Buffer.from(value, "latin1");
const words = (...values: number[]): Uint8Array => new Uint8Array(Uint32Array.from(values).buffer);
const file = (...parts: Uint8Array[]) => sourceOf(Buffer.concat(parts), "test.dat");
const HEADER = text("% Data file containing CD events.\n% Version 2\n% Height 240\n% Width 304\n% end\n");
const CD = Uint8Array.of(12, 8);
const rows = randomEvents(seeded(3), 3000, sensor);

async function recorded(given = rows): Promise<Uint8Array> {
  const sink = memorySink();
  const target = await propheseeDat.create(sink, { sensor, label: "x" }, { note: "n", evt: "3.0", Version: "1" });
  for (let i = 0; i < given.length; i += 1000) await target.write(packetOf(given.slice(i, i + 1000)));
  await target.close();
  return sink.bytes();
}

describe("reading", () => {
  test("what is written is read back; the other format leaves it alone", async () => {
    const bytes = await recorded();
    expect(propheseeDat.probe(bytes.subarray(0, 4096))).toBe(true);
    expect(propheseeRaw.probe(bytes.subarray(0, 4096))).toBe(false);
    const recording = await propheseeDat.open(sourceOf(bytes, "a/b.dat"));
    expect(await rowsFrom(recording.read({}))).toEqual(rows);
    expect(recording.info).toEqual({ sensor, label: "b.dat", range: { start: rows[0]![0], end: rows.at(-1)[0] + 1 } });
    expect(recording.metadata).toMatchObject({ Version: "2", note: "n" });
    expect(recording.report()).toEqual({ damage: [], triggers: [], dropped: {} });
    expect(recording.guesses).toEqual([]);
  });

  test("a recording without events can be written and read back", async () => {
    const recording = await propheseeDat.open(sourceOf(await recorded([])));
    expect(await rowsFrom(recording.read({}))).toEqual([]);
    expect(recording.report().damage).toEqual([]);
  });

  test("a part of it, through the index too", async () => {
    const recording = await propheseeDat.open(sourceOf(await recorded()));
    for await (const entry of recording.buildIndex(50_000)) expect(entry.t).toBeGreaterThan(0);
    const [from, to] = [rows[1000]![0], rows[2200]![0]];
    expect(await rowsFrom(recording.read({ from, to }))).toEqual(rows.filter(([t]) => t >= from && t < to));
  });

  test("version 1, and no version; without a size the next known sensor", async () => {
    for (const lines of ["% Version 1\n", "% Data file containing CD events.\n"]) {
      const address = 0x2_0000 + 20 * 512 + 30;
      const recording = await propheseeDat.open(file(text(lines), Uint8Array.of(0, 8), words(5, address, 7, 33)));
      expect(recording.encoding).toBe("dat-v1");
      expect(await rowsFrom(recording.read({}))).toEqual([
        [5, 30, 20, 1],
        [7, 33, 0, 0],
      ]);
      expect(recording.info.sensor).toEqual({ width: 34, height: 34 });
      expect(recording.guesses.map(({ param }) => param)).toEqual(["width", "height"]);
    }
  });

  test("crops of N-Cars have one size, unless the events or the user say otherwise", async () => {
    const header = text("% Data file containing N9Chronocam7Event2dE events.\n% Version 2\n");
    const open = (x: number, answers = {}) => propheseeDat.open(file(header, Uint8Array.of(0, 8), words(5, x)), answers);
    expect((await open(77)).info.sensor).toEqual({ width: 120, height: 100 });
    expect((await open(300)).info.sensor).toEqual({ width: 304, height: 240 });
    expect((await open(77, { width: 80, height: 60 })).info.sensor).toEqual({ width: 80, height: 60 });
  });

  test("a file of triggers has no events", async () => {
    const bytes = words(500, 1 << 26, 900, (3 << 26) + 1);
    const recording = await propheseeDat.open(file(HEADER, Uint8Array.of(14, 8), bytes));
    expect(await rowsFrom(recording.read({}))).toEqual([]);
    expect(recording.report().triggers).toEqual([
      { t: 500, channel: 1, value: 0 },
      { t: 900, channel: 3, value: 1 },
    ]);
  });

  test("times go on behind 2^32, and a fall of over a second that is no turn is a new part", async () => {
    const recording = await propheseeDat.open(file(HEADER, CD, words(2 ** 32 - 4, 1, 3, 2, 5_000_000, 3, 9, 4)));
    expect((await rowsFrom(recording.read({}))).map(([t]) => t)).toEqual([
      2 ** 32 - 4,
      2 ** 32 + 3,
      2 ** 32 + 5_000_000,
      2 ** 32 + 9,
    ]);
    expect(recording.report().damage).toMatchObject([{ reason: expect.stringContaining("new part") as string }]);
  });
});

describe("damage", () => {
  test.each([
    { name: "an event size of 0", behind: [12, 0], code: "damaged", message: /0 bytes each/ },
    { name: "an event size of 16", behind: [0, 16], code: "damaged", message: /16 bytes each/ },
    { name: "optical flow", behind: [40, 16], code: "unsupported", message: /type 40/ },
    { name: "a missing size", behind: [12], code: "empty", message: /missing/ },
  ])("$name is refused", async ({ behind, code, message }) => {
    const error = await propheseeDat.open(file(HEADER, Uint8Array.from(behind))).catch((reason: unknown) => reason);
    expect(error).toMatchObject({ code, message: expect.stringMatching(message) as string, hint: expect.any(String) as string });
    expect((error as Error).message).toContain("test.dat");
  });

  test("a header that is cut, and a version that is not known", async () => {
    for (const cut of [HEADER.length, HEADER.length - 1, 12]) {
      await expect(propheseeDat.open(file(HEADER.subarray(0, cut)))).rejects.toMatchObject({ code: "empty" });
    }
    const next = text("% Version 3\n% Width 8\n% Height 8\n");
    await expect(propheseeDat.open(file(next, CD, words(1, 1)))).rejects.toMatchObject({ code: "unsupported" });
  });

  test("bytes of half a record, events beyond the sensor", async () => {
    const recording = await propheseeDat.open(file(HEADER, CD, words(5, 304, 7, 33), Uint8Array.of(1, 2, 3)));
    expect(recording.report()).toMatchObject({
      dropped: { "beyond the sensor": 1 },
      damage: [
        { offset: HEADER.length + 2, reason: expect.stringContaining("50.0 per cent") as string },
        { offset: HEADER.length + 18, bytes: 3, reason: expect.stringContaining("cut off") as string },
      ],
    });
  });

  test("a joined file is read on, one of other records is left out", async () => {
    const bytes = await recorded();
    for (const cut of [0, 3]) {
      const first = bytes.subarray(0, bytes.length - cut);
      const recording = await propheseeDat.open(file(first, bytes));
      const read = await rowsFrom(recording.read({}));
      expect(read.slice(-rows.length)).toEqual(rows);
      expect(read.length).toBe(2 * rows.length - (cut === 0 ? 0 : 1));
      const joint = recording.report().damage.find(({ reason }) => reason.includes("second recording"));
      expect(joint).toMatchObject({ offset: first.length, bytes: bytes.length - 8 * rows.length });
    }
    const others = [
      Buffer.concat([HEADER, Uint8Array.of(14, 8), words(1, 1)]),
      Buffer.concat([HEADER, Uint8Array.of(12, 7), words(1, 1)]),
      Buffer.concat([text("% evt 3.0\n% geometry 304x240\n% end\n"), words(1, 1)]),
      Buffer.concat([text("% Version 2\n% Width 640\n% Height 480\n% end\n"), CD, words(1, 1)]),
    ];
    for (const other of others) {
      const recording = await propheseeDat.open(file(bytes, other));
      expect((await rowsFrom(recording.read({}))).length).toBe(rows.length);
      expect(recording.report().damage).toMatchObject([
        { offset: bytes.length, bytes: other.length, reason: expect.stringContaining("left out") as string },
      ]);
    }
  });
});

test("a recording that ends beyond 2^32 µs is refused with the remedy, before and while it is written", async () => {
  const info = { sensor, label: "x", range: { start: 0, end: 2 ** 32 + 1 } };
  await expect(propheseeDat.create(memorySink(), info)).rejects.toMatchObject({
    code: "unsupported",
    hint: expect.stringContaining("--to") as string,
  });
  const target = await propheseeDat.create(memorySink(), { sensor, label: "x", range: { start: 0, end: 2 ** 32 } });
  await expect(async () => target.write(packetOf([[2 ** 32, 1, 1, 1]]))).rejects.toMatchObject({ code: "unsupported" });
});

test("new files with the extensions of the vendor are the vendor's", () => {
  const writer = (extension: string) =>
    codecs.find((codec: Codec) => codec.create !== undefined && codec.extensions.includes(extension))?.id;
  expect([writer(".dat"), writer(".raw")]).toEqual(["prophesee-dat", "prophesee-raw"]);
});
