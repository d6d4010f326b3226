import { accuracyOf, bestOf, type EpochPoint } from "../state/run-progress.ts";

/** What a Plotly figure is made of, as far as we use it. */
export interface Figure {
  readonly data: readonly Readonly<Record<string, unknown>>[];
  readonly layout: Readonly<Record<string, unknown>>;
  /** The same numbers as a table, for readers and for copying. */
  readonly table: { readonly columns: readonly string[]; readonly rows: readonly (readonly (string | number)[])[] };
}

/** Colours of the current theme that figures need. */
export interface FigureInk {
  readonly ink: string;
  readonly ink2: string;
  readonly ink3: string;
  readonly line: string;
}

export interface Curves {
  readonly run: readonly EpochPoint[];
  readonly control: readonly EpochPoint[];
  /** Epochs of the whole run, so that axes keep their range while it lasts. */
  readonly epochs: number;
}

const percent = (value: number): number => Math.round(1000 * value) / 10;
const round = (value: number): number => Number(value.toPrecision(4));

/** A name at the end of its line, in the right margin. */
const endLabel = (x: number, y: number, text: string, color: string): Readonly<Record<string, unknown>> => ({
  x,
  y,
  text,
  showarrow: false,
  xanchor: "left",
  xshift: 8,
  font: { color, size: 12 },
});

/** What has not happened yet is hatched. */
const ahead = (from: number, to: number, ink: FigureInk): readonly Readonly<Record<string, unknown>>[] =>
  from >= to
    ? []
    : [
        {
          type: "rect",
          xref: "x",
          yref: "paper",
          x0: from,
          x1: to,
          y0: 0,
          y1: 1,
          fillcolor: ink.line,
          opacity: 0.35,
          line: { width: 0 },
          layer: "below",
        },
      ];

type Line = {
  readonly name: string;
  readonly x: readonly number[];
  readonly y: readonly number[];
  readonly color: string;
  readonly width: number;
  readonly dash?: string;
};

function lineFigure(
  lines: readonly Line[],
  curves: Curves,
  ink: FigureInk,
  yaxis: Readonly<Record<string, unknown>>,
  unit: string,
): Figure {
  const last = Math.max(0, ...lines.filter((line) => line.dash === undefined).map((line) => line.x.at(-1) ?? 0));
  const labels = lines.flatMap((line) => {
    const x = line.x.at(-1);
    const y = line.y.at(-1);
    return x === undefined || y === undefined ? [] : [endLabel(x, y, line.name, line.color)];
  });
  const epochs = [...new Set(lines.flatMap((line) => line.x))].sort((a, b) => a - b);
  return {
    data: lines.map((line) => ({
      type: "scatter",
      mode: line.x.length === 1 ? "markers" : "lines",
      name: line.name,
      x: line.x,
      y: line.y,
      line: { color: line.color, width: line.width, ...(line.dash && { dash: line.dash }) },
      marker: { color: line.color, size: 6 },
      hovertemplate: `%{y}${unit}`,
    })),
    layout: {
      xaxis: { range: [0, Math.max(1, curves.epochs)], nticks: 9 },
      yaxis: { nticks: 7, ...yaxis },
      annotations: labels,
      shapes: ahead(last, curves.epochs, ink),
    },
    table: {
      columns: ["Epoch", ...lines.map((line) => line.name)],
      rows: epochs.map((epoch) => [epoch, ...lines.map((line) => line.y[line.x.indexOf(epoch)] ?? "–")]),
    },
  };
}

const at = (points: readonly EpochPoint[], value: (point: EpochPoint) => number | undefined): Pick<Line, "x" | "y"> => {
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
  const figure = lineFigure(lines, curves, ink, { range: [Math.max(0, 100 * chance - 10), 102] }, " %");
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
  return lineFigure(lines, curves, ink, { rangemode: "tozero" }, "");
}

/** Share of picture sequences that events have replaced, per cent of each batch (sliding training, He et al. 2024). */
export function replacedFigure(curves: Curves, ink: FigureInk): Figure {
  const line = {
    name: "Events",
    ...at(curves.run, (point) => (point.metrics["replaced"] === undefined ? undefined : percent(point.metrics["replaced"]))),
    color: ink.ink2,
    width: 1.75,
  };
  const figure = lineFigure([line], curves, ink, { range: [0, 100] }, " %");
  return { ...figure, data: figure.data.map((trace) => ({ ...trace, fill: "tozeroy", fillcolor: ink.line })) };
}

/** Accuracy against how much of the clip the network has seen: `byStep[k]` after k + 1 of T time steps. */
export function timeSeenFigure(byStep: readonly number[], windowUs: number, ink: FigureInk, control?: readonly number[]): Figure {
  const ms = (values: readonly number[]): readonly number[] =>
    values.map((_, k) => Math.round((windowUs / 1000) * ((k + 1) / values.length)));
  const lines: Line[] = [
    ...(control === undefined
      ? []
      : [{ name: "From scratch", x: ms(control), y: control.map(percent), color: ink.ink3, width: 1.25, dash: "4px 3px" }]),
    { name: "With transfer", x: ms(byStep), y: byStep.map(percent), color: ink.ink, width: 2.25 },
  ];
  const figure = lineFigure(lines, { run: [], control: [], epochs: windowUs / 1000 }, ink, { range: [0, 102] }, " %");
  return {
    ...figure,
    layout: { ...figure.layout, shapes: [], xaxis: { range: [0, windowUs / 1000], nticks: 6, ticksuffix: "" } },
    table: { ...figure.table, columns: ["Milliseconds seen", ...figure.table.columns.slice(1)] },
  };
}
