import { describe, expect, test } from "vitest";
import { sourceOf } from "#main/lib/files.ts";
import { seeded } from "#main/lib/testing/random.ts";
import { packetOf, randomEvents, type EventRow } from "#main/units/encodings/testing/events.ts";
import { evt21Bytes, evt4Bytes } from "#main/units/encodings/testing/prophesee-words.ts";
import { memorySink, rowsFrom } from "../testing/files.ts";
import { parseHeader } from "../prophesee/header.ts";
import { propheseeRaw, propheseeRawEvt2 } from "./prophesee-raw.ts";

const sensor = { width: 320, height: 320 };
const text = (value: string): Uint8Array => Buffer.from(value, "latin1");
const file = (...parts: Uint8Array[]) => sourceOf(Buffer.concat(parts), "test.raw");
const rows = randomEvents(seeded(3), 3000, sensor);
const triggers = [40, 1700].map((i) => ({ t: rows[i]![0], channel: i % 16, value: 1 }));
const withTriggers = { ...packetOf(rows), beside: { triggers } };
const GEOMETRY = "% geometry 320x320\n";

async function recorded(codec: typeof propheseeRaw | typeof propheseeRawEvt2, packets = [withTriggers]): Promise<Uint8Array> {
  const sink = memorySink();
  const target = await codec.create(sink, { sensor, label: "x" }, { date: "2024-01-01 00:00:00" });
  for (const packet of packets) await target.write(packet);
  await target.close();
  return sink.bytes();
}
const payload = (bytes: Uint8Array): Uint8Array => bytes.subarray(parseHeader(bytes).length);

const layouts = [
  { name: "EVT 2.0", id: "evt2", lines: "% evt 2.0\n", words: await recorded(propheseeRawEvt2).then(payload) },
  { name: "EVT 2.1", id: "evt21", lines: "% format EVT21;endianness=little\n", words: evt21Bytes({ rows, triggers }, "little") },
  {
    name: "EVT 2.1 legacy",
    id: "evt21-legacy",
    lines: "% format EVT21;endianness=legacy\n",
    words: evt21Bytes({ rows, triggers }, "legacy"),
  },
  { name: "EVT 3.0", id: "evt3", lines: "% evt 3.0\n", words: await recorded(propheseeRaw).then(payload) },
  { name: "EVT 4.0", id: "evt4", lines: "% evt 4.0\n% format EVT4\n", words: evt4Bytes({ rows, triggers }) },
];

describe.each(layouts)("$name", ({ id, lines, words }) => {
  test("is read with its triggers, with and without the end line", async () => {
    for (const end of ["% end\n", "% x\n", ""]) {
      const recording = await propheseeRaw.open(file(text(lines + GEOMETRY + end), words));
      expect(recording.encoding).toBe(id);
      expect(recording.info.sensor).toEqual(sensor);
      expect(await rowsFrom(recording.read({}))).toEqual(rows);
      expect(recording.report()).toEqual({ damage: [], triggers, dropped: {} });
      expect(recording.info.range).toEqual({ start: rows[0]![0], end: rows.at(-1)[0] + 1 });
    }
  });

  test("a part of it, through the index too", async () => {
    const recording = await propheseeRaw.open(file(text(lines + GEOMETRY), words));
    for await (const entry of recording.buildIndex(50_000)) expect(entry.t).toBeGreaterThan(0);
    const [from, to] = [rows[1000]![0], rows[2200]![0]];
    expect(await rowsFrom(recording.read({ from, to }))).toEqual(rows.filter(([t]) => t >= from && t < to));
  });

  test("joined, cut and joined, and cut short", async () => {
    const header = text(lines + GEOMETRY + "% end\n");
    for (const cut of [0, 1]) {
      const first = words.subarray(0, words.length - cut);
      const recording = await propheseeRaw.open(file(header, first, header, words));
      const read = await rowsFrom(recording.read({}));
      expect(read.slice(-rows.length)).toEqual(rows);
      expect(read.length).toBeGreaterThan(2 * rows.length - 33);
      const joint = recording.report().damage.find(({ reason }) => reason.includes("second recording"));
      expect(joint).toMatchObject({ offset: header.length + first.length, bytes: header.length });
    }
    const short = words.subarray(0, 4001);
    const recording = await propheseeRaw.open(file(header, short));
    expect(recording.report().damage).toMatchObject([{ offset: header.length + 4000, bytes: 1 }]);
  });

  test("without a header it is known by its words, but for EVT 4.0", async () => {
    const head = words.subarray(0, 4096);
    if (id === "evt4") {
      expect(propheseeRaw.probe(head)).toBe(false);
      return;
    }
    expect(propheseeRaw.probe(head)).toBe(true);
    const recording = await propheseeRaw.open(file(words));
    expect(recording.encoding).toBe(id);
    expect(recording.metadata["remark"]).toMatch(/no header/);
    expect(await rowsFrom(recording.read({}))).toEqual(rows);
    expect(recording.guesses.map(({ param }) => param)).toEqual(["width", "height"]);
  });

  test("a header of only a camera board that is not known leaves it to the words", async () => {
    if (id === "evt4") return;
    const recording = await propheseeRaw.open(file(text("% plugin_name x\n% geometry 320x320\n"), words));
    expect(recording.encoding).toBe(id);
    expect(recording.metadata["remark"]).toMatch(/does not name/);
  });
});

describe("the order of EVT 2.1 words", () => {
  const little = evt21Bytes({ rows }, "little");
  const legacy = evt21Bytes({ rows }, "legacy");
  const encodingOf = async (lines: string, words: Uint8Array) => {
    const recording = await propheseeRaw.open(file(text(`${lines}${GEOMETRY}% end\n`), words));
    return [recording.encoding, recording.metadata["remark"] ?? ""];
  };

  test("comes from the words where the header is silent or wrong", async () => {
    expect(await encodingOf("% evt 2.1\n% system_ID 49\n", little)).toEqual(["evt21", expect.stringContaining("the words")]);
    expect(await encodingOf("% evt 2.1\n% system_ID 99\n", legacy)).toEqual([
      "evt21-legacy",
      expect.stringContaining("the words"),
    ]);
    const wrong = "% format EVT21;endianness=little\n";
    expect(await encodingOf(wrong, legacy)).toEqual(["evt21-legacy", expect.stringContaining("says")]);
    expect(await encodingOf(wrong, little)).toEqual(["evt21", ""]);
  });

  test("comes from the camera board where there are no words to judge by", async () => {
    const none = new Uint8Array(0);
    expect((await encodingOf("% evt 2.1\n% system_ID 49\n", none))[0]).toBe("evt21-legacy");
    expect((await encodingOf("% evt 2.1\n% system_ID 99\n", none))[0]).toBe("evt21");
    expect((await encodingOf("% evt 2.1\n", none))[0]).toBe("evt21");
  });
});

test("noise and other words are not taken for any of them", () => {
  const random = seeded(2);
  for (let round = 0; round < 50; round += 1) {
    const noise = Uint8Array.from({ length: 4096 }, () => Math.floor(256 * random()));
    expect(propheseeRaw.probe(noise)).toBe(false);
  }
  expect(propheseeRaw.probe(new Uint8Array(4096))).toBe(false);
  expect(propheseeRaw.probe(new Uint8Array(4096).fill(255))).toBe(false);
});

describe("writing", () => {
  test.each([
    { codec: propheseeRaw, id: "evt3" },
    { codec: propheseeRawEvt2, id: "evt2" },
  ])("$codec.id: events and triggers in any packets are read back, and none at all too", async ({ codec, id }) => {
    const parts = [rows.slice(0, 900), [] as EventRow[], rows.slice(900)].map((part) => ({
      ...packetOf(part),
      beside: { triggers: triggers.filter(({ t }) => part.length > 0 && t >= part[0]![0] && t <= part.at(-1)[0]) },
    }));
    const recording = await propheseeRaw.open(sourceOf(await recorded(codec, parts)));
    expect(recording.encoding).toBe(id);
    expect(await rowsFrom(recording.read({}))).toEqual(rows);
    expect(recording.report()).toEqual({ damage: [], triggers, dropped: {} });
    const empty = await propheseeRaw.open(sourceOf(await recorded(codec, [])));
    expect(await rowsFrom(empty.read({}))).toEqual([]);
    expect(empty.info.sensor).toEqual(sensor);
  });

  test("what was read is written and read again, whatever the words were", async () => {
    for (const { lines, words } of layouts) {
      const source = await propheseeRaw.open(file(text(lines + GEOMETRY), words));
      for (const codec of [propheseeRaw, propheseeRawEvt2]) {
        const sink = memorySink();
        const target = await codec.create(sink, source.info, source.metadata);
        for await (const packet of source.read({})) await target.write(packet);
        await target.close();
        const again = await propheseeRaw.open(sourceOf(sink.bytes()));
        expect(await rowsFrom(again.read({}))).toEqual(rows);
        expect(again.report()).toEqual({ damage: [], triggers, dropped: {} });
        expect(again.metadata["remark"]).toBeUndefined();
      }
    }
  });

  test("a sensor that does not fit is refused before anything is written", async () => {
    const sink = memorySink();
    const info = { sensor: { width: 4000, height: 8 }, label: "x" };
    await expect(propheseeRawEvt2.create(sink, info)).rejects.toMatchObject({ code: "unsupported" });
    expect(sink.bytes()).toHaveLength(0);
  });
});

test("what the user answers counts more than the header, and fills what it leaves open", async () => {
  const [{ words }] = layouts as [(typeof layouts)[0]];
  const wide = await propheseeRaw.open(file(text("% evt 2.0\n% geometry 8x8\n"), words), { width: 320, height: 320 });
  expect(wide.info.sensor).toEqual(sensor);
  expect(wide.report().dropped).toEqual({});
  const half = await propheseeRaw.open(file(text("% evt 2.0\n"), words), { width: 400 });
  expect(half.info.sensor).toEqual({ width: 400, height: 320 });
  expect(half.guesses).toMatchObject([{ param: "height", value: 320, sure: true }]);
});
