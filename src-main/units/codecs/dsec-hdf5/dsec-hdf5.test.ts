import { describe, expect, test } from "vitest";
import { sourceOf } from "#main/lib/files.ts";
import { packetOf, type EventRow } from "#main/units/encodings/testing/events.ts";
import { libraryFile } from "../hdf5/testing/library-files.ts";
import { treeOf } from "../hdf5/library.ts";
import { smallNumbers } from "../hdf5/place-facts.ts";
import { memorySink, rowsFrom } from "../testing/files.ts";
import { testRoundTrip } from "../testing/round-trip.ts";
import { dsecHdf5 } from "./dsec-hdf5.ts";
import { seeds } from "./seeds.ts";

const sensor = { width: 640, height: 480 };

async function make(rows: readonly EventRow[], metadata: Readonly<Record<string, string>> = {}): Promise<Uint8Array> {
  const sink = memorySink();
  const target = await dsecHdf5.create(sink, { sensor, label: "x" }, metadata);
  await target.write(packetOf(rows));
  await target.close();
  return sink.bytes();
}

describe("writing and reading", () => {
  testRoundTrip(dsecHdf5, { name: "x.h5", negative: true, stepsBack: true });

  test("the list of milliseconds and the offset are those of DSEC", async () => {
    const rows: EventRow[] = [0, 999, 1000, 1001, 3500, 3500, 6000].map((t, i) => [t, i, i, i % 2]);
    const file = sourceOf(await make(rows, { t_offset: "49599300523", note: "kept" }), "x.h5");
    const tree = await treeOf(file);
    // entry k: number of the first event at or after k ms
    expect(await smallNumbers(file, tree, "/ms_to_idx")).toEqual([0, 2, 4, 4, 6, 6, 6]);
    expect(await smallNumbers(file, tree, "/t_offset")).toEqual([49_599_300_523]);
    const recording = await dsecHdf5.open(file);
    expect(await rowsFrom(recording.read({}))).toEqual(rows);
    expect(recording.metadata).toMatchObject({ t_offset: "49599300523", note: "kept" });
    await recording.close();
  });

  test("late times become the offset, and come back", async () => {
    const rows: EventRow[] = [0, 5, 2500].map((t, i) => [1_600_000_000_123_456 + t, i, i, 1]);
    const file = sourceOf(await make(rows), "x.h5");
    const tree = await treeOf(file);
    expect(await smallNumbers(file, tree, "/t_offset")).toEqual([1_600_000_000_000_000]);
    expect((await smallNumbers(file, tree, "/events/t")).map((t) => t - 123_456)).toEqual([0, 5, 2500]);
    const recording = await dsecHdf5.open(file);
    expect(await rowsFrom(recording.read({}))).toEqual(rows);
    expect(recording.metadata["t_offset"]).toBe("0");
    const again = sourceOf(await make(rows, recording.metadata), "y.h5");
    expect(await smallNumbers(again, await treeOf(again), "/t_offset")).toEqual([1_600_000_000_000_000]);
    await recording.close();
  });

  test("a silence of over an hour ends the list of milliseconds, not the recording", async () => {
    const rows: EventRow[] = [0, 1500, 4_000_000_000].map((t, i) => [t, i, i, 1]);
    const file = sourceOf(await make(rows), "x.h5");
    expect(await smallNumbers(file, await treeOf(file), "/ms_to_idx")).toEqual([0, 1]);
    const recording = await dsecHdf5.open(file);
    expect(await rowsFrom(recording.read({}))).toEqual(rows);
    await recording.close();
  });
});

describe("files of others", () => {
  test("are taken by their tree, and their sensor is told by the largest coordinates", async () => {
    for (const { bytes, name } of await seeds()) {
      const file = sourceOf(bytes, name);
      expect(await dsecHdf5.accepts(file)).toBe(true);
      const recording = await dsecHdf5.open(file);
      expect((await rowsFrom(recording.read({}))).length).toBe(300);
      expect(recording.info.sensor).toEqual(sensor);
      await recording.close();
    }
  });

  test("columns elsewhere, or without offset and milliseconds, are left to others", async () => {
    const bytes = await libraryFile((file) => {
      const group = file.create_group("events");
      for (const name of ["x", "y", "t", "p"]) group.create_dataset({ name, data: Int32Array.of(1, 2, 3) });
    });
    expect(await dsecHdf5.accepts(sourceOf(bytes))).toBe(false);
  });
});
