import { describe, expect, test } from "vitest";
import { sourceOf } from "#main/lib/files.ts";
import { rowsFrom } from "../testing/files.ts";
import { mat } from "./mat.ts";
import { seeds, spikeTrain } from "./seeds.ts";

const seed = async (name: string) => (await seeds()).find((file) => file.name === name)!.bytes;
const open = (bytes: Uint8Array, answers = {}) => mat.open(sourceOf(bytes, "x.mat"), answers);
const expected = Array.from({ length: 250 }, (_, i) => [1000 + 37 * i, (7 * i) % 34, (5 * i) % 34, i % 2]);

describe("MATLAB files", () => {
  test.each(["columns.mat", "structure.mat", "matrix.mat", "big.mat"])("%s holds the same events", async (name) => {
    const bytes = await seed(name);
    expect(mat.probe(bytes)).toBe(true);
    const recording = await open(bytes);
    expect(await rowsFrom(recording.read({}))).toEqual(expected);
    expect(recording.info).toMatchObject({ sensor: { width: 34, height: 34 }, range: { start: 1000, end: 10_214 } });
    expect(recording.report().damage).toEqual([]);
  });

  test("parts, with an index from a compressed file", async () => {
    const recording = await open(await seed("columns.mat"));
    for await (const entry of recording.buildIndex(500)) void entry;
    expect(await rowsFrom(recording.read({ from: 5000, to: 6000 }))).toEqual(expected.filter(([t]) => t! >= 5000 && t! < 6000));
  });

  test("a structure that counts from 1 is a guess that an answer replaces", async () => {
    const bytes = await seed("structure.mat");
    expect((await open(bytes)).guesses.find(({ param }) => param === "oneBased")).toMatchObject({ value: "yes", sure: true });
    const asIs = await open(bytes, { oneBased: "no" });
    expect((await rowsFrom(asIs.read({})))[0]).toEqual([1000, 1, 1, 0]);
    expect(asIs.guesses.some(({ param }) => param === "oneBased")).toBe(false);
  });

  test("what is no recording of a camera is refused, with what was found", async () => {
    await expect(open(spikeTrain())).rejects.toThrow(/spiketrain \(3×2\).*touch/);
    await expect(open((await seed("columns.mat")).subarray(0, 60))).rejects.toMatchObject({ code: "damaged" });
  });

  test("variables that are missing because of damage: the message says so", async () => {
    const bytes = (await seed("columns.mat")).slice();
    bytes.fill(255, 140, 180);
    await expect(open(bytes)).rejects.toMatchObject({
      code: "damaged",
      message: expect.stringMatching(
        /holds no events of a camera: found \w.*; a compressed variable cannot be unpacked/,
      ) as string,
    });
  });

  test("a cut file keeps the rows that all columns have", async () => {
    const bytes = await seed("matrix.mat");
    const recording = await open(bytes.subarray(0, bytes.length - 400));
    expect((await rowsFrom(recording.read({}))).length).toBe(200);
    expect(recording.report().damage.at(-1)?.reason).toContain("200");
  });
});
