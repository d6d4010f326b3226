import { describe, expect, it } from "vitest";
import type { EpochPoint } from "../state/run-progress.ts";
import { accuracyFigure, lossFigure } from "./training-figures.ts";

const ink = { ink: "#fff", ink2: "#aaa", ink3: "#888", line: "#222", ground: "#111" };
const point = (epoch: number, accuracy: number, phase: EpochPoint["phase"] = "training"): EpochPoint => ({
  phase,
  epoch,
  metrics: {
    trainLoss: 2 / epoch,
    trainAccuracy: 1,
    validationAccuracy: accuracy,
    validationLoss: 3 / epoch,
    replaced: epoch / 10,
  },
});
const curves = { run: [point(1, 0.4), point(2, 0.734), point(3, 0.7)], control: [point(1, 0.3, "control")], epochs: 10 };

describe("training figures", () => {
  it("draw the run thick, the control dashed, the best with a ring", () => {
    const { data, layout, table } = accuracyFigure(curves, ink, 0.2);
    expect(data.map((trace) => trace["name"])).toEqual(["From scratch", "With transfer", "Best"]);
    expect(data[1]).toMatchObject({ x: [1, 2, 3], y: [40, 73.4, 70] });
    expect(data[2]).toMatchObject({ x: [2], text: ["Best 73.4"] });
    expect(layout["xaxis"]).toMatchObject({ range: [0, 10] });
    expect(table.rows).toEqual([
      [1, 30, 40],
      [2, "–", 73.4],
      [3, "–", 70],
    ]);
  });

  it("leave out lines that have nothing to show", () => {
    expect(accuracyFigure({ run: [], control: [], epochs: 5 }, ink, 0.1).data).toEqual([]);
    expect(lossFigure({ ...curves, control: [] }, ink).data.map((trace) => trace["name"])).toEqual(["Validation", "Training"]);
  });

  it("hatch what has not happened yet", () => {
    expect(lossFigure(curves, ink).layout["shapes"]).toMatchObject([{ x0: 3, x1: 10 }]);
    expect(lossFigure({ ...curves, epochs: 3 }, ink).layout["shapes"]).toEqual([]);
  });
});
