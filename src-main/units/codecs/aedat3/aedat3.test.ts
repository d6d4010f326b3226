import { describe, expect, test } from "vitest";
import type { Beside } from "#shared/events/beside.ts";
import { sourceOf } from "#main/lib/files.ts";
import { seeded } from "#main/lib/testing/random.ts";
import { randomEvents, type EventRow } from "#main/units/encodings/testing/events.ts";
import type { OpenRecording } from "../codec.ts";
import { rowsFrom } from "../testing/files.ts";
import { upright } from "../upright.ts";
import { aedat3 } from "./aedat3.ts";
import { frame3, headerOf, imu6, packetOf3, polarity, seeds, special } from "./seeds.ts";

const sensor = { width: 346, height: 260 };
const HEADER = headerOf("3.1", "#Format: RAW", "#Source 1: DAVIS346");
const open = (...parts: readonly Uint8Array[]) => aedat3.open(sourceOf(Buffer.concat(parts), "x.aedat"));
const events = (rows: readonly EventRow[], options: Parameters<typeof packetOf3>[2] = {}): Uint8Array =>
  packetOf3(
    1,
    rows.map((row) => polarity(row)),
    options,
  );

async function besideIn(recording: OpenRecording): Promise<Beside[]> {
  const found: Beside[] = [];
  for await (const { beside } of recording.read({ beside: true })) if (beside !== undefined) found.push(beside);
  return found;
}

const rows = randomEvents(seeded(3), 5000, sensor);

describe("packets of events", () => {
  test("times turn with the overflow; invalid events are left out; room that is not used is stepped over", async () => {
    const late: EventRow[] = [
      [2 ** 31 - 2, 1, 2, 1],
      [2 ** 31 - 1, 345, 259, 0],
    ];
    const recording = await open(
      HEADER,
      packetOf3(1, [polarity(late[0]!), polarity([2 ** 31 - 2, 9, 9, 1], 0), polarity(late[1]!)], { spare: 4 }),
      events([[5, 3, 4, 1]], { overflow: 1 }),
      events([[6, 3, 4, 1]], { overflow: 3 }),
    );
    expect(await rowsFrom(recording.read({}))).toEqual([...late, [2 ** 31 + 5, 3, 4, 1], [3 * 2 ** 31 + 6, 3, 4, 1]]);
    expect(recording.report()).toEqual({ damage: [], triggers: [], dropped: { "marked as invalid": 1 } });
    expect(recording.info).toMatchObject({ sensor, range: { start: 2 ** 31 - 2, end: 3 * 2 ** 31 + 7 } });
  });

  test("what lies beyond the sensor or before zero is counted", async () => {
    const recording = await open(
      HEADER,
      events([
        [1, 346, 0, 1],
        [1, 0, 260, 1],
        [-5, 0, 0, 1],
        [2, 0, 0, 1],
      ]),
    );
    expect(await rowsFrom(recording.read({}))).toEqual([[2, 0, 0, 1]]);
    expect(recording.report().dropped).toEqual({ "beyond the sensor": 2, "with an impossible time": 1 });
  });

  test("a part of it, with and without an index, from inside a packet too", async () => {
    const [from, to] = [rows[2500]![0], rows[4000]![0]];
    for (const many of [rows.length, 700]) {
      const parts: Uint8Array[] = [];
      for (let i = 0; i < rows.length; i += many) parts.push(events(rows.slice(i, i + many)));
      const recording = await open(HEADER, ...parts);
      const expected = rows.filter(([t]) => t >= from && t < to);
      expect(await rowsFrom(recording.read({ from, to }))).toEqual(expected);
      const entries = [];
      for await (const entry of recording.buildIndex(1000)) entries.push(entry);
      if (many === rows.length) expect(entries.some(({ state }) => state["packet"] === HEADER.length)).toBe(true);
      expect(await rowsFrom(recording.read({ from, to }))).toEqual(expected);
      expect(await rowsFrom(recording.read({}))).toEqual(rows);
    }
  });

  test("of several cameras the first is read", async () => {
    const header = headerOf("3.1", "#Source 1: DVS128", "#Source 2: DAVIS240C");
    const recording = await open(header, events([[1, 200, 1, 1]], { source: 2 }), events([[2, 2, 2, 1]], { source: 1 }));
    expect(await rowsFrom(recording.read({}))).toEqual([[1, 200, 1, 1]]);
    expect(recording.info.sensor).toEqual({ width: 240, height: 180 });
    expect(recording.report().dropped).toEqual({ "of another camera": 1 });
  });

  test("a header without a known camera: the coordinates tell the size", async () => {
    const recording = await open(headerOf("3.1", "#Source 1: File"), events([[1, 200, 150, 1]]));
    expect(recording.info.sensor).toEqual({ width: 240, height: 180 });
    expect(recording.guesses.map(({ param }) => param)).toEqual(["width", "height"]);
  });

  test("no events behind the header", async () => {
    const recording = await open(HEADER);
    expect(await rowsFrom(recording.read({}))).toEqual([]);
    expect(recording.report().damage).toEqual([]);
  });
});

describe("what lies beside", () => {
  test("edges; resets of the clock begin a part, but not at the start", async () => {
    const recording = await open(
      HEADER,
      packetOf3(0, [special(1, 2 ** 31 - 1), special(0, 5)]),
      events([[5_000_000, 1, 1, 1]]),
      packetOf3(0, [special(2, 5_000_100), special(3, 5_000_200), special(9, 5_000_300), special(1, 2 ** 31 - 1), special(4, 7)]),
      events([[10, 2, 2, 0]]),
    );
    expect(await rowsFrom(recording.read({}))).toEqual([
      [5_000_000, 1, 1, 1],
      [10, 2, 2, 0],
    ]);
    expect(await rowsFrom(recording.read({ from: 0, to: 100 }))).toEqual([[10, 2, 2, 0]]);
    const report = recording.report();
    expect(report.damage).toEqual([]);
    expect(report.others).toEqual({ resets: 2 });
    expect(report.triggers).toEqual([
      { t: 5_000_100, channel: 0, value: 1 },
      { t: 5_000_200, channel: 0, value: 0 },
      { t: 5_000_300, channel: 2, value: 1 },
      { t: 7, channel: 0, value: 1 },
    ]);
    expect(recording.info.range).toEqual({ start: 10, end: 5_000_001 });
  });

  test("inertial readings, with and without a compass", async () => {
    const compass = new Uint8Array(Float32Array.of(20, 0, -40).buffer);
    const reading = imu6(9, 0, -1, 0.5, 5, 6, 7, 25);
    const recording = await open(
      HEADER,
      packetOf3(3, [reading]),
      packetOf3(4, [Buffer.concat([reading, compass])], { overflow: 1 }),
    );
    const expected = { temperature: 25, acceleration: [0, -1, 0.5], rotation: [5, 6, 7] };
    expect(await besideIn(recording)).toEqual([
      { imu: [{ t: 9, ...expected }] },
      { imu: [{ t: 2 ** 31 + 9, ...expected, magneticField: [20, 0, -40] }] },
    ]);
    expect(recording.report().others).toEqual({ imu: 2 });
  });

  test("frames: red and blue change places; in 3.0 rows come from below and channels lie elsewhere", async () => {
    const times = [100, 900, 200, 401];
    const rgb = Array.from({ length: 12 }, (_, i) => i);
    const recording = await open(
      HEADER,
      packetOf3(2, [frame3(3, times, 2, 2, rgb), frame3(1, [5, 6, -1, -1], 1, 1, [7])].slice(0, 1)),
    );
    expect(await besideIn(recording)).toEqual([
      {
        frames: [
          {
            t: 300,
            exposure: { start: 200, end: 401 },
            readout: { start: 100, end: 900 },
            width: 2,
            height: 2,
            offset: { x: 0, y: 0 },
            channels: 3,
            pixels: Uint16Array.of(2, 1, 0, 5, 4, 3, 8, 7, 6, 11, 10, 9),
          },
        ],
      },
    ]);
    const old = await open(headerOf("3.0", "#Source 1: DAVIS346"), packetOf3(2, [frame3(0, [5, 6, -1, -1], 2, 2, [1, 2, 3, 4])]));
    const [beside] = await besideIn(old);
    expect(beside?.frames).toMatchObject([{ t: 5, channels: 1, pixels: Uint16Array.of(3, 4, 1, 2) }]);
    expect(beside?.frames?.[0]).not.toHaveProperty("exposure");
  });

  test("a frame that is larger than its place is damage", async () => {
    const frame = frame3(1, [1, 2, 3, 4], 2, 2, [1, 2, 3, 4]);
    frame[20] = 200;
    const recording = await open(HEADER, packetOf3(2, [frame]), events([[1, 1, 1, 1]]));
    expect(await besideIn(recording)).toEqual([]);
    expect(recording.report().damage).toMatchObject([{ offset: HEADER.length + 28, bytes: 44 }]);
  });

  test("other types are stepped over and counted", async () => {
    const recording = await open(HEADER, packetOf3(100, [new Uint8Array(20)]), events([[1, 1, 1, 1]]));
    expect(await rowsFrom(recording.read({}))).toEqual([[1, 1, 1, 1]]);
    expect(recording.report()).toMatchObject({ damage: [], others: { "packets of type 100": 1 } });
  });
});

test("version 3.0 has its origin lower left and no end line", async () => {
  const recording = await open(headerOf("3.0", "#Source 1: DVS128"), events([[1, 5, 0, 1]]));
  expect(recording.orientation).toEqual({ flipX: false, flipY: true, swapXY: false, invertP: false });
  expect(await rowsFrom(upright(recording).read({}))).toEqual([[1, 5, 127, 1]]);
});

test("packed files and other devices are refused by name", async () => {
  await expect(open(headerOf("3.1", "#Format: Serial-TS,PNG"))).rejects.toMatchObject({ code: "unsupported" });
  await expect(open(headerOf("3.1", "#Source 1: DYNAPSE"))).rejects.toMatchObject({ code: "unsupported" });
});

describe("damage", () => {
  const parts = [rows.slice(0, 1000), rows.slice(1000, 2000), rows.slice(2000, 3000)].map((part) => events(part));
  const starts = [0, 1, 2].map((i) => HEADER.length + parts.slice(0, i).reduce((sum, part) => sum + part.length, 0));

  test("a cut anywhere leaves all whole events before it", async () => {
    const [seed] = await seeds();
    const whole = await rowsFrom((await open(seed!.bytes)).read({}));
    for (let end = headerOf("3.1").length + 60; end < seed!.bytes.length; end += 41) {
      const found = await rowsFrom((await open(seed!.bytes.subarray(0, end))).read({}));
      expect(found).toEqual(whole.slice(0, found.length));
    }
    const recording = await open(HEADER, parts[0]!.subarray(0, 28 + 8 * 300 + 3));
    expect(await rowsFrom(recording.read({}))).toEqual(rows.slice(0, 300));
    expect(recording.report().damage).toMatchObject([{ offset: HEADER.length + 28 + 2400, bytes: 3 }]);
  });

  test("bytes between packets are passed over", async () => {
    const recording = await open(HEADER, parts[0]!, Buffer.alloc(100_000, 1), parts[1]!);
    expect(await rowsFrom(recording.read({}))).toEqual(rows.slice(0, 2000));
    expect(recording.report().damage).toMatchObject([{ offset: starts[1], bytes: 100_000 }]);
  });

  test.each([
    ["its type", 1, 0xff],
    ["the size of its events", 4, 9],
    ["the turns of its clock", 15, 0x40],
    ["its room", 18, 0x40],
    ["its room, a little", 16, 1],
  ])("a packet with a damaged header (%s) costs no other packet", async (_, byte, value) => {
    const bytes = Buffer.concat([HEADER, ...parts]);
    bytes[starts[1]! + byte] = value;
    const recording = await open(bytes);
    const found = await rowsFrom(recording.read({}));
    expect(found.slice(0, 1000)).toEqual(rows.slice(0, 1000));
    expect(found.slice(-1000)).toEqual(rows.slice(2000, 3000));
    expect(recording.report().damage[0]).toMatchObject({ offset: starts[1] });
  });
});

test("told by its first bytes", () => {
  expect(aedat3.probe(HEADER)).toBe(true);
  expect(aedat3.probe(Buffer.from("#!AER-DAT2.0\r\n"))).toBe(false);
});
