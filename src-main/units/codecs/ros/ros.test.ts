import { zstdDecompressSync } from "node:zlib";
import { describe, expect, test } from "vitest";
import type { EventPacket } from "#shared/events/packet.ts";
import { sourceOf } from "#main/lib/files.ts";
import { evt3 } from "#main/units/encodings/evt3/evt3.ts";
import { packetOf, type EventRow } from "#main/units/encodings/testing/events.ts";
import type { Codec } from "../codec.ts";
import { seeds as mcapSeeds, mcapFile } from "../mcap/seeds.ts";
import { mcap } from "../mcap/mcap.ts";
import { databaseOf, seeds as sqliteSeeds } from "../ros2-sqlite/seeds.ts";
import { ros2Sqlite } from "../ros2-sqlite/ros2-sqlite.ts";
import { bag, chunk, connection, message, seeds as bagSeeds } from "../rosbag/seeds.ts";
import { chunkUnpacker } from "../rosbag/records.ts";
import { rosbag } from "../rosbag/rosbag.ts";
import { rowsFrom } from "../testing/files.ts";
import { eventArray, eventPacket, MessageBuilder, mono, rosEvents, rowsOfEvents, words16 } from "./testing/build.ts";

const expected = rowsOfEvents(rosEvents(240));
const cases: readonly (readonly [codec: Codec, name: string])[] = [
  [rosbag, "finished.bag"],
  [rosbag, "unfinished.bag"],
  [rosbag, "plain.bag"],
  [ros2Sqlite, "arrays.db3"],
  [ros2Sqlite, "packets.db3"],
  [mcap, "arrays.mcap"],
  [mcap, "packed.mcap"],
  [mcap, "packets.mcap"],
];
const bytesOf = async (name: string): Promise<Uint8Array> =>
  [...(await bagSeeds()), ...(await mcapSeeds()), ...(await sqliteSeeds())].find((seed) => seed.name === name)!.bytes;
const openBag = (...records: Uint8Array[]) => rosbag.open(sourceOf(bag(records), "x.bag"));
const packets = connection(1, "/camera/events", "event_camera_msgs/EventPacket");
const arrays = connection(0, "/dvs/events", "dvs_msgs/EventArray");
const packet = (seq: number, encoding: string, events: Uint8Array, timeBase = 0n) =>
  message(1, eventPacket("ros1", { seq, encoding, events, timeBase }));

async function all(packets: AsyncIterable<EventPacket>): Promise<EventPacket[]> {
  const found: EventPacket[] = [];
  for await (const { t0, words, beside } of packets)
    found.push({ t0, words: words.slice(), ...(beside === undefined ? {} : { beside }) });
  return found;
}

describe("bags of ROS", () => {
  test.each(cases)("%o: %s holds the same events, whole and in parts", async (codec, name) => {
    const bytes = await bytesOf(name);
    expect(codec.probe(bytes.subarray(0, 4096), name, bytes.length)).toBe(true);
    const file = sourceOf(bytes, name);
    expect((await codec.accepts?.(file)) ?? true).toBe(true);
    const recording = await codec.open(file);
    expect(await rowsFrom(recording.read({}))).toEqual(expected);
    expect(recording.info).toMatchObject({ sensor: { width: 64, height: 48 }, range: { start: 1000, end: 9844 } });
    expect(recording.report()).toMatchObject({ damage: [], dropped: {} });
    for await (const entry of recording.buildIndex!(1000)) void entry;
    const part = expected.filter(([t]) => t! >= 6000 && t! < 9000);
    expect(await rowsFrom(recording.read({ from: 6000, to: 9000 }))).toEqual(part);
    await recording.close();
  });

  test("EVT 3 goes on from message to message, wherever it is cut, with its triggers; a place in the middle keeps its state", async () => {
    const rows: EventRow[] = Array.from({ length: 3000 }, (_, i) => [500 * i, (7 * i) % 64, (5 * i) % 48, i % 2]);
    const bytes = Buffer.concat([evt3.createEncoder({ width: 64, height: 48 }).encode(packetOf(rows)), words16(0xa301)]);
    const messages = Array.from({ length: 50 }, (_, i) =>
      packet(i, "evt3", bytes.subarray(Math.floor((i * bytes.length) / 50), Math.floor(((i + 1) * bytes.length) / 50))),
    );
    const recording = await openBag(
      packets,
      chunk(Buffer.concat(messages.slice(0, 20))),
      chunk(Buffer.concat(messages.slice(20))),
    );
    expect(await rowsFrom(recording.read({}))).toEqual(rows);
    expect(recording.report().triggers).toEqual([{ t: 1_499_500, channel: 3, value: 1 }]);
    for await (const entry of recording.buildIndex(10_000)) void entry;
    for (const from of [400_000, 900_000, 1_300_000])
      expect(await rowsFrom(recording.read({ from }))).toEqual(rows.filter(([t]) => t >= from));
  });

  test("libcaer's encodings, by hand", async () => {
    const compressed = words16(0x0001, 0x1005, 0x2007, 0x3803, 0x3004, 0x4810, 0x5005, 0x5001);
    const first = await openBag(packets, packet(0, "libcaer_cmp", compressed, 9_000_000n));
    expect(await rowsFrom(first.read({}))).toEqual(
      [
        [3, 1],
        [4, 0],
        [16, 1],
        [18, 1],
        [24, 1],
      ].map(([y, p]) => [9000 + 4096 + 5, 7, y, p]),
    );
    const plain = Buffer.alloc(16);
    plain.writeUInt32LE((9 << 17) | (8 << 2) | 3, 0);
    plain.writeUInt32LE(0x7fff_ffff, 4);
    plain.writeUInt32LE((10 << 17) | (11 << 2) | 1, 8);
    plain.writeUInt32LE(4, 12);
    const second = await openBag(packets, packet(0, "libcaer", plain, 1_000_000n));
    expect(await rowsFrom(second.read({}))).toEqual([
      [1000 + 0x7fff_ffff, 9, 8, 1],
      [1000 + 0x8000_0000 + 4, 10, 11, 0],
    ]);
  });

  test("times of ROS in nanoseconds since 1970 stay exact", async () => {
    const base = 1_700_000_000_141_415_999n;
    const recording = await openBag(
      packets,
      packet(
        0,
        "mono",
        mono([
          [0, 1, 2, 1],
          [1, 1, 2, 0],
        ]),
        base,
      ),
    );
    expect((await rowsFrom(recording.read({}))).map(([t]) => t)).toEqual([1_700_000_000_141_415, 1_700_000_000_141_416]);
  });

  test("missing packets are told; other topics with events are named; triggers, frames and readings come beside", async () => {
    const image = new MessageBuilder("ros1").header(0, 2_000_000).u32(2).u32(3).text("mono8").u8(0).u32(4);
    image.sequence(Uint8Array.of(1, 2, 3, 0, 4, 5, 6, 0));
    const imu = new MessageBuilder("ros1").header(0, 2_500_000);
    for (let i = 0; i < 37; i += 1) imu.f64(i === 13 ? Math.PI : i === 27 ? 9.806_65 : 0);
    const edges = eventPacket("ros1", { seq: 0, encoding: "trigger", events: mono([[3_000_000, 0, 6, 1]]) });
    const recording = await openBag(
      packets,
      arrays,
      connection(2, "/image", "sensor_msgs/Image"),
      connection(3, "/imu", "sensor_msgs/Imu"),
      connection(4, "/edges", "event_camera_msgs/EventPacket"),
      message(2, image.done()),
      message(3, imu.done()),
      message(4, edges),
      packet(5, "mono", mono(rosEvents(5))),
      packet(8, "mono", mono(rosEvents(5, 5))),
      message(0, eventArray("ros1", rosEvents(5))),
    );
    expect(recording.metadata["remark"]).toContain("/dvs/events");
    const [first] = await all(recording.read({ beside: true }));
    expect(first?.beside).toEqual({
      triggers: [{ t: 3000, channel: 6, value: 1 }],
      frames: [{ t: 2000, width: 3, height: 2, offset: { x: 0, y: 0 }, channels: 1, pixels: Uint8Array.of(1, 2, 3, 4, 5, 6) }],
      imu: [{ t: 2500, temperature: NaN, acceleration: [0, 0, 1], rotation: [180, 0, 0] }],
    });
    const { damage, others } = recording.report();
    expect(others).toEqual({ frames: 1, imu: 1 });
    expect(damage.map(({ reason }) => reason)).toEqual(["2 packets are missing in front of this one"]);
  });

  test("damage: a spoiled chunk is passed over, a cut bag keeps what it has", async () => {
    const parts = [0, 1, 2].map((i) => message(0, eventArray("ros1", rosEvents(60, 60 * i))));
    const good = [chunk(Buffer.concat([arrays, parts[0]!])), Buffer.alloc(500, 0xee), chunk(parts[1]!), chunk(parts[2]!)];
    const recording = await openBag(...good);
    expect((await rowsFrom(recording.read({}))).length).toBe(180);
    expect(recording.report().damage).toMatchObject([{ bytes: 500 }]);
    const whole = bag(good);
    const cut = await rosbag.open(sourceOf(whole.subarray(0, whole.length - 300)));
    expect((await rowsFrom(cut.read({}))).length).toBe(120);
    expect(cut.report().damage.length).toBe(2);
    const announced = await openBag(arrays, message(0, eventArray("ros1", rosEvents(5), 4_000_000_000)));
    expect((await rowsFrom(announced.read({}))).length).toBe(5);
    expect(announced.report().damage[0]?.reason).toContain("announces 4000000000");
  });

  test("a chunk of MCAP with a wrong checksum is passed over, a file without an end is read", async () => {
    const messages = [0, 1, 2, 3].map((i) => eventArray("cdr", rosEvents(60, 60 * i)));
    const bytes = await mcapFile("dvs_msgs/msg/EventArray", "cdr", messages, "zstd");
    expect(typeof zstdDecompressSync).toBe("function");
    const hurt = bytes.slice();
    hurt[Buffer.from(hurt).indexOf("zstd") + 60]! ^= 0xff;
    const recording = await mcap.open(sourceOf(hurt));
    const kept = (await rowsFrom(recording.read({}))).length;
    expect(kept).toBeGreaterThan(0);
    expect(kept).toBeLessThan(240);
    expect(recording.report().damage.length).toBe(1);
    const cut = await mcap.open(sourceOf(bytes.subarray(0, Math.floor(bytes.length * 0.6))));
    expect((await rowsFrom(cut.read({}))).length).toBeGreaterThan(0);
    expect(cut.report().damage.at(-1)?.reason).toContain("cut off");
  });

  test("a cut chunk gives its whole messages unless it is compressed", async () => {
    for (const name of ["arrays.mcap", "packets.mcap"]) {
      const bytes = (await mcapSeeds()).find((seed) => seed.name === name)!.bytes;
      const cut = await mcap.open(sourceOf(bytes.subarray(0, 2000)));
      const all = await rowsFrom((await mcap.open(sourceOf(bytes))).read({}));
      const rows = await rowsFrom(cut.read({}));
      expect(rows.length).toBeGreaterThan(0);
      expect(rows).toEqual(all.slice(0, rows.length));
      expect(cut.report().damage).toHaveLength(1);
    }
  });

  test("chunks packed with bzip2 are unpacked to the size they give, others refused", () => {
    const packed = Buffer.from(
      "QlpoOTFBWSZTWUP8SiUAAAB//+DBgwYMGDBgwYMGDBoxZcGDBgwYMECBAgQIECBAgQIAIABQ5gAJgACYAAAAADKhMgYQNAYJiaNN" +
        "BiYjIYhuRSwJqYcWPJlVWXYzZ9GnUzr2bd2/g03EASXCQTQ9xfAJMEPIAkpAEmLn0j6ydu/jzLNP6opq9/K7Pv7/bdeLuSKcKEgh" +
        "/iUSgA==",
      "base64",
    );
    const contents = Buffer.concat([Uint8Array.from({ length: 60 }, (_, i) => (7 * i) % 251), Buffer.from("event".repeat(60))]);
    const unpack = chunkUnpacker();
    const size = (bytes: number): Uint8Array => new Uint8Array(Uint32Array.of(bytes).buffer);
    const fields = (bytes: number, compression = "bz2") =>
      new Map([["compression", Buffer.from(compression)] as const, ["size", size(bytes)] as const]);
    expect(Buffer.from(unpack(fields(360), packed)).equals(contents)).toBe(true);
    expect(() => unpack(fields(4_000_000_000), packed)).toThrow("claims to hold");
    expect(() => unpack(fields(360), packed.subarray(0, 60))).toThrow();
    expect(() => unpack(fields(360, "future"), packed)).toThrow("future");
  });

  test("bags without events of a camera are refused with what they hold", async () => {
    await expect(openBag(connection(0, "/scan", "sensor_msgs/LaserScan"))).rejects.toThrow("/scan (sensor_msgs/LaserScan)");
    await expect(openBag(packets)).rejects.toMatchObject({ code: "empty" });
    await expect(openBag(packets, packet(0, "future", words16(1)))).rejects.toThrow("the encoding “future”");
    const other = await databaseOf([{ name: "/a", type: "std_msgs/msg/String", messages: [Uint8Array.of(0, 1, 0, 0)] }]);
    await expect(ros2Sqlite.open(sourceOf(other, "x.db3"))).rejects.toMatchObject({ code: "unsupported" });
    await expect(ros2Sqlite.open(sourceOf(other.subarray(0, 3000), "x.db3"))).rejects.toMatchObject({ code: "damaged" });
  });
});
