import { accuracyOf, bestOf, type EpochPoint } from "../state/run-progress.ts";
import { lineFigure, percent, round, type Figure, type FigureInk, type Line } from "./line-figure.ts";

/** What has been recorded of a run so far. */
export interface Curves {
  readonly run: readonly EpochPoint[];
  readonly control: readonly EpochPoint[];
  /** Epochs of the whole run, so that axes keep their range while it lasts. */
  readonly epochs: number;
}

/** A number of each epoch that has it. */
export const at = (points: readonly EpochPoint[], value: (point: EpochPoint) => number | undefined): Pick<Line, "x" | "y"> => {
  const kept = points.flatMap((point) => {
    const y = value(point);
    return y === undefined || !Number.isFinite(y) ? [] : [[point.epoch, y] as const];
  });
  return { x: kept.map(([x]) => x), y: kept.map(([, y]) => y) };
};

/** Accuracy over epochs in per cent: this run thick, its control thin and dashed, the best with a ring. */
export function accuracyFigure(curves: Curves, ink: FigureInk, chance: number): Figure {
  const training = curves.run.filter((point) => point.phase === "training");
  const lines: Line[] = [
    {
      name: "From scratch",
      ...at(curves.control, (point) => percent(accuracyOf(point.metrics))),
      color: ink.ink3,
      width: 1.25,
      dash: "4px 3px",
    },
    { name: "With transfer", ...at(training, (point) => percent(accuracyOf(point.metrics))), color: ink.ink, width: 2.25 },
  ].filter((line) => line.x.length > 0);
  const yaxis = { range: [Math.max(0, 100 * chance - 10), 102] };
  const figure = lineFigure(lines, { epochs: curves.epochs, yaxis, unit: " %" }, ink);
  const best = bestOf(training);
  if (best === undefined) return figure;
  const ring = {
    type: "scatter",
    mode: "markers+text",
    name: "Best",
    x: [best.epoch],
    y: [percent(accuracyOf(best.metrics))],
    text: [`Best ${percent(accuracyOf(best.metrics)).toFixed(1)}`],
    textposition: "top center",
    textfont: { family: "Geist Mono Variable", size: 11, color: ink.ink2 },
    marker: { symbol: "circle-open", size: 11, color: ink.ink, line: { width: 1.5 } },
    hoverinfo: "skip",
    cliponaxis: false,
  };
  return { ...figure, data: [...figure.data, ring] };
}

/** Training and validation loss over epochs, and the control's. */
export function lossFigure(curves: Curves, ink: FigureInk): Figure {
  const lines: Line[] = [
    {
      name: "From scratch",
      ...at(curves.control, (point) => round(point.metrics.trainLoss)),
      color: ink.ink3,
      width: 1.25,
      dash: "4px 3px",
    },
    {
      name: "Validation",
      ...at(curves.run, (point) =>
        point.metrics.validationLoss === undefined ? undefined : round(point.metrics.validationLoss),
      ),
      color: ink.ink,
      width: 2.25,
    },
    { name: "Training", ...at(curves.run, (point) => round(point.metrics.trainLoss)), color: ink.ink2, width: 1 },
  ].filter((line) => line.x.length > 0);
  return lineFigure(lines, { epochs: curves.epochs, yaxis: { rangemode: "tozero" }, unit: "" }, ink);
}
