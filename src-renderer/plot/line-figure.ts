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
  /** What a cell of a heat map that holds nothing looks like. */
  readonly ground: string;
}

/** One line of a figure. */
export type Line = {
  readonly name: string;
  readonly x: readonly number[];
  readonly y: readonly number[];
  readonly color: string;
  readonly width: number;
  readonly dash?: string;
  /** Filled down to zero. */
  readonly filled?: boolean;
  /** No name at its end, where there is one for several lines. */
  readonly unnamed?: boolean;
};

/** What the axes of a figure say. */
export interface Axes {
  /** Of the whole run, so that axes keep their range while it lasts. */
  readonly epochs: number;
  readonly yaxis: Readonly<Record<string, unknown>>;
  /** After a value, with its space. */
  readonly unit: string;
}

/** px between the middles of two names at the ends of lines. */
const NAME_GAP = 14;
/** px that a figure's plot is taken to be high when names are moved apart. */
const USUAL_HEIGHT = 190;

/** A colour that is not there. */
export const CLEAR = "rgba(0,0,0,0)";
/** Keeps words beside an axis a little away from it. */
export const standOff = { ticks: "outside", ticklen: 8, tickcolor: CLEAR } as const;

export const percent = (value: number): number => Math.round(1000 * value) / 10;
export const round = (value: number): number => Number(value.toPrecision(4));

interface End {
  readonly line: Line;
  readonly x: number;
  readonly y: number;
}

/** How far each name has to move up, px, so that names of lines that end close together can be read. */
export function spread(values: readonly number[], pixelsPerUnit: number): readonly number[] {
  const order = values.map((value, index) => ({ index, at: value * pixelsPerUnit })).sort((a, b) => b.at - a.at);
  const moved = order.map(({ at }) => at);
  for (let round = 0; round < 40; round += 1) {
    let still = true;
    for (let k = 1; k < moved.length; k += 1) {
      const overlap = NAME_GAP - ((moved[k - 1] ?? 0) - (moved[k] ?? 0));
      if (overlap <= 0.01) continue;
      moved[k - 1] = (moved[k - 1] ?? 0) + overlap / 2;
      moved[k] = (moved[k] ?? 0) - overlap / 2;
      still = false;
    }
    if (still) break;
  }
  const shifts = new Array<number>(values.length).fill(0);
  for (const [k, { index, at }] of order.entries()) shifts[index] = Math.round((moved[k] ?? at) - at);
  return shifts;
}

/** Names at the ends of lines, in the right margin. */
function endLabels(lines: readonly Line[], yaxis: Axes["yaxis"]): readonly Readonly<Record<string, unknown>>[] {
  const ends = lines.flatMap((line): End[] => {
    const x = line.x.at(-1);
    const y = line.y.at(-1);
    return x === undefined || y === undefined || line.unnamed === true ? [] : [{ line, x, y }];
  });
  const given = yaxis["range"];
  const all = lines.flatMap(({ y }) => y);
  const [low, high] = Array.isArray(given) ? (given as number[]) : [Math.min(0, ...all), Math.max(...all)];
  const shifts = spread(
    ends.map(({ y }) => y),
    USUAL_HEIGHT / Math.max(1e-9, (high ?? 1) - (low ?? 0)),
  );
  return ends.map(({ line, x, y }, index) => ({
    ...{ x, y, text: line.name, showarrow: false, xanchor: "left", xshift: 8, yshift: shifts[index] ?? 0 },
    font: { color: line.color, size: 12 },
  }));
}

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

/** Lines over epochs, named at their ends; what has not happened yet is hatched. */
export function lineFigure(lines: readonly Line[], { epochs, yaxis, unit }: Axes, ink: FigureInk): Figure {
  const last = Math.max(0, ...lines.filter((line) => line.dash === undefined).map((line) => line.x.at(-1) ?? 0));
  const places = [...new Set(lines.flatMap((line) => line.x))].sort((a, b) => a - b);
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
      ...(line.filled === true && { fill: "tozeroy", fillcolor: ink.line }),
    })),
    layout: {
      xaxis: { range: [0, Math.max(1, epochs)], nticks: 9 },
      yaxis: { nticks: 7, ...yaxis },
      annotations: endLabels(lines, yaxis),
      shapes: ahead(last, epochs, ink),
    },
    table: {
      columns: ["Epoch", ...lines.map((line) => line.name)],
      rows: places.map((place) => [place, ...lines.map((line) => line.y[line.x.indexOf(place)] ?? "–")]),
    },
  };
}
