import { describe, expect, test } from "vitest";
import { sourceOf } from "#main/lib/files.ts";
import { seeded } from "#main/lib/testing/random.ts";
import { randomEvents } from "#main/units/encodings/testing/events.ts";
import { npyFile } from "../npy/seeds.ts";
import { rowsFrom } from "../testing/files.ts";
import { testRoundTrip } from "../testing/round-trip.ts";
import { npz } from "./npz.ts";
import { archiveOf, seeds } from "./seeds.ts";

const open = (bytes: Uint8Array) => npz.open(sourceOf(bytes, "x.npz"));
const seed = async (name: string) => (await seeds()).find((file) => file.name === name)!.bytes;
const expected = Array.from({ length: 300 }, (_, i) => [1000 + 37 * i, (7 * i) % 34, (5 * i) % 34, i % 2]);

describe("NumPy archives", () => {
  testRoundTrip(npz, { name: "x.npz", negative: true, stepsBack: true });

  test.each(["stored.npz", "compressed.npz", "matrix.npz"])("%s holds the same events", async (name) => {
    const recording = await open(await seed(name));
    expect(await rowsFrom(recording.read({}))).toEqual(expected);
    expect(recording.report().damage).toEqual([]);
    expect(recording.info.sensor).toEqual({ width: 34, height: 34 });
  });

  test("two passes over compressed columns do not disturb each other", async () => {
    const recording = await open(await seed("compressed.npz"));
    const both = await Promise.all([rowsFrom(recording.read({})), rowsFrom(recording.read({ from: 5000 }))]);
    expect(both).toEqual([expected, expected.filter(([t]) => t! >= 5000)]);
  });

  test("damaged compressed bytes: what lies before is kept, and where it ends is said", async () => {
    const rows = randomEvents(seeded(3), 150_000, { width: 34, height: 34 });
    const data = Buffer.alloc(13 * rows.length);
    rows.forEach(([t, x, y, p], i) => {
      data.writeBigInt64LE(BigInt(t), 13 * i);
      data.set([x, 0, y, 0, p], 13 * i + 8);
    });
    const descr = "[('t', '<i8'), ('x', '<i2'), ('y', '<i2'), ('p', '?')]";
    const array = npyFile(`{'descr': ${descr}, 'fortran_order': False, 'shape': (${rows.length},), }`, data);
    const bytes = await archiveOf({ "events.npy": array }, 6);
    bytes.fill(0xff, Math.floor(bytes.length / 2), Math.floor(bytes.length / 2) + 200);
    const recording = await open(bytes);
    const found = await rowsFrom(recording.read({}));
    expect(found.length).toBeGreaterThan(rows.length / 10);
    expect(found.length).toBeLessThan(rows.length);
    expect(found.slice(0, 10_000)).toEqual(rows.slice(0, 10_000));
    expect(
      recording
        .report()
        .damage.map(({ reason }) => reason)
        .join(),
    ).toContain("damaged inside its compressed bytes");
  });

  test("columns of different length: the shortest counts, and it is said", async () => {
    const short = npyFile("{'descr': '|u1', 'fortran_order': False, 'shape': (3,), }", Uint8Array.of(0, 1, 1));
    const ones = npyFile("{'descr': '|u1', 'fortran_order': False, 'shape': (5,), }", Uint8Array.of(1, 2, 3, 4, 5));
    const recording = await open(await archiveOf({ "t.npy": ones, "x.npy": ones, "y.npy": ones, "p.npy": short }, 0));
    expect((await rowsFrom(recording.read({}))).length).toBe(3);
    expect(recording.report().damage[0]?.reason).toContain("between 3 and 5 rows");
  });

  test("other archives are refused", async () => {
    const docx = await archiveOf({ "word/document.xml": Buffer.from("<xml/>") }, 6);
    expect(npz.probe(docx, "a.docx")).toBe(false);
    await expect(open(docx)).rejects.toMatchObject({ code: "unsupported" });
    const cut = await seed("compressed.npz");
    await expect(open(cut.subarray(0, cut.length - 30))).rejects.toMatchObject({ code: "damaged" });
  });
});
