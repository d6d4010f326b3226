import { describe, expect, test } from "vitest";
import { sourceOf } from "#main/lib/files.ts";
import { chunksOf } from "../hdf5/chunks.ts";
import { datasetAt } from "../hdf5/dataset.ts";
import { resolvePath } from "../hdf5/groups.ts";
import { rootOf } from "../hdf5/superblock.ts";
import { libraryFile } from "../hdf5/testing/library-files.ts";
import { rowsFrom } from "../testing/files.ts";
import type { Answers } from "../reading.ts";
import { hdf5Columns } from "./hdf5-columns.ts";
import { columnsFile, matrixFile, seedRows } from "./seeds.ts";

const open = (bytes: Uint8Array, answers?: Answers) => hdf5Columns.open(sourceOf(bytes, "x.h5"), answers);

describe("layouts", () => {
  test.each([
    [["x", "y", "t", "p"], "earliest"],
    [["xs", "ys", "ts", "ps"], "v108"],
    [["x", "y", "timestamps", "pol"], "latest"],
  ] as const)("columns %s, structures %s", async (names, libver) => {
    const recording = await open(await columnsFile(names, libver));
    expect(await rowsFrom(recording.read({}))).toEqual(seedRows);
    expect(recording.info.sensor).toEqual({ width: 240, height: 180 });
    expect(recording.metadata["place"]).toBe("/events");
    await recording.close();
  });

  test("two cameras: the left one, unless the user says the other", async () => {
    const bytes = await matrixFile();
    const left = await open(bytes);
    const expected = seedRows.map(([t, x, y, p]) => [1_600_000_000_000_000 + t, x, y, p]);
    expect(await rowsFrom(left.read({}))).toEqual(expected);
    expect(left.guesses).toEqual([
      { param: "group", value: "/davis/left/events", reason: "events also lie at /davis/right/events", sure: false },
    ]);
    expect(left.info.sensor).toEqual({ width: 346, height: 260 });
    const right = await open(bytes, { group: "davis/right/events/" });
    expect(await rowsFrom(right.read({}))).toEqual(expected.slice(0, 100));
    expect(right.guesses).toEqual([]);
    await expect(open(bytes, { group: "/nowhere" })).rejects.toMatchObject({
      code: "bad-parameter",
      hint: "Events were found at /davis/left/events, /davis/right/events.",
    });
  });

  test("seconds and the size of E2VID's packer; another unit when the user says so", async () => {
    const bytes = await libraryFile((file) => {
      const group = file.create_group("events");
      const numbers = Array.from({ length: 50 }, (_, i) => i);
      group.create_dataset({ name: "xs", data: Int16Array.from(numbers) });
      group.create_dataset({ name: "ys", data: Int16Array.from(numbers, (i) => 2 * i) });
      group.create_dataset({ name: "ts", data: Float64Array.from(numbers, (i) => 0.5 + i / 1000) });
      group.create_dataset({ name: "ps", data: Uint8Array.from(numbers, (i) => i % 2) });
      file.create_attribute("sensor_resolution", [180, 240]);
    });
    const recording = await open(bytes);
    expect(recording.info).toMatchObject({ sensor: { width: 240, height: 180 }, range: { start: 500_000, end: 549_001 } });
    expect(recording.guesses.map(({ param, value }) => [param, value])).toEqual([["timeUnit", "s"]]);
    const told = await open(bytes, { timeUnit: "ms" });
    expect(told.info.range).toEqual({ start: 500, end: 550 });
  });

  test.each(["TD", "events"])("MATLAB 7.3: rows of a matrix behind a block of text (%s)", async (name) => {
    const inside = await libraryFile((file) => {
      const group = name === "TD" ? file.create_group(name) : null;
      const [t, x, y, p] = ([0, 1, 2, 3] as const).map((at) => seedRows.map((row) => row[at]));
      const sets = { ts: t!, x: x!, y: y!, p: p! };
      if (group === null) {
        const data = Float64Array.from([x!, y!, t!, p!].flat());
        file.create_dataset({ name, data, shape: [4, seedRows.length], chunks: [2, 50], compression: "gzip" });
      } else {
        for (const [member, values] of Object.entries(sets))
          group.create_dataset({ name: member, data: Float64Array.from(values), shape: [1, values.length] });
      }
    });
    const view = new DataView(inside.buffer, inside.byteOffset);
    view.setBigUint64(24, 512n, true); // addresses count from behind the text
    view.setBigUint64(40, view.getBigUint64(40, true) + 512n, true);
    const bytes = Buffer.concat([Buffer.alloc(512, " "), inside]);
    bytes.write("MATLAB 7.3 MAT-file, Platform: GLNXA64");
    expect(hdf5Columns.probe(bytes)).toBe(true);
    const recording = await open(bytes);
    expect(await rowsFrom(recording.read({}))).toEqual(seedRows);
    await recording.close();
  });

  test("a file without events says what it holds", async () => {
    const bytes = await libraryFile((file) => {
      file.create_dataset({ name: "data", data: new Float32Array(16), shape: [2, 2, 4] });
    });
    await expect(open(bytes)).rejects.toMatchObject({
      code: "unknown-format",
      message: "x.h5 is an HDF5 file without a list of events: it holds /data (2×2×4)",
    });
  });
});

describe("filters", () => {
  test.each([
    ["bz2", 307, [9]],
    ["lzf", 32_000, []],
    ["blosc", 32_001, [2, 2, 8, 512, 5, 1, 5]],
    ["lz4", 32_004, [0]],
    ["bshuf", 32_008, [0, 2]],
    ["zstd", 32_015, [3]],
    ["blosc2", 32_026, [1, 0, 8, 512, 5, 1, 5]],
  ] as const)("%s", async (plugin, id, options) => {
    const numbers = Array.from({ length: 500 }, (_, i) => i);
    const bytes = await libraryFile(
      (file) => {
        const packed = { chunks: [64], compression: id, compression_opts: [...options] };
        file.create_dataset({ name: "x", data: Float64Array.from(numbers, (i) => i % 50), ...packed });
        file.create_dataset({ name: "y", data: Float64Array.from(numbers, (i) => i % 40), ...packed });
        file.create_dataset({ name: "t", data: Float64Array.from(numbers, (i) => 100 * i), ...packed });
        file.create_dataset({ name: "p", data: Float64Array.from(numbers, (i) => i % 2), ...packed });
      },
      { plugins: [plugin] },
    );
    const recording = await open(bytes, { timeUnit: "us" });
    expect(await rowsFrom(recording.read({}))).toEqual(numbers.map((i) => [100 * i, i % 50, i % 40, i % 2]));
    await recording.close();
  });
});

describe("damage", () => {
  test("a chunk that cannot be unpacked costs its events only, in one column and for all", async () => {
    const bytes = await columnsFile(["x", "y", "t", "p"]);
    const address = await datasetAt(
      sourceOf(bytes),
      (await resolvePath(sourceOf(bytes), await rootOf(sourceOf(bytes)), "events/x"))!,
    );
    if (address?.layout.kind !== "chunked") throw new Error("chunks expected");
    const { chunks } = await chunksOf(sourceOf(bytes), address.layout.tree);
    const { offset, first, bytes: length } = chunks[2]!;
    bytes.fill(255, offset, offset + length);
    const recording = await open(bytes);
    expect(await rowsFrom(recording.read({}))).toEqual(seedRows.filter((_, i) => i < first || i >= first + 64));
    const { damage, dropped } = recording.report();
    expect(dropped).toEqual({ "in damaged chunks": 64 });
    expect(damage.map(({ reason }) => reason)).toEqual([
      expect.stringMatching(/^near here: events 128 to 192 are left out: .*a chunk cannot be unpacked/),
    ]);
    await recording.close();
  });

  test("a file that is cut is refused with that reason", async () => {
    const bytes = await matrixFile();
    await expect(open(bytes.subarray(0, bytes.length - 10))).rejects.toMatchObject({
      code: "damaged",
      message: expect.stringContaining("is cut off") as string,
    });
  });
});
