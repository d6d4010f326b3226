import { describe, expect, it } from "vitest";
import type { AlignmentMap, LayerAlignment } from "#shared/api/run.ts";
import type { EpochPoint } from "../state/run-progress.ts";
import { spread } from "./line-figure.ts";
import { alignmentFigure, coefficientFigure, layerMapFigure, replacedFigure, stepMapFigure } from "./method-figures.ts";

const ink = { ink: "#fff", ink2: "#aaa", ink3: "#888", line: "#222", ground: "#111" };
const compared = { part: "validation", pairs: 16, layers: ["first", "last"] } as const;
const point = (epoch: number, metrics: Readonly<Record<string, number>>, alignment?: LayerAlignment): EpochPoint => ({
  ...{ phase: "training", epoch, metrics: { trainLoss: 1, trainAccuracy: 1, ...metrics } },
  ...(alignment && { alignment }),
});
const names = (figure: ReturnType<typeof replacedFigure>) => figure.data.map((trace) => trace["name"]);
const alignmentOf = (last: number): LayerAlignment => ({ ...compared, biased: [0.9, 0.8], debiased: [0.5, last] });

describe("what a method shows the network", () => {
  it("is the share that was replaced, filled, and the probability it was drawn with", () => {
    const run = [
      point(1, { replaced: 0.05, replacementProbability: 0.04 }),
      point(2, { replaced: 0.3, replacementProbability: 0.28 }),
    ];
    const figure = replacedFigure({ run, control: [], epochs: 4 }, ink);
    expect(names(figure)).toEqual(["Events", "Probability"]);
    expect(figure.data[0]).toMatchObject({ x: [1, 2], y: [5, 30], fill: "tozeroy" });
    expect(figure.data[1]).toMatchObject({ y: [4, 28] });
    expect(figure.table).toEqual({ columns: ["Epoch", "Events", "Probability"], rows: [[1, 5, 4], [2, 30, 28]] }); // prettier-ignore
  });

  it("names the wanted share of time-step mixup", () => {
    const run = [point(1, { mixRatio: 0.48, wantedRatio: 0.5, switchProbability: 0.2 })];
    expect(names(replacedFigure({ run, control: [], epochs: 4 }, ink))).toEqual(["Event frames", "Wanted", "p per step"]);
  });

  it("has a line for each time step's coefficient", () => {
    const run = [point(1, { coefficient0: 0.73, coefficient1: 0.7 }), point(2, { coefficient0: 0.75, coefficient1: 0.6 })];
    const figure = coefficientFigure({ run, control: [], epochs: 2 }, ink);
    expect(names(figure)).toEqual(["w1", "w2"]);
    expect(figure.data[1]).toMatchObject({ y: [0.7, 0.6] });
    expect(coefficientFigure({ run: [point(1, {})], control: [], epochs: 2 }, ink).data).toEqual([]);
  });
});

describe("alignment", () => {
  it("over epochs has a line for each layer and the control's last one", () => {
    const run = [point(1, {}, alignmentOf(-0.14)), point(2, {}, alignmentOf(0.6))];
    const figure = alignmentFigure({ run, control: [point(1, {}, alignmentOf(0.2))], epochs: 2 }, "debiased", ink);
    expect(names(figure)).toEqual(["last, scratch", "first", "last"]);
    expect(figure.data[2]).toMatchObject({ x: [1, 2], y: [-0.14, 0.6] });
    expect(figure.layout["yaxis"]).toMatchObject({ range: [-0.2, 1] });
    expect(alignmentFigure({ run, control: [], epochs: 2 }, "biased", ink).data[1]).toMatchObject({ y: [0.8, 0.8] });
  });

  it("at the end is a map with the same numbers as a table", () => {
    const map: AlignmentMap = {
      ...compared,
      between: { biased: [[1, 0.5], [0.4, 0.9]], debiased: [[0.812, -0.1], [0.2, 0.7]] }, // prettier-ignore
      bySteps: { biased: [[1, 1, 1], [0.5, 0.5, 0.5]], debiased: [[0.1, 0.2, 0.3], [0.4, 0.5, 0.6]] }, // prettier-ignore
    };
    const layers = layerMapFigure(map, "debiased", ink);
    expect(layers.data[0]).toMatchObject({ type: "heatmap", z: [[0.81, -0.1], [0.2, 0.7]], x: ["first", "last"], zmin: 0, zmax: 1 }); // prettier-ignore
    expect(layers.table.rows[0]).toEqual(["first", 0.81, -0.1]);
    expect(layers.table.columns).toEqual(["Pictures \\ clips", "first", "last"]);
    expect(stepMapFigure(map, "biased", ink).table).toMatchObject({
      columns: ["Layer", "step 1", "step 2", "step 3"],
      rows: [["first", 1, 1, 1], ["last", 0.5, 0.5, 0.5]], // prettier-ignore
    });
  });
});

describe("names at the ends of lines", () => {
  it("stay where they are when there is room, and are moved apart when there is not", () => {
    expect(spread([0.2, 0.8], 100)).toEqual([0, 0]);
    const shifts = spread([0.5, 0.5, 0.51], 100);
    const places = [0.5, 0.5, 0.51].map((value, k) => 100 * value + (shifts[k] ?? 0)).sort((a, b) => a - b);
    expect((places[1] ?? 0) - (places[0] ?? 0)).toBeGreaterThanOrEqual(13);
    expect((places[2] ?? 0) - (places[1] ?? 0)).toBeGreaterThanOrEqual(13);
  });
});
