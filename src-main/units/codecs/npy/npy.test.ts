import { describe, expect, test } from "vitest";
import { sourceOf } from "#main/lib/files.ts";
import { rowsFrom } from "../testing/files.ts";
import { testRoundTrip } from "../testing/round-trip.ts";
import { npy } from "./npy.ts";
import { parsePythonLiteral } from "./python-literal.ts";
import { npyFile, put, seeds } from "./seeds.ts";

const open = (bytes: Uint8Array, answers = {}) => npy.open(sourceOf(bytes, "x.npy"), answers);
const expected = Array.from({ length: 300 }, (_, i) => [1000 + 37 * i, (7 * i) % 34, (5 * i) % 34, i % 2]);

/** A structured array of t (i8), x, y (i2), p (i1) with these rows. */
function array(rows: readonly (readonly [bigint, number, number, number])[], time = "t"): Uint8Array {
  const data = Buffer.alloc(13 * rows.length);
  rows.forEach(([t, x, y, p], i) => {
    data.writeBigInt64LE(t, 13 * i);
    data.writeInt16LE(x, 13 * i + 8);
    data.writeInt16LE(y, 13 * i + 10);
    data.writeInt8(p, 13 * i + 12);
  });
  const descr = `[('${time}', '<i8'), ('x', '<i2'), ('y', '<i2'), ('p', '|i1')]`;
  return npyFile(`{'descr': ${descr}, 'fortran_order': False, 'shape': (${rows.length},), }`, data);
}

describe("NumPy arrays", () => {
  testRoundTrip(npy, { name: "x.npy", negative: true, stepsBack: true });

  test.each(["packed.npy", "padded.npy", "big.npy", "rows.npy", "columns.npy"])("%s holds the same events", async (name) => {
    const seed = (await seeds()).find((file) => file.name === name)!;
    const recording = await open(seed.bytes);
    expect(await rowsFrom(recording.read({}))).toEqual(expected);
    expect(recording.info.sensor).toEqual({ width: 34, height: 34 });
    expect(recording.report().damage).toEqual([]);
  });

  test("the order of a matrix is a guess that an answer replaces", async () => {
    const bytes = (await seeds()).find(({ name }) => name === "columns.npy")!.bytes;
    const guessed = await open(bytes);
    expect(guessed.guesses.find(({ param }) => param === "columns")).toMatchObject({ value: "xypt", sure: true });
    const answered = await open(bytes, { columns: "yxpt", width: 64, height: 50 });
    expect(answered.guesses.map(({ param }) => param)).toEqual(["timeUnit"]);
    expect(answered.info.sensor).toEqual({ width: 64, height: 50 });
    expect((await rowsFrom(answered.read({})))[1]).toEqual([1037, 5, 7, 1]);
    await expect(open(bytes, { columns: "xyt" })).rejects.toMatchObject({ code: "bad-parameter" });
  });

  test("nanoseconds beyond doubles stay exact; -1/+1 and 1/2 are polarities", async () => {
    const ns = await open(
      array([
        [1_700_000_000_141_415_499n, 1, 2, -1],
        [1_700_000_000_141_415_500n, 1, 2, 1],
      ]),
    );
    expect(await rowsFrom(ns.read({}))).toEqual([
      [1_700_000_000_141_415, 1, 2, 0],
      [1_700_000_000_141_416, 1, 2, 1],
    ]);
    const named = await open(
      array(
        [
          [-5_000n, 0, 0, 1],
          [4_000n, 0, 0, 2],
        ],
        "t_ns",
      ),
    );
    expect(await rowsFrom(named.read({}))).toEqual([
      [-5, 0, 0, 0],
      [4, 0, 0, 1],
    ]);
    const answered = await open(array([[3n, 0, 0, 1]]), { timeUnit: "s" });
    expect((await rowsFrom(answered.read({})))[0]![0]).toBe(3_000_000);
  });

  test("less data than the shape says: whole rows, and both facts reported", async () => {
    const whole = array(Array.from({ length: 50 }, (_, i) => [BigInt(i), 1, 1, 1] as const));
    const recording = await open(whole.subarray(0, whole.length - 20));
    expect((await rowsFrom(recording.read({}))).length).toBe(48);
    const [damage, ...others] = recording.report().damage;
    expect(damage).toMatchObject({ offset: whole.length - 26, bytes: 6 });
    expect(damage?.reason).toContain("48 and 6 bytes of the next of 50 rows");
    expect(others).toEqual([]);
  });

  test("coordinates beyond a given sensor and times that are none are counted", async () => {
    const recording = await open(
      array([
        [1n, 5, 5, 1],
        [2n, 50, 5, 1],
        [-(2n ** 63n), 5, 5, 1],
      ]),
      { width: 10, height: 10 },
    );
    expect(await rowsFrom(recording.read({}))).toEqual([[1, 5, 5, 1]]);
    expect(recording.report().dropped).toEqual({ "beyond the sensor": 1, "without a usable time": 1 });
  });

  test("pickles, pictures, text and nonsense are refused", async () => {
    const pickle = npyFile("{'descr': '|O', 'fortran_order': False, 'shape': (3,), }", new Uint8Array(30));
    await expect(open(pickle)).rejects.toThrow("pickled");
    const inside = npyFile("{'descr': [('t', '|O'), ('x', '<i2')], 'fortran_order': False, 'shape': (3,), }", new Uint8Array(30));
    await expect(open(inside)).rejects.toMatchObject({ code: "unsupported" });
    const picture = npyFile("{'descr': '|u1', 'fortran_order': False, 'shape': (3, 40, 40), }", new Uint8Array(4800));
    await expect(open(picture)).rejects.toMatchObject({ code: "unsupported" });
    const boxes = npyFile(
      "{'descr': [('ts', '<u8'), ('w', '<f4')], 'fortran_order': False, 'shape': (2,), }",
      new Uint8Array(24),
    );
    await expect(open(boxes)).rejects.toThrow("ts, w");
    const fields = ["t", "x", "y", "p", "w", "h", "class_id"].map((name) => `('${name}', '<u2')`).join(", ");
    const labels = npyFile(`{'descr': [${fields}], 'fortran_order': False, 'shape': (2,), }`, new Uint8Array(28));
    await expect(open(labels)).rejects.toThrow("class_id");
    const huge = npyFile("{'descr': '<f8', 'fortran_order': False, 'shape': (900000000000, 4), }", new Uint8Array(0));
    await expect(open(huge)).rejects.toMatchObject({ code: "damaged" });
    await expect(open(npyFile("{'descr': 'x', }", new Uint8Array(9)))).rejects.toMatchObject({ code: "damaged" });
    await expect(open(npyFile("__import__('os')", new Uint8Array(9)))).rejects.toMatchObject({ code: "damaged" });
    await expect(open(Uint8Array.from([0x93, ...Buffer.from("NUMPY"), 1, 0]))).rejects.toMatchObject({ code: "damaged" });
  });

  test("Python literals are read and never run", () => {
    expect(parsePythonLiteral("{'a': (1, -2L), \"b\": [True, None, 'x',], }")).toEqual(
      new Map<string, unknown>([
        ["a", [1, -2]],
        ["b", [true, null, "x"]],
      ]),
    );
    for (const text of ["{", "{'a'}", "[1 2]", "f()", "'a", "1 1", "[".repeat(50)])
      expect(() => parsePythonLiteral(text)).toThrow(SyntaxError);
  });

  test("numbers of every type", () => {
    const view = new DataView(new ArrayBuffer(8));
    put(view, 0, "f4", 1.5);
    expect(view.getFloat32(0, true)).toBe(1.5);
  });
});
