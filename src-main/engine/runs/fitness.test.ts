import { describe, expect, it } from "vitest";
import type { RunSpec } from "#shared/api/run.ts";
import { parseRunSpec } from "#shared/api/run-spec.ts";
import { MIXED_SENSORS } from "#main/engine/datasets/clips.ts";
import { countsOf, type ResolvedDataset } from "#main/engine/datasets/resolved.ts";
import { checkFitness } from "./fitness.ts";

const classes = ["rock", "paper", "scissors"];

/** A data set with so many clips of each class. */
function datasetOf(perClass: readonly number[], over: Partial<ResolvedDataset["info"]> = {}): ResolvedDataset {
  const samples = perClass.flatMap((count, classIndex) =>
    Array.from({ length: count }, (_, n) => ({
      id: `${classIndex}/${n}`,
      path: "/clip",
      label: classes[classIndex] ?? "",
      classIndex,
    })),
  );
  const info: ResolvedDataset["info"] = {
    kind: "events",
    name: "clips",
    layout: "workspace",
    root: "/",
    classes,
    warnings: [],
    fingerprint: "",
    generated: false,
    ...countsOf(classes, samples),
    ...over,
  };
  return { info, samples };
}
const specOf = (over: object = {}): RunSpec => parseRunSpec({ dataset: { name: "clips" }, ...over });

describe("a run is refused before it starts", () => {
  it("for a class with one clip, by name, unless nothing is tested", () => {
    expect(() => checkFitness(datasetOf([5, 1, 5]), specOf())).toThrow(/The class paper has one clip only/);
    expect(() => checkFitness(datasetOf([1, 1, 5]), specOf())).toThrow(/The classes rock, paper have one clip only/);
    expect(() => checkFitness(datasetOf([5, 1, 5]), specOf({ split: { test: 0 } }))).not.toThrow();
    expect(() => checkFitness(datasetOf([5, 2, 5]), specOf())).not.toThrow();
    expect(() => checkFitness(datasetOf([5, 0, 5]), specOf())).not.toThrow(); // dealing out names the empty class
  });

  it("for clips of cameras of different sizes, unless each clip is to fill the frame", () => {
    const warnings = [`${MIXED_SENSORS}: 34×34, 346×260.`];
    const mixed = datasetOf([5, 5, 5], { warnings });
    expect(() => checkFitness(mixed, specOf())).toThrow(/different sizes: 34×34, 346×260$/);
    const filling = specOf({ representation: { id: "event-frame", params: { bounds: "bounding-box" } } });
    expect(() => checkFitness(mixed, filling)).not.toThrow();
    expect(() => checkFitness(datasetOf([5, 5, 5], { warnings, layout: "n-caltech101" }), specOf())).not.toThrow();
  });
});
