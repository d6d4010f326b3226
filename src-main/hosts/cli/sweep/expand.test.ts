import { describe, expect, it } from "vitest";
import { AppError } from "#shared/api/errors.ts";
import { expandSweep, keyOf } from "./expand.ts";
import { parseSweep } from "./sweep-file.ts";
import { smallSweep } from "./testing/small-sweep.ts";

const part = smallSweep.parts[0];
const refusal = (raw: unknown): AppError => {
  try {
    expandSweep(parseSweep(raw));
  } catch (error) {
    if (error instanceof AppError) return error;
    throw error;
  }
  throw new Error("it was accepted");
};

describe("expandSweep", () => {
  it("makes a run of every variant, point and seed, all of one seed before the next", () => {
    const runs = expandSweep(parseSweep(smallSweep));
    expect(runs).toHaveLength(2 * 2 * 3);
    expect(runs.map(({ seed }) => seed)).toEqual([1, 1, 1, 1, 2, 2, 2, 2, 3, 3, 3, 3]);
    expect(new Set(runs.map(({ key }) => key)).size).toBe(12);
    expect(runs[0]?.spec).toEqual({
      dataset: { name: "clips" },
      epochs: 2,
      labels: { perClass: 1 },
      seed: 1,
      transfer: "scratch",
    });
    expect(runs[3]).toMatchObject({
      spec: { epochs: 4, labels: { perClass: 5 }, transfer: { id: "sliding-kt" }, source: { dataset: "pictures" } },
      cells: [{ part: "main", variant: "better", at: ["5"] }],
    });
  });

  it("carries out a run once that several tables show", () => {
    const again = {
      id: "again",
      seeds: [1],
      set: { "labels.perClass": 1 },
      variants: [{ id: "same", set: { transfer: "scratch" } }],
    };
    const runs = expandSweep(parseSweep({ ...smallSweep, parts: [part, again] }));
    expect(runs).toHaveLength(12);
    expect(runs[0]?.cells.map(({ part: id }) => id)).toEqual(["main", "again"]);
  });

  it("knows a run by its content alone", () => {
    expect(keyOf({ a: 1, b: { c: [1, 2], d: null } })).toBe(keyOf({ b: { c: [1, 2] }, a: 1, name: "x" }));
    expect(keyOf({ a: [1, 2] })).not.toBe(keyOf({ a: [2, 1] }));
  });

  it.each<[string, unknown, RegExp]>([
    ["a misspelt field", { ...smallSweep, axis: [] }, /unknown field "axis"/],
    ["no parts", { ...smallSweep, parts: [] }, /parts is \[\]/],
    ["a name that is no file name", { ...smallSweep, name: "../x" }, /name is "..\/x"/],
    [
      "a variant twice",
      { ...smallSweep, parts: [{ ...part, variants: [...(part?.variants ?? []), part?.variants[0]] }] },
      /"scratch" is there twice/,
    ],
    ["a seed twice", { ...smallSweep, parts: [{ ...part, seeds: [1, 1] }] }, /"1" is there twice/],
    ["half a seed", { ...smallSweep, parts: [{ ...part, seeds: [0.5] }] }, /holds 0.5/],
    ["a baseline that is not there", { ...smallSweep, parts: [{ ...part, baseline: "none" }] }, /"none" is none of its variants/],
    ["a path that is none", { ...smallSweep, parts: [{ ...part, set: { "__proto__.x": 1 } }] }, /is no path in a run file/],
  ])("refuses %s by name", (_, raw, message) => {
    const error = refusal(raw);
    expect(error.code).toBe("bad-spec");
    expect(error.message).toMatch(message);
  });
});
