/** Plotly's layout and configuration in the design's terms; the only place that names fonts and colours of figures. */
export type PlotTokens = (name: string) => string;

type Plain = Readonly<Record<string, unknown>>;
const isPlain = (value: unknown): value is Plain => typeof value === "object" && value !== null && !Array.isArray(value);

/** One object over another, all the way down; lists replace. */
export function merge(base: Plain, over: Plain): Plain {
  const result: Record<string, unknown> = { ...base };
  for (const [key, value] of Object.entries(over)) {
    const old = result[key];
    result[key] = isPlain(old) && isPlain(value) ? merge(old, value) : value;
  }
  return result;
}

/** The template of a theme. */
export function plotLayout(token: PlotTokens): Plain {
  const ticks = { family: "Geist Mono Variable", size: 11, color: token("--ink-3") };
  return {
    font: { family: "Inter Variable", size: 12, color: token("--ink-2") },
    paper_bgcolor: "rgba(0,0,0,0)",
    plot_bgcolor: "rgba(0,0,0,0)",
    margin: { l: 40, r: 96, t: 8, b: 28 },
    colorway: [1, 2, 3, 4, 5, 6, 7, 8].map((at) => token(`--c${at}`)),
    showlegend: false,
    hovermode: "x unified",
    dragmode: false,
    xaxis: {
      showgrid: false,
      zeroline: false,
      showline: true,
      linecolor: token("--line-2"),
      ticks: "",
      tickfont: ticks,
      nticks: 6,
      automargin: false,
    },
    yaxis: {
      gridcolor: token("--line"),
      zeroline: false,
      showline: false,
      ticks: "",
      tickfont: ticks,
      nticks: 6,
      automargin: false,
    },
    hoverlabel: {
      bgcolor: token("--raised"),
      bordercolor: token("--line-2"),
      font: { family: "Inter Variable", size: 12, color: token("--ink") },
    },
  };
}

/** Behaviour of every figure: no mode bar, no logo, no transitions. */
export const plotConfig: Plain = {
  displayModeBar: false,
  responsive: false,
  displaylogo: false,
  doubleClick: false,
  scrollZoom: false,
};

/** Above so many points a line is thinned. */
export const MOST_POINTS = 2000;

/** Keeps the lowest and the highest point of each bucket, in order, so that spikes survive. */
export function thin(
  x: readonly number[],
  y: readonly number[],
  buckets: number,
): { readonly x: number[]; readonly y: number[] } {
  if (x.length <= 2 * buckets) return { x: [...x], y: [...y] };
  const kept: number[] = [];
  for (let bucket = 0; bucket < buckets; bucket++) {
    const from = Math.floor((bucket * x.length) / buckets);
    const to = Math.floor(((bucket + 1) * x.length) / buckets);
    let low = from;
    let high = from;
    for (let i = from; i < to; i++) {
      if ((y[i] ?? 0) < (y[low] ?? 0)) low = i;
      if ((y[i] ?? 0) > (y[high] ?? 0)) high = i;
    }
    kept.push(...(low === high ? [low] : low < high ? [low, high] : [high, low]));
  }
  return { x: kept.map((i) => x[i] ?? 0), y: kept.map((i) => y[i] ?? 0) };
}
