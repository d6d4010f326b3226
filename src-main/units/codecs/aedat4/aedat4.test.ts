import { describe, expect, test } from "vitest";
import type { Frame, ImuSample, Trigger } from "#shared/events/beside.ts";
import { sourceOf } from "#main/lib/files.ts";
import { seeded } from "#main/lib/testing/random.ts";
import { packetOf, randomEvents, type EventRow } from "#main/units/encodings/testing/events.ts";
import type { OpenRecording } from "../codec.ts";
import { memorySink, rowsFrom } from "../testing/files.ts";
import { aedat4 } from "./aedat4.ts";
import { eventsBlock, frameBlock, headerBlock, triggersBlock } from "./blocks.ts";
import { frameOf } from "./contents.ts";
import { indexFromTable } from "./data-table.ts";
import { FlatReader } from "./flat-reader.ts";
import { MAGIC, readHeader } from "./header.ts";
import { infoNode } from "./info-node.ts";
import { everything, repacked, seeds } from "./seeds.ts";

/** All that a recording gives. */
async function contents(recording: OpenRecording) {
  const [triggers, frames, imu]: [Trigger[], Frame[], ImuSample[]] = [[], [], []];
  async function* packets() {
    for await (const packet of recording.read({ beside: true })) {
      triggers.push(...(packet.beside?.triggers ?? []));
      frames.push(...(packet.beside?.frames ?? []));
      imu.push(...(packet.beside?.imu ?? []));
      yield packet;
    }
  }
  return { rows: await rowsFrom(packets()), triggers, frames, imu };
}

async function written(
  packets: readonly Parameters<Awaited<ReturnType<typeof aedat4.create>>["write"]>[0][],
  sensor = { width: 320, height: 240 },
) {
  const sink = memorySink();
  const target = await aedat4.create(sink, { sensor, label: "x" });
  for (const packet of packets) await target.write(packet);
  await target.close();
  return sink.bytes();
}

const open = (bytes: Uint8Array) => aedat4.open(sourceOf(bytes, "x.aedat4"));
const seed = async (name: string): Promise<Uint8Array> => (await seeds()).find((file) => file.name === name)!.bytes;
const packet = (stream: number, block: Uint8Array): Uint8Array => {
  const head = Buffer.alloc(8);
  head.writeInt32LE(stream);
  head.writeInt32LE(block.length, 4);
  return Buffer.concat([head, block]);
};

describe("writing and reading back", () => {
  test("events and all that lies beside them, three times over", async () => {
    const { packet: source, rows, beside } = everything(3000);
    let bytes = await written([source]);
    for (let round = 0; round < 3; round += 1) {
      const recording = await open(bytes);
      const found = await contents(recording);
      expect(found).toEqual({ rows, ...beside });
      expect(recording.info).toMatchObject({ range: { start: rows[0]![0], end: rows.at(-1)[0] + 1 } });
      expect(recording.report()).toMatchObject({ damage: [], dropped: {}, others: { frames: 2, imu: 2 } });
      const parts: Parameters<typeof written>[0][number][] = [];
      for await (const part of recording.read({ beside: true })) parts.push({ ...part, words: part.words.slice() });
      bytes = await written(parts);
    }
  });

  test("a part of it, with an index", async () => {
    const { packet: source, rows, beside } = everything(30_000);
    const recording = await open(await written([source]));
    const entries = [];
    for await (const entry of recording.buildIndex(5000)) entries.push(entry);
    expect(entries.length).toBeGreaterThan(20);
    const [from, to] = [rows[12_000]![0], rows[20_000]![0]];
    expect(await rowsFrom(recording.read({ from, to }))).toEqual(rows.filter(([t]) => t >= from && t < to));
    const trigger = beside.triggers[1]!;
    const parts = [];
    for await (const part of recording.read({ from: trigger.t, to: trigger.t + 1 })) parts.push(...(part.beside?.triggers ?? []));
    expect(parts).toEqual([trigger]);
  });

  test("packets are small, and the data table tells them", async () => {
    const rows = randomEvents(seeded(1), 40_000, { width: 320, height: 240 });
    const bytes = await written([packetOf(rows)]);
    const file = sourceOf(bytes);
    const header = await readHeader(file);
    const index = (await indexFromTable(file, header, 0))!;
    expect(index.length).toBeGreaterThan(5);
    expect(index[0]).toMatchObject({ t: rows[0]![0], offset: header.length });
    expect(index.at(-1)).toEqual({ t: rows.at(-1)[0] + 1, offset: bytes.length, state: {} });
    const recording = await open(bytes);
    recording.useIndex(index);
    const from = rows[30_000]![0];
    expect(await rowsFrom(recording.read({ from }))).toEqual(rows.filter(([t]) => t >= from));
    // A table that does not agree with the file is not believed.
    const moved = Buffer.concat([bytes.subarray(0, header.length), new Uint8Array(1), bytes.subarray(header.length)]);
    expect(await indexFromTable(sourceOf(moved), { ...header, tableAt: header.tableAt + 1 }, 0)).toBeUndefined();
    expect(await indexFromTable(file, { ...header, tableAt: -1 }, 0)).toBeUndefined();
  });

  test("without events; times below 2^32; steps back", async () => {
    const empty = await open(await written([]));
    expect(await rowsFrom(empty.read({}))).toEqual([]);
    expect(empty.report().damage).toEqual([]);
    const rows: EventRow[] = [
      [5, 1, 1, 1],
      [3, 2, 2, 0],
      [4_294_967_290, 3, 3, 1],
      [4_294_967_300, 319, 239, 0],
      [4_000_000_000, 0, 0, 1],
    ];
    const recording = await open(await written([packetOf(rows.slice(0, 2), 0), packetOf(rows.slice(2), 4_000_000_000)]));
    expect(await rowsFrom(recording.read({}))).toEqual(rows);
  });

  test("a crash leaves all but the last packets", async () => {
    const sink = memorySink();
    const target = await aedat4.create(sink, { sensor: { width: 320, height: 240 }, label: "x" });
    const rows = randomEvents(seeded(1), 20_000, { width: 320, height: 240 });
    await target.write(packetOf(rows));
    const recording = await open(sink.bytes());
    const found = await rowsFrom(recording.read({}));
    expect(found.length).toBeGreaterThan(10_000);
    expect(found).toEqual(rows.slice(0, found.length));
    expect(recording.report().damage).toEqual([]);
  });
});

describe("frames", () => {
  const base = { t: 10, width: 2, height: 1, offset: { x: 0, y: 0 } };
  const read = (frame: Frame, change?: (block: Uint8Array, formatAt: number) => void) => {
    const block = frameBlock(frame).slice();
    const flat = new FlatReader(block);
    change?.(block, 4 + flat.field(flat.root(), 5, 1)!);
    return frameOf(new FlatReader(block));
  };

  test.each([1, 3, 4] as const)("%d channels of 8 and 16 bits", (channels) => {
    for (const pixels of [
      Uint8Array.from({ length: 2 * channels }, (_, i) => i),
      Uint16Array.from({ length: 2 * channels }, (_, i) => 999 * i),
    ]) {
      const frame = { ...base, channels, pixels };
      expect(read(frame)).toEqual(frame);
    }
  });

  test("floats are spread over 16 bits; other kinds are named, impossible ones refused", () => {
    const floats = new Uint8Array(Float32Array.of(0, 0.5, 1, 2, NaN, -1).buffer);
    const stored: Frame = { ...base, width: 24, channels: 1, pixels: floats };
    const asFloat = (block: Uint8Array, at: number): void => {
      block[at] = 5;
      const flat = new FlatReader(block);
      block[4 + flat.field(flat.root(), 6, 2)!] = 6;
    };
    expect(read(stored, asFloat)).toMatchObject({ width: 6, pixels: Uint16Array.of(0, 0x8000, 0xffff, 0xffff, 0, 0) });
    expect(read(stored, (block, at) => (block[at] = 6))).toBe("frames of format 6");
    expect(() => read(stored, (block, at) => (block[at] = 16))).toThrow(/24×1 has 24 bytes/);
  });
});

describe("what a file says about itself", () => {
  const rows: EventRow[] = [
    [100, 1, 2, 1],
    [200, 3, 4, 0],
  ];
  const structs = (of: readonly EventRow[]): Uint8Array => {
    const bytes = Buffer.alloc(16 * of.length);
    of.forEach(([t, x, y, p], i) => {
      bytes.writeBigInt64LE(BigInt(t), 16 * i);
      bytes.writeInt16LE(x, 16 * i + 8);
      bytes.writeInt16LE(y, 16 * i + 10);
      bytes[16 * i + 12] = p;
    });
    return bytes;
  };
  const file = (xml: string, ...packets: readonly Uint8Array[]): Uint8Array =>
    Buffer.concat([Buffer.from(MAGIC), headerBlock(xml).bytes, ...packets]);
  const stream = (id: number, type: string, more = ""): string =>
    `<node name="${id}"><attr key="typeIdentifier" type="string">${type}</attr><node name="info">${more}</node></node>`;
  const size = '<attr key="sizeX" type="int">64</attr><attr key="sizeY" type="int">48</attr>';
  const xml = (...streams: readonly string[]): string => `<dv><node name="outInfo">${streams.join("")}</node></dv>`;

  test("size, camera and clock; names are escaped", async () => {
    const recording = await open(await seed("lz4.aedat4"));
    expect(recording.info.sensor).toEqual({ width: 320, height: 240 });
    expect(recording.metadata).toEqual({ compression: "LZ4", source: "DAVIS346 & more", clock_start_us: "0" });
  });

  test("without a size the coordinates tell it", async () => {
    const recording = await open(file(xml(stream(0, "EVTS")), packet(0, eventsBlock(structs([[1, 200, 100, 1]])))));
    expect(recording.info.sensor).toEqual({ width: 240, height: 180 });
    expect(recording.guesses.map(({ param, value }) => [param, value])).toEqual([
      ["width", 240],
      ["height", 180],
    ]);
  });

  test("of several cameras the first is read", async () => {
    const source = (name: string): string => `${size}<attr key="source" type="string">${name}</attr>`;
    const streams = [
      stream(2, "EVTS", source("left")),
      stream(3, "TRIG", source("left")),
      stream(5, "EVTS", source("right")),
      stream(7, "TRIG", source("right")),
    ];
    const triggers = triggersBlock([{ t: 150, channel: 0, value: 1 }]).slice();
    const bytes = file(
      xml(...streams),
      packet(2, eventsBlock(structs(rows))),
      packet(7, triggers),
      packet(5, eventsBlock(structs(rows))),
      packet(3, triggers),
    );
    const recording = await open(bytes);
    expect(await contents(recording)).toMatchObject({ rows, triggers: [{ t: 150 }] });
    expect(recording.report()).toMatchObject({ dropped: { "of another camera": 2 }, damage: [] });
    expect(recording.metadata["cameras"]).toBe("left, right; the first is read");
  });

  test("no events at all are refused by name", async () => {
    await expect(open(file(xml(stream(0, "FRME"))))).rejects.toMatchObject({ code: "empty" });
  });

  test("events beyond the sensor and impossible times are counted", async () => {
    const bad: EventRow[] = [
      [1, 64, 0, 1],
      [1, 0, 48, 1],
      [1, -1, 0, 1],
      [-1, 0, 0, 1],
      [2 ** 53, 0, 0, 1],
      [50, 63, 47, 1],
    ];
    const recording = await open(file(xml(stream(0, "EVTS", size)), packet(0, eventsBlock(structs([...bad, ...rows])))));
    expect(await rowsFrom(recording.read({}))).toEqual([[50, 63, 47, 1], ...rows]);
    expect(recording.report().dropped).toEqual({ "beyond the sensor": 3, "with an impossible time": 2 });
  });

  test("signals of frames are no triggers; kinds of edges", async () => {
    const kinds = Array.from({ length: 10 }, (_, kind) => kind);
    const block = triggersBlock(kinds.map((t) => ({ t, channel: 0, value: 1 }))).slice();
    const flat = new FlatReader(block);
    flat.tables(flat.root(), 0).forEach((table, kind) => (block[4 + flat.field(table, 1, 1)!] = kind));
    const recording = await open(
      file(xml(stream(0, "EVTS", size), stream(1, "TRIG")), packet(0, eventsBlock(structs(rows))), packet(1, block)),
    );
    expect((await contents(recording)).triggers).toEqual([
      { t: 1, channel: 0, value: 1 },
      { t: 2, channel: 0, value: 0 },
      { t: 3, channel: 0, value: 1 },
      { t: 4, channel: 1, value: 1 },
      { t: 5, channel: 1, value: 0 },
    ]);
    expect(recording.report().others).toEqual({ "frame marks": 4, resets: 1 });
  });

  test("an unreadable header costs its statements only", async () => {
    const bytes = file(infoNode({ sensor: { width: 64, height: 48 }, label: "" }, {}), packet(0, eventsBlock(structs(rows))));
    for (const at of [14, 15, 18, 22]) {
      const hurt = bytes.slice();
      hurt[at]! ^= 0x55;
      const recording = await open(hurt);
      expect(await rowsFrom(recording.read({}))).toEqual(rows);
      expect(recording.metadata["remark"]).toContain("header cannot be read");
      expect(recording.report().damage.length).toBe(1);
    }
  });
});

describe.each(["lz4.aedat4", "zstd.aedat4", "plain.aedat4"])("damage in %s", (name) => {
  /** Places and lengths of the packets with their headers. */
  const packetsIn = (bytes: Uint8Array): { at: number; length: number; stream: number }[] => {
    const found: { at: number; length: number; stream: number }[] = [];
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
    for (let at = 18 + view.getUint32(14, true); at + 8 <= bytes.length && view.getInt32(at, true) < 4;) {
      found.push({ at, length: 8 + view.getInt32(at + 4, true), stream: view.getInt32(at, true) });
      at += found.at(-1).length;
    }
    return found;
  };

  test("a cut anywhere leaves the packets before it", async () => {
    const bytes = await seed(name);
    const packets = packetsIn(bytes);
    const { rows } = everything(400);
    for (let end = packets[0]!.at; end < bytes.length; end += 13) {
      const recording = await open(bytes.subarray(0, end));
      const found = await rowsFrom(recording.read({}));
      expect(found).toEqual(rows.slice(0, found.length));
      const inPacket = packets.find(({ at, length }) => end > at && end < at + length);
      if (inPacket === undefined) continue;
      expect(recording.report().damage).toMatchObject([{ offset: inPacket.at, bytes: end - inPacket.at }]);
    }
  });

  test.each([
    ["its length", 4, 1],
    ["its length, much too large", 7, 0x40],
    ["its stream", 1, 1],
    ["its first bytes", 8, 0xff],
  ])("a packet with a damaged header (%s) costs no other packet", async (_, byte, flip) => {
    const bytes = (await seed(name)).slice();
    const packets = packetsIn(bytes);
    const second = packets.filter(({ stream }) => stream === 0)[0]!;
    const before = await rowsFrom((await open(bytes)).read({}));
    bytes[second.at + byte]! ^= flip;
    const recording = await open(bytes);
    const found = await rowsFrom(recording.read({}));
    expect(found).toEqual(before.slice(-found.length));
    expect(recording.report().damage).toMatchObject([{ offset: second.at }]);
    // With a length a little too large the packet itself can still be read.
    if (found.length < before.length) expect(recording.report().damage[0]!.bytes).toBe(second.length);
    else expect(byte).toBe(4);
  });

  test("bytes between packets are passed over", async () => {
    const bytes = await seed(name);
    const { at } = packetsIn(bytes)[3]!;
    const recording = await open(Buffer.concat([bytes.subarray(0, at), Buffer.alloc(70_000, 4), bytes.subarray(at)]));
    expect(await contents(recording)).toEqual(await contents(await open(bytes)));
    expect(recording.report().damage).toMatchObject([{ offset: at, bytes: 70_000 }]);
  });
});

test("packed anew nothing changes", async () => {
  const bytes = await seed("lz4.aedat4");
  expect(await contents(await open(repacked(bytes, (block) => block)))).toEqual(await contents(await open(bytes)));
});

test("told by its first bytes, whatever its name", async () => {
  const bytes = await seed("lz4.aedat4");
  expect(aedat4.probe(bytes)).toBe(true);
  expect(aedat4.probe(Buffer.from("#!AER-DAT3.1\r\n"))).toBe(false);
  await expect(open(bytes.subarray(0, 15))).rejects.toMatchObject({ code: "empty" });
});
