import { describe, expect, it } from "vitest";
import { energyFigure, energyRows, reaches, timeSeenFigure } from "./report-figures.ts";

const ink = { ink: "#fff", ink2: "#aaa", ink3: "#888", line: "#222", ground: "#111" };

describe("accuracy over time seen", () => {
  it("is drawn over milliseconds, the control dashed, with the time at which the target is reached", () => {
    const { data, table } = timeSeenFigure(
      { byStep: [0.5, 0.9], control: [0.2, 0.7], spanMs: 400, name: "With transfer", target: 0.7 },
      ink,
    );
    expect(data.map((trace) => trace["name"])).toEqual(["From scratch", "With transfer", "Reached"]);
    expect(data[1]).toMatchObject({ x: [200, 400], y: [50, 90] });
    expect(data[2]).toMatchObject({ x: [300], y: [70] });
    expect(table).toEqual({ columns: ["Milliseconds seen", "From scratch", "With transfer"], rows: [[200, 20, 50], [400, 70, 90]] }); // prettier-ignore
  });

  it("is drawn over events where steps hold equal numbers of them", () => {
    const { data, table } = timeSeenFigure({ byStep: [0.5, 0.9], name: "With transfer", target: 0.95 }, ink);
    expect(data.map((trace) => trace["name"])).toEqual(["With transfer"]); // the target is never reached
    expect(data[0]).toMatchObject({ x: [50, 100] });
    expect(table.columns[0]).toBe("Events seen, %");
  });

  it("has a band of the deviation over seeds", () => {
    const { data, table } = timeSeenFigure(
      { byStep: [0.5, 0.9], seeds: [[0.5, 0.9], [0.4, 0.8], [0.6, 1]], spanMs: 100, name: "With transfer" }, // prettier-ignore
      ink,
    );
    expect(data[0]).toMatchObject({ name: "3 seeds, ± std", y: [60, 100, 80, 40] });
    expect(table.columns.at(-1)).toBe("Std of 3 seeds, points");
    expect(table.rows[0]?.at(-1)).toBe(10);
  });

  it("finds where a curve reaches a value", () => {
    expect(reaches([10, 20], [0.8, 0.9], 0.5)).toBe(10);
    expect(reaches([10, 20], [0.4, 0.8], 0.5)).toBeCloseTo(12.5, 9);
    expect(reaches([10, 20], [0.4, 0.8], 0.9)).toBeUndefined();
  });
});

describe("energy of a decision", () => {
  const costs = { steps: 4, synapticOperations: 1e6, inputOperations: 1e5, denseOperations: 8e6 };
  it("is that of spikes, and of the same network without them over all steps and one", () => {
    expect(energyRows(costs).map(({ microjoule }) => Number(microjoule.toFixed(4)))).toEqual([1.36, 36.8, 9.2]);
    expect(energyRows({ ...costs, steps: 1 })).toHaveLength(2);
  });

  it("is drawn as bars from zero with its operations in the table", () => {
    const { data, layout, table } = energyFigure(costs, ink);
    expect(data[0]).toMatchObject({ type: "bar", y: ["Without, 1 step", "Without, 4 steps", "With spikes"] });
    expect(layout["xaxis"]).toMatchObject({ rangemode: "tozero" });
    expect(table.rows[0]).toEqual(["With spikes", 1_000_000, 100_000, 1.36]);
  });
});
