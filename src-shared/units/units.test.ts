import { describe, expect, it } from "vitest";
import { defaultsOf, parseParams, type ParamSpec } from "./params.ts";
import { findUnit } from "./unit.ts";

const spec = {
  deltaUs: { type: "integer", default: 5000, min: 1, max: 1_000_000, unit: "µs", label: "Span" },
  gain: { type: "number", default: 0.5, min: 0, label: "Gain" },
  invert: { type: "boolean", default: false, label: "Invert" },
  mode: { type: "choice", default: "clean", options: ["clean", "reference"], label: "Mode" },
  path: { type: "path", default: "", label: "File" },
} as const satisfies ParamSpec;

describe("parameters", () => {
  it("fills defaults", () => {
    expect(defaultsOf(spec)).toEqual({ deltaUs: 5000, gain: 0.5, invert: false, mode: "clean", path: "" });
  });

  it("reads the command line's text", () => {
    expect(parseParams(spec, { deltaUs: "20", gain: "1e-3", invert: "true", mode: "reference", path: "a b" })).toEqual({
      deltaUs: 20,
      gain: 0.001,
      invert: true,
      mode: "reference",
      path: "a b",
    });
  });

  it.each([
    [{ deltaUs: 0 }, /"deltaUs" is 0, expected a whole number from 1 to 1000000 \(µs\)/],
    [{ deltaUs: 1.5 }, /whole number/],
    [{ deltaUs: "many" }, /"many"/],
    [{ gain: -1 }, /at least 0/],
    [{ gain: Number.NaN }, /expected a number/],
    [{ gain: "" }, /expected a number/],
    [{ invert: 1 }, /true or false/],
    [{ mode: "fast" }, /one of clean, reference/],
    [{ path: 7 }, /expected text/],
    [{ speed: 1 }, /unknown parameter "speed"/],
    [{ toString: 1 }, /unknown parameter "toString"/],
  ])("refuses %o and says why", (raw, message) => {
    expect(() => parseParams(spec, raw, 'filter "sample"')).toThrow(message);
    expect(() => parseParams(spec, raw, 'filter "sample"')).toThrow(/filter "sample"/);
  });
});

describe("units", () => {
  it("are found by id, and an unknown one is answered with what there is", () => {
    const units = [{ id: "a", label: "A", summary: "", params: {} }];
    expect(findUnit("filter", units, "a").label).toBe("A");
    expect(() => findUnit("filter", units, "b")).toThrow(/no filter called "b"/);
  });
});
