import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import type { Trigger } from "#shared/events/beside.ts";
import { openFile, sourceOf } from "#main/lib/files.ts";
import { seeded } from "#main/lib/testing/random.ts";
import { sharedData } from "#main/lib/testing/shared-data.ts";
import { packetOf, randomEvents, rowsOf, type EventRow } from "#main/units/encodings/testing/events.ts";
import { Hdf5Writer } from "../hdf5/writer.ts";
import { memorySink, rowsFrom } from "../testing/files.ts";
import { testRoundTrip, written } from "../testing/round-trip.ts";
import { openPropheseeHdf5 } from "./file.ts";
import { eventType } from "./layout.ts";
import { propheseeHdf5 } from "./prophesee-hdf5.ts";
import { seeds } from "./seeds.ts";

const data = sharedData();
const sensor = { width: 240, height: 180 };
const open = (bytes: Uint8Array) => propheseeHdf5.open(sourceOf(bytes, "x.hdf5"));

describe("writing and reading", () => {
  testRoundTrip(propheseeHdf5, { name: "x.hdf5", negative: false, stepsBack: false });

  test("triggers and attributes, and a second writing gives the same bytes", async () => {
    const rows = randomEvents(seeded(8), 40_000, sensor);
    const triggers: Trigger[] = Array.from({ length: 20 }, (_, i) => ({
      t: rows[1000 * i]![0] + 3,
      channel: i % 3,
      value: i % 2,
    }));
    const once = async (): Promise<Uint8Array> => {
      const sink = memorySink();
      const target = await propheseeHdf5.create(
        sink,
        { sensor, label: "x" },
        { serial_number: "00042", note: "Größe", evt: "3.0" },
      );
      await target.write({ ...packetOf(rows), beside: { triggers } });
      await target.close();
      return sink.bytes();
    };
    const recording = await open(await once());
    const found: Trigger[] = [];
    const events: EventRow[] = [];
    for await (const packet of recording.read({})) {
      found.push(...(packet.beside?.triggers ?? []));
      events.push(...rowsOf(packet));
    }
    expect(events).toEqual(rows);
    expect(found).toEqual(triggers);
    expect(recording.report().triggers).toEqual(triggers);
    expect(recording.info.sensor).toEqual(sensor);
    expect(recording.metadata).toMatchObject({ serial_number: "00042", note: "Größe", geometry: "240x180", version: "1.0" });
    expect(recording.metadata["evt"]).toBeUndefined();
    expect(Buffer.compare(await once(), await once())).toBe(0);
  });

  test("triggers come with the part of the recording that they lie in", async () => {
    const rows: EventRow[] = Array.from({ length: 50_000 }, (_, i) => [10 * i, i % 240, i % 180, i % 2]);
    const triggers = Array.from({ length: 50 }, (_, i): Trigger => ({ t: 10_000 * i + 5, channel: 0, value: i % 2 }));
    const sink = memorySink();
    const target = await propheseeHdf5.create(sink, { sensor, label: "x" });
    await target.write({ ...packetOf(rows), beside: { triggers } });
    await target.close();
    const recording = await open(sink.bytes());
    for await (const entry of recording.buildIndex(50_000)) void entry;
    const found: Trigger[] = [];
    for await (const packet of recording.read({ from: 200_000, to: 300_000 })) found.push(...(packet.beside?.triggers ?? []));
    expect(found).toEqual(triggers.filter(({ t }) => t >= 200_000 && t < 300_000));
  });

  test("times that fall are held, and the file says so", async () => {
    const rows: EventRow[] = [
      [100, 1, 1, 0],
      [90, 2, 2, 1],
      [110, 3, 3, 1],
    ];
    const recording = await open(await written(propheseeHdf5, rows));
    expect((await rowsFrom(recording.read({}))).map(([t]) => t)).toEqual([100, 100, 110]);
    expect(recording.metadata["clamped_times"]).toMatch(/^1 times that fell/);
  });

  test("a sensor that ECF cannot address is refused", async () => {
    const info = { sensor: { width: 2049, height: 10 }, label: "x" };
    await expect(propheseeHdf5.create(memorySink(), info)).rejects.toMatchObject({ code: "unsupported" });
  });

  test("records without a filter, and with shuffle and gzip, are read", async () => {
    for (const filters of [
      [],
      [
        { id: 2, values: [16] },
        { id: 1, values: [4] },
      ],
    ]) {
      const sink = memorySink();
      const writer = await Hdf5Writer.create(sink);
      const list = writer.list(
        "CD/events",
        eventType,
        16,
        filters.map((filter) => ({ ...filter, name: "", optional: false })),
      );
      const view = new DataView(new ArrayBuffer(16 * 16));
      for (let i = 0; i < 10; i += 1) {
        view.setUint16(16 * i, i, true);
        view.setUint16(16 * i + 2, 2 * i, true);
        view.setInt16(16 * i + 4, i % 2, true);
        view.setBigInt64(16 * i + 8, BigInt(5e9 + i), true);
      }
      await list.add(new Uint8Array(view.buffer), 10);
      await writer.finish();
      const recording = await open(sink.bytes());
      expect(await rowsFrom(recording.read({}))).toEqual(Array.from({ length: 10 }, (_, i) => [5e9 + i, i, 2 * i, i % 2]));
      expect(recording.info.sensor).toEqual({ width: 34, height: 34 });
      expect(recording.guesses.map(({ param }) => param)).toEqual(["width", "height"]);
      const told = await propheseeHdf5.open(sourceOf(sink.bytes()), { width: 8, height: 100 });
      expect((await rowsFrom(told.read({}))).length).toBe(8);
      expect(told.report().dropped).toEqual({ "beyond the sensor": 2 });
    }
  });
});

describe("damage", () => {
  const rows: EventRow[] = Array.from({ length: 40_000 }, (_, i) => [10 * i, i % 240, i % 180, i % 2]);

  test("a chunk that cannot be decoded costs its events only", async () => {
    const bytes = await written(propheseeHdf5, rows);
    const { events } = await openPropheseeHdf5(sourceOf(bytes));
    const { offset, bytes: length, first } = events!.chunks[1]!;
    bytes.fill(255, offset + 12, offset + length);
    const recording = await open(bytes);
    const kept = await rowsFrom(recording.read({}));
    expect(kept).toEqual(rows.filter((_, i) => i < first || i >= first + 16_384));
    expect(recording.report()).toMatchObject({ damage: [{ offset, bytes: length }], dropped: { "in damaged chunks": 16_384 } });
  });

  test("a node of the chunk tree that leads outside costs that chunk", async () => {
    const bytes = await written(propheseeHdf5, rows);
    const { events } = await openPropheseeHdf5(sourceOf(bytes));
    const layout = events!.data.layout;
    if (layout.kind !== "chunked") throw new Error("chunks expected");
    new DataView(bytes.buffer).setUint32(layout.tree + 24 + 24 + 32 + 4, 1, true); // upper half of the second chunk's address
    const recording = await open(bytes);
    expect((await rowsFrom(recording.read({}))).length).toBe(40_000 - 16_384);
    expect(recording.report().dropped).toEqual({ "in damaged chunks": 16_384 });
  });

  test("a file that is cut, or was never closed, is refused with that reason", async () => {
    const bytes = await written(propheseeHdf5, rows);
    await expect(open(bytes.subarray(0, bytes.length - 100))).rejects.toMatchObject({
      code: "damaged",
      message: expect.stringContaining("is cut off") as string,
    });
    const sink = memorySink();
    const target = await propheseeHdf5.create(sink, { sensor, label: "x" });
    await target.write(packetOf(rows));
    await expect(open(sink.bytes())).rejects.toMatchObject({
      code: "damaged",
      message: expect.stringContaining("was not closed") as string,
    });
  });

  test("seed files are read whole", async () => {
    for (const { bytes } of await seeds()) {
      const recording = await open(bytes);
      expect((await rowsFrom(recording.read({}))).length).toBe(400);
      expect(recording.report().damage).toEqual([]);
    }
  });
});

describe.skipIf(data === undefined)("samples of the reference encoder (reference data not at hand)", () => {
  test.each(["ecf_346x260.hdf5", "ecf_1280x720.hdf5"])("%s is written again with the same chunks", async (name) => {
    const path = join(data!, "samples", "hdf5-ecf", name);
    const file = await openFile(path);
    const recording = await propheseeHdf5.open(file);
    const sink = memorySink();
    const target = await propheseeHdf5.create(sink, recording.info, recording.metadata);
    for await (const packet of recording.read({})) await target.write(packet);
    await target.close();
    await recording.close();
    const theirs = readFileSync(path);
    const original = await openPropheseeHdf5(sourceOf(theirs));
    const ours = await openPropheseeHdf5(sourceOf(sink.bytes()));
    expect(ours.events?.chunks.length).toBe(original.events?.chunks.length);
    original.events!.chunks.forEach((chunk, i) => {
      const copy = ours.events!.chunks[i]!;
      const stored = theirs.subarray(chunk.offset, chunk.offset + chunk.bytes);
      expect(Buffer.compare(sink.bytes().subarray(copy.offset, copy.offset + copy.bytes), stored)).toBe(0);
    });
    expect(ours.triggers).toEqual(original.triggers);
    expect(ours.metadata).toEqual(original.metadata);
  });
});
