import { PICOJOULE_PER_AC, PICOJOULE_PER_MAC } from "#shared/api/energy.ts";
import { deviation, mean } from "#shared/api/statistics.ts";
import { CLEAR, lineFigure, percent, standOff, type Figure, type FigureInk, type Line } from "./line-figure.ts";

/** What accuracy over the length of a clip is drawn from. `byStep[k]` is the accuracy after k + 1 of T time steps. */
export interface TimeSeen {
  readonly byStep: readonly number[];
  /** The same of the control. */
  readonly control?: readonly number[] | undefined;
  /** The same of all trainings of this recipe, for the band of their deviation. */
  readonly seeds?: readonly (readonly number[])[];
  /** Milliseconds of a clip; absent where steps hold equal numbers of events, so that they have no fixed length. */
  readonly spanMs?: number | undefined;
  /** What the thick line is called. */
  readonly name: string;
  /** Accuracy whose time is marked. */
  readonly target?: number | undefined;
}

/** Where a curve first reaches a value, with straight lines between its points; undefined when it never does. */
export function reaches(x: readonly number[], y: readonly number[], target: number): number | undefined {
  for (const [k, value] of y.entries()) {
    if (value < target) continue;
    const [x0, y0, x1] = [x[k - 1], y[k - 1], x[k]];
    if (x1 === undefined) return undefined;
    if (x0 === undefined || y0 === undefined || value === y0) return x1;
    return x0 + ((x1 - x0) * (target - y0)) / (value - y0);
  }
  return undefined;
}

/** Along the axis: milliseconds of the clip, or per cent of its events. */
export const placesOf = (steps: number, spanMs: number | undefined): readonly number[] =>
  Array.from({ length: steps }, (_, k) => Math.round(((spanMs ?? 100) * (k + 1)) / steps));

/** Mean ± deviation over seeds as a closed outline. */
function band(seeds: readonly (readonly number[])[], x: readonly number[], ink: FigureInk) {
  const at = (k: number): readonly number[] => seeds.flatMap((one) => one[k] ?? []);
  const edge = (sign: 1 | -1): readonly number[] =>
    x.map((_, k) => percent(Math.min(1, Math.max(0, mean(at(k)) + sign * deviation(at(k))))));
  return {
    ...{ type: "scatter", mode: "lines", name: `${seeds.length} seeds, ± std`, hoverinfo: "skip" },
    x: [...x, ...x.toReversed()],
    y: [...edge(1), ...edge(-1).toReversed()],
    line: { width: 0 },
    ...{ fill: "toself", fillcolor: ink.ink, opacity: 0.14 },
  };
}

/** Accuracy against how much of the clip the network has seen: cumulative outputs, so the last point is the model's accuracy. */
export function timeSeenFigure({ byStep, control, seeds = [], spanMs, name, target }: TimeSeen, ink: FigureInk): Figure {
  const x = placesOf(byStep.length, spanMs);
  const lines: Line[] = [
    ...(control === undefined
      ? []
      : [{ name: "From scratch", x, y: control.map(percent), color: ink.ink3, width: 1.25, dash: "4px 3px" }]),
    { name, x, y: byStep.map(percent), color: ink.ink, width: 2.25 },
  ];
  const end = x.at(-1) ?? 1;
  const figure = lineFigure(lines, { epochs: end, yaxis: { range: [0, 102] }, unit: " %" }, ink);
  const reached = target === undefined ? undefined : reaches(x, byStep, target);
  const mark =
    reached === undefined || target === undefined
      ? []
      : [
          {
            ...{ type: "scatter", mode: "markers", name: "Reached", x: [reached], y: [percent(target)], hoverinfo: "skip" },
            marker: { symbol: "circle", size: 9, color: ink.ground, line: { color: ink.ink, width: 2 } },
          },
        ];
  const guide = reached === undefined ? [] : [{ type: "line", xref: "x", yref: "paper", x0: reached, x1: reached, y0: 0, y1: 1, line: { color: ink.ink3, width: 1 }, layer: "below" }]; // prettier-ignore
  const several = seeds.length > 1;
  const deviations = (k: number): number => percent(deviation(seeds.flatMap((one) => one[k] ?? [])));
  return {
    data: [...(several ? [band(seeds, x, ink)] : []), ...figure.data, ...mark],
    layout: {
      ...figure.layout,
      hovermode: "x",
      xaxis: { range: [0, end], nticks: 6, ticksuffix: "" },
      shapes: guide,
    },
    table: {
      columns: [
        spanMs === undefined ? "Events seen, %" : "Milliseconds seen",
        ...figure.table.columns.slice(1),
        ...(several ? [`Std of ${seeds.length} seeds, points`] : []),
      ],
      rows: several ? figure.table.rows.map((row, k) => [...row, deviations(k)]) : figure.table.rows,
    },
  };
}

/** What a decision costs, and the same network without spikes. */
export interface Costs {
  readonly steps: number;
  readonly synapticOperations: number;
  readonly inputOperations: number;
  readonly denseOperations: number;
}

/** One bar of the energy figure, µJ. */
export interface EnergyRow {
  readonly name: string;
  readonly accumulations: number;
  readonly multiplications: number;
  readonly microjoule: number;
}

/** Energies of a decision: with spikes, and for the same layers computed in full, over all steps and for one. */
export function energyRows({ steps, synapticOperations, inputOperations, denseOperations }: Costs): readonly EnergyRow[] {
  const row = (name: string, accumulations: number, multiplications: number): EnergyRow => ({
    ...{ name, accumulations, multiplications },
    microjoule: (accumulations * PICOJOULE_PER_AC + multiplications * PICOJOULE_PER_MAC) / 1e6,
  });
  return [
    row("With spikes", synapticOperations, inputOperations),
    row(`Without, ${steps} steps`, 0, denseOperations),
    ...(steps > 1 ? [row("Without, 1 step", 0, denseOperations / steps)] : []),
  ];
}

const short = (value: number): string => `${value >= 100 ? value.toFixed(0) : value.toPrecision(3)} µJ`;

/** Energy per decision as bars from zero. */
export function energyFigure(costs: Costs, ink: FigureInk): Figure {
  const rows = energyRows(costs);
  const shown = rows.toReversed(); // Plotly begins at the bottom
  return {
    data: [
      {
        ...{ type: "bar", orientation: "h", name: "Energy", width: 0.5 },
        x: shown.map(({ microjoule }) => microjoule),
        y: shown.map(({ name }) => name),
        marker: { color: shown.map(({ name }) => (name === "With spikes" ? ink.ink : ink.ink3)) },
        text: shown.map(({ microjoule }) => short(microjoule)),
        ...{ textposition: "outside", cliponaxis: false, textfont: { family: "Geist Mono Variable", size: 11, color: ink.ink2 } },
        hovertemplate: "%{y}: %{text}<extra></extra>",
      },
    ],
    layout: {
      hovermode: "closest",
      margin: { l: 116, r: 72, t: 4, b: 24 },
      xaxis: { rangemode: "tozero", nticks: 5, ticksuffix: "" },
      yaxis: { tickfont: { family: "Inter Variable", size: 12, color: ink.ink2 }, gridcolor: CLEAR, ...standOff },
    },
    table: {
      columns: ["Network", "Additions", "Multiplications", "µJ"],
      rows: rows.map(({ name, accumulations, multiplications, microjoule }) => [
        name,
        Math.round(accumulations),
        Math.round(multiplications),
        Number(microjoule.toPrecision(3)),
      ]),
    },
  };
}
