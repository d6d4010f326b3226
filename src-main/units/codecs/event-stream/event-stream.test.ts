import { describe, expect, test } from "vitest";
import { sourceOf } from "#main/lib/files.ts";
import { packetOf, type EventRow } from "#main/units/encodings/testing/events.ts";
import { memorySink, rowsFrom } from "../testing/files.ts";
import { testRoundTrip } from "../testing/round-trip.ts";
import { upright } from "../upright.ts";
import { eventStream } from "./event-stream.ts";

const sensor = { width: 300, height: 200 };
const header = (type: number, version = 2): number[] => [...Buffer.from("Event Stream"), version, 0, 0, type, 44, 1, 200, 0];
const open = (...bytes: number[]) => eventStream.open(sourceOf(Uint8Array.from(bytes), "x.es"));

async function through(...parts: EventRow[][]) {
  const sink = memorySink();
  const target = await eventStream.create(sink, { sensor, label: "x" });
  for (const part of parts) await target.write(packetOf(part, Math.min(...part.map(([t]) => t)) - 10));
  await target.close();
  const recording = await eventStream.open(sourceOf(sink.bytes()));
  return { rows: await rowsFrom(upright(recording).read({})), notes: target.notes!(), bytes: sink.bytes() };
}

describe("Event Stream", () => {
  testRoundTrip(eventStream, { name: "x.es", negative: false, stepsBack: false, latestFirst: 10_000_000, silence: 20_000_000 });

  test("change events by hand: overflows, reserved bytes, rows from below", async () => {
    const recording = await open(...header(1), 0x07, 43, 1, 0, 0, 0xff, 0xfe, 0xff, 0x02, 1, 0, 199, 0);
    expect(await rowsFrom(recording.read({}))).toEqual([
      [3, 299, 0, 1],
      [258, 1, 199, 0],
    ]);
    expect((await rowsFrom(upright(recording).read({}))).map(([, , y]) => y)).toEqual([199, 0]);
    expect(recording.info).toMatchObject({ sensor, range: { start: 3, end: 259 } });
  });

  test("ATIS events: crossings are counted, changes are events", async () => {
    const recording = await open(...header(2), 0xfe, (4 << 2) | 2, 1, 0, 2, 0, (1 << 2) | 1, 1, 0, 2, 0, 3, 1, 0, 2, 0);
    expect(await rowsFrom(recording.read({}))).toEqual([[130, 1, 2, 1]]);
    expect(recording.report().others).toEqual({ exposures: 2 });
  });

  test("color events lie where they are, as ON", async () => {
    const recording = await open(...header(4), 5, 1, 0, 2, 0, 9, 9, 9, 0xff, 1, 3, 0, 4, 0, 9, 9, 9);
    expect(await rowsFrom(recording.read({}))).toEqual([
      [5, 1, 2, 1],
      [260, 3, 4, 1],
    ]);
    expect(recording.metadata["remark"]).toContain("no polarity");
    expect(recording.report().others).toEqual({ colors: 2 });
  });

  test("a cut event is reported, the ones before are kept", async () => {
    const recording = await open(...header(1), 2, 1, 0, 2, 0, 2, 1, 0);
    expect(await rowsFrom(recording.read({}))).toEqual([[1, 1, 2, 0]]);
    expect(recording.report().damage).toMatchObject([{ offset: 25, bytes: 3 }]);
  });

  test("two misses are dropped, three in a row end the reading where they began", async () => {
    const good = [2, 1, 0, 2, 0];
    const bad = [2, 0, 9, 2, 0];
    const two = await open(...header(1), ...good, ...bad, ...bad, ...good);
    expect((await rowsFrom(two.read({}))).length).toBe(2);
    expect(two.report()).toMatchObject({ damage: [], dropped: { "beyond the sensor": 2 } });
    const three = await open(...header(1), ...good, ...bad, ...bad, ...bad, ...good, ...good);
    expect((await rowsFrom(three.read({}))).length).toBe(1);
    expect(three.report().damage).toMatchObject([{ offset: 25, bytes: 25 }]);
  });

  test("generic events, other versions and damaged headers are refused by name", async () => {
    await expect(open(...header(0))).rejects.toThrow("no pixels");
    await expect(open(...header(3))).rejects.toMatchObject({ code: "unsupported" });
    await expect(open(...header(1, 1))).rejects.toThrow("1.0.0");
    await expect(open(...header(1).slice(0, 18))).rejects.toMatchObject({ code: "damaged" });
    expect(await rowsFrom((await open(...header(1))).read({}))).toEqual([]);
  });

  test("a late or negative start is shifted to zero, and the notes say so", async () => {
    const late = await through([
      [1e9, 1, 2, 1],
      [1e9 + 500, 3, 4, 0],
    ]);
    expect(late.rows).toEqual([
      [0, 1, 2, 1],
      [500, 3, 4, 0],
    ]);
    expect(late.notes).toEqual({ time_shift_us: "-1000000000" });
    expect(late.bytes.length).toBeLessThan(40);
    const early = await through([[-40, 1, 2, 1]], [[10, 1, 2, 1]]);
    expect(early.rows.map(([t]) => t)).toEqual([0, 50]);
    expect(early.notes).toEqual({ time_shift_us: "40" });
  });

  test("small steps back are moved up and told, larger ones refused", async () => {
    const { rows, notes } = await through([
      [100, 1, 2, 1],
      [93, 3, 4, 0],
      [101, 5, 6, 0],
    ]);
    expect(rows.map(([t]) => t)).toEqual([100, 100, 101]);
    expect(notes["times_moved"]).toContain("1 events, by at most 7 µs");
    await expect(through([[900_000, 1, 1, 1]], [[100, 1, 1, 1]])).rejects.toMatchObject({ code: "bad-argument" });
  });
});
