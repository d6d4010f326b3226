/*
 * Plots as SVG text. Plotly draws only in a browser, and a report has to come from a cluster without one; what is needed here are
 * lines with error bars.
 */

/** One line: a value at each position, or nothing there. */
export interface Series {
  readonly label: string;
  /** Place of its colour, so that it has the same one in several plots; the place in the list without it. */
  readonly color?: number;
  readonly points: readonly ({ readonly y: number; readonly low?: number; readonly high?: number } | undefined)[];
}

export interface LinePlot {
  readonly title: string;
  readonly xLabel: string;
  readonly yLabel: string;
  /** Words under the axis, one for each position; positions are evenly spaced. */
  readonly positions: readonly string[];
  readonly series: readonly Series[];
  /** A level worth a line of its own. */
  readonly level?: number;
}

const WIDTH = 760;
const HEIGHT = 360;
const BOX = { left: 64, right: 500, top: 40, bottom: 304 };
/** Widest crowd of words under the axis. */
const MOST_WORDS = 12;
/** Colours that people with any colour vision tell apart (Okabe and Ito, 2008), the yellow left out. */
const COLORS = ["#000000", "#E69F00", "#56B4E9", "#009E73", "#0072B2", "#D55E00", "#CC79A7", "#7A7A7A"];
/** A second round of the same colours is dashed. */
const DASHES = ["", "6 3", "2 3"];

const escaped = (text: string): string => text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
const px = (value: number): string => value.toFixed(1);

/** Round values across a range: steps of 1, 2 or 5 times a power of ten. */
export function ticksOf(low: number, high: number, most = 6): readonly number[] {
  const rough = (high - low) / most;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = ([1, 2, 5, 10].find((factor) => factor * power >= rough) ?? 10) * power;
  const first = Math.ceil(low / step - 1e-9);
  const last = Math.floor(high / step + 1e-9);
  return Array.from({ length: last - first + 1 }, (_, index) => Number(((first + index) * step).toPrecision(12)));
}

function rangeOf({ series, level }: LinePlot): readonly [number, number] {
  const values = series.flatMap(({ points }) =>
    points.flatMap((point) => (point === undefined ? [] : [point.y, point.low ?? point.y, point.high ?? point.y])),
  );
  if (level !== undefined) values.push(level);
  if (values.length === 0) return [0, 1];
  const [low, high] = [Math.min(...values), Math.max(...values)];
  const margin = high === low ? Math.max(0.1, Math.abs(high) * 0.1) : 0.06 * (high - low);
  return [low - margin, high + margin];
}

const textAt = (x: number, y: number, words: string, rest = ""): string =>
  `<text x="${px(x)}" y="${px(y)}" ${rest}>${escaped(words)}</text>`;

/** A plot with axes, a legend and error bars, readable on light and dark pages. */
export function linePlot(plot: LinePlot): string {
  const { title, xLabel, yLabel, positions, series, level } = plot;
  const [low, high] = rangeOf(plot);
  const x = (index: number): number => BOX.left + ((index + 0.5) * (BOX.right - BOX.left)) / Math.max(1, positions.length);
  const y = (value: number): number => BOX.bottom - ((value - low) * (BOX.bottom - BOX.top)) / (high - low);
  const out = [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${HEIGHT}" width="${WIDTH}" height="${HEIGHT}" font-family="Inter, Helvetica, Arial, sans-serif" font-size="12" fill="#1f2328">`,
    `<title>${escaped(title)}</title>`,
    `<rect width="${WIDTH}" height="${HEIGHT}" fill="#ffffff"/>`,
    textAt(BOX.left, 22, title, 'font-size="14" font-weight="600"'),
  ];
  for (const tick of ticksOf(low, high)) {
    out.push(`<path d="M${BOX.left} ${px(y(tick))}H${BOX.right}" stroke="#d0d7de" stroke-width="1"/>`);
    out.push(textAt(BOX.left - 8, y(tick) + 4, String(tick).replace("-", "−"), 'text-anchor="end"'));
  }
  const every = Math.ceil(positions.length / MOST_WORDS);
  for (const [index, words] of positions.entries()) {
    if (index % every === 0) out.push(textAt(x(index), BOX.bottom + 18, words, 'text-anchor="middle"'));
  }
  out.push(`<path d="M${BOX.left} ${BOX.top}V${BOX.bottom}H${BOX.right}" fill="none" stroke="#57606a"/>`);
  if (level !== undefined)
    out.push(`<path d="M${BOX.left} ${px(y(level))}H${BOX.right}" stroke="#57606a" stroke-dasharray="4 3"/>`);
  out.push(textAt((BOX.left + BOX.right) / 2, BOX.bottom + 40, xLabel, 'text-anchor="middle"'));
  const middle = (BOX.top + BOX.bottom) / 2;
  out.push(textAt(16, middle, yLabel, `text-anchor="middle" transform="rotate(-90 16 ${px(middle)})"`));
  for (const [index, { label, points, color: place = index }] of series.entries()) {
    const color = COLORS[place % COLORS.length] ?? "#000000";
    const dash = DASHES[Math.floor(place / COLORS.length) % DASHES.length] ?? "";
    // Bars of several lines stand beside each other.
    const aside =
      series.length > 1 ? ((index - (series.length - 1) / 2) * Math.min(24, 200 / positions.length)) / series.length : 0;
    const stroke = `stroke="${color}" stroke-width="1.8"${dash === "" ? "" : ` stroke-dasharray="${dash}"`}`;
    const there = points.flatMap((point, at) => (point === undefined ? [] : [{ ...point, at: x(at) + aside }]));
    const path = there.map((point, at) => `${at === 0 ? "M" : "L"}${px(point.at)} ${px(y(point.y))}`).join("");
    if (there.length > 1) out.push(`<path d="${path}" fill="none" ${stroke}/>`);
    for (const point of there) {
      out.push(`<circle cx="${px(point.at)}" cy="${px(y(point.y))}" r="2.6" fill="${color}"/>`);
      if (point.low !== undefined && point.high !== undefined)
        out.push(`<path d="M${px(point.at)} ${px(y(point.low))}V${px(y(point.high))}" stroke="${color}" stroke-width="1"/>`);
    }
    const line = BOX.top + 10 + 20 * index;
    out.push(`<path d="M${BOX.right + 16} ${line}h22" fill="none" ${stroke}/>`, textAt(BOX.right + 44, line + 4, label));
  }
  return `${out.join("\n")}\n</svg>\n`;
}
