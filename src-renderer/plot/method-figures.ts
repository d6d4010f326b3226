import type { AlignmentMap } from "#shared/api/run.ts";
import type { EpochPoint } from "../state/run-progress.ts";
import { CLEAR, lineFigure, percent, round, standOff, type Figure, type FigureInk, type Line } from "./line-figure.ts";
import { at, type Curves } from "./training-figures.ts";

/** Which estimate of CKA is shown: as published, or without the bias of few samples. */
export type Estimate = "biased" | "debiased";

const share = (points: readonly EpochPoint[], name: string): Pick<Line, "x" | "y"> =>
  at(points, ({ metrics }) => {
    const value = metrics[name];
    return value === undefined ? undefined : percent(value);
  });

/**
 * What pictures have given way to events, per cent: the share that was really replaced, and the probability it was drawn with
 * (sliding training, He et al. 2024) or the share that was wanted (time-step mixup, Xie et al. 2025).
 */
export function replacedFigure({ run, epochs }: Curves, ink: FigureInk): Figure {
  const lines: Line[] = [
    { name: "Events", ...share(run, "replaced"), color: ink.ink2, width: 1.75, filled: true },
    { name: "Event frames", ...share(run, "mixRatio"), color: ink.ink2, width: 1.75, filled: true },
    { name: "Probability", ...share(run, "replacementProbability"), color: ink.ink, width: 1.25, dash: "2px 2px" },
    { name: "Wanted", ...share(run, "wantedRatio"), color: ink.ink, width: 1.25, dash: "2px 2px" },
    { name: "p per step", ...share(run, "switchProbability"), color: ink.ink3, width: 1.25 },
  ].filter(({ x }) => x.length > 0);
  return lineFigure(lines, { epochs, yaxis: { range: [0, 100] }, unit: " %" }, ink);
}

/** From the strongest ink for the first of several lines to the weakest for the last. */
function graded(count: number, ink: FigureInk): readonly string[] {
  const steps = [ink.ink, ink.ink2, ink.ink3];
  return Array.from({ length: count }, (_, k) => steps[Math.round((k * 2) / Math.max(1, count - 1))] ?? ink.ink);
}
/** Lines of one colour are told apart by their dashes. */
const dashes = [undefined, "5px 2px", "1px 2px", "7px 2px 1px 2px"] as const;

/** Coefficients in the numbers of an epoch: `coefficient0`, `coefficient1`, … */
export function coefficientsOf({ metrics }: EpochPoint): readonly number[] {
  const values: number[] = [];
  for (let step = 0; ; step += 1) {
    const value = metrics[`coefficient${step}`];
    if (value === undefined) return values;
    values.push(value);
  }
}

/** Coefficients begin at 0.73 and rise in most trainings: the lower half of the axis is there when one needs it. */
const USUAL_LOWEST = 0.5;

/** w_t of each time step after each epoch: how much alignment counts there, and how much less classification (He et al. 2024). */
export function coefficientFigure({ run, epochs }: Curves, ink: FigureInk): Figure {
  const steps = Math.max(0, ...run.map((point) => coefficientsOf(point).length));
  const colors = graded(steps, ink);
  const lines = Array.from({ length: steps }, (_, step): Line => ({
    name: `w${step + 1}`,
    ...at(run, (point) => {
      const value = coefficientsOf(point)[step];
      return value === undefined ? undefined : round(value);
    }),
    color: colors[step] ?? ink.ink,
    width: 1.5,
  }));
  const low = lines.some(({ y }) => y.some((value) => value < USUAL_LOWEST)) ? 0 : USUAL_LOWEST;
  return lineFigure(lines, { epochs, yaxis: { range: [low, 1] }, unit: "" }, ink);
}

/** Layers of which alignment has been recorded, in the order of the network. */
const layersOf = (points: readonly EpochPoint[]): readonly string[] =>
  points.find(({ alignment }) => alignment !== undefined)?.alignment?.layers ?? [];

/** How alike pictures and clips are in each layer after each epoch; the last layer of the control dashed. */
export function alignmentFigure({ run, control, epochs }: Curves, estimate: Estimate, ink: FigureInk): Figure {
  const layers = layersOf(run);
  const colors = graded(layers.length, ink).toReversed(); // the last layer, where classes part, is the strongest
  const valueOf = (point: EpochPoint, layer: number): number | undefined => {
    const value = point.alignment?.[estimate][layer];
    return value === undefined ? undefined : round(value);
  };
  const lines = layers.map((name, layer): Line => {
    const turn = colors.slice(0, layer).filter((color) => color === colors[layer]).length;
    const dash = dashes[turn % dashes.length];
    return {
      ...{ name, ...at(run, (point) => valueOf(point, layer)), color: colors[layer] ?? ink.ink },
      width: layer === layers.length - 1 ? 2.25 : 1.25,
      ...(dash !== undefined && { dash }),
    };
  });
  const last = layersOf(control).length - 1;
  const compared = { name: `${layersOf(control)[last] ?? ""}, scratch`, ...at(control, (point) => valueOf(point, last)) };
  const all = compared.x.length === 0 ? lines : [{ ...compared, color: ink.ink3, width: 1.25, dash: "4px 3px" }, ...lines];
  const lowest = Math.min(0, ...all.flatMap(({ y }) => y));
  return lineFigure(all, { epochs, yaxis: { range: [lowest < 0 ? Math.floor(10 * lowest) / 10 : 0, 1] }, unit: "" }, ink);
}

/** Cells with numbers in them are drawn up to this many columns, and names of columns stand upright up to so many. */
const MOST_NUMBERS = 10;
const MOST_UPRIGHT = 6;

interface Heat {
  readonly rows: readonly string[];
  readonly columns: readonly string[];
  readonly values: readonly (readonly number[])[];
  readonly corner: string;
}

function heatFigure({ rows, columns, values, corner }: Heat, ink: FigureInk): Figure {
  const rounded = values.map((row) => row.map((value) => Math.round(100 * value) / 100));
  const label = { family: "Inter Variable", size: 11, color: ink.ink2 };
  const turned = columns.length > MOST_UPRIGHT;
  return {
    data: [
      {
        ...{ type: "heatmap", x: columns, y: rows, z: rounded, zmin: 0, zmax: 1, xgap: 2, ygap: 2, showscale: true },
        colorscale: [
          [0, ink.ground],
          [1, ink.ink],
        ],
        ...(columns.length <= MOST_NUMBERS && {
          texttemplate: "%{z:.2f}",
          textfont: { family: "Geist Mono Variable", size: 11 },
        }),
        colorbar: { ...{ thickness: 8, outlinewidth: 0, len: 1, x: 1.02, tickvals: [0, 0.5, 1] }, tickfont: label },
        hovertemplate: "%{y} against %{x}: %{z:.2f}<extra></extra>",
      },
    ],
    layout: {
      hovermode: "closest",
      margin: { l: 92, r: 52, t: 4, b: turned ? 64 : 26 },
      xaxis: { type: "category", showline: false, tickfont: label, nticks: 0, tickangle: turned ? -40 : 0 },
      yaxis: { type: "category", autorange: "reversed", gridcolor: CLEAR, tickfont: label, nticks: 0, ...standOff },
    },
    table: { columns: [corner, ...columns], rows: rows.map((name, row) => [name, ...(rounded[row] ?? [])]) },
  };
}

/** Layers that were shown pictures (down) against layers that were shown clips (across): 0 unlike, 1 alike. */
export const layerMapFigure = ({ layers, between }: AlignmentMap, estimate: Estimate, ink: FigureInk): Figure =>
  heatFigure({ rows: layers, columns: layers, values: between[estimate], corner: "Pictures \\ clips" }, ink);

/** The same layer in both streams (down), at each time step (across). */
export const stepMapFigure = ({ layers, bySteps }: AlignmentMap, estimate: Estimate, ink: FigureInk): Figure =>
  heatFigure(
    {
      rows: layers,
      columns: (bySteps[estimate][0] ?? []).map((_, step) => `step ${step + 1}`),
      values: bySteps[estimate],
      corner: "Layer",
    },
    ink,
  );
