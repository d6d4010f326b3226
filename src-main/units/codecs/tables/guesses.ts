import type { Layout, TimeUnit } from "./names.ts";

/** Different values that are remembered of a column: a polarity has fewer. */
const MAX_VALUES = 4;
/** No sensor has so many rows or columns. */
const LARGEST_PLACE = 16_384;

/** What the numbers of a column tell; collected block by block. */
export class ColumnStats {
  count = 0;
  min = Infinity;
  max = -Infinity;
  first = NaN;
  last = NaN;
  falls = 0;
  rises = 0;
  whole = true;
  /** Numbers that are no coordinate of any sensor. */
  placeless = 0;
  readonly #values: number[] = [];

  /** How many different values there are, counted up to four. */
  get values(): number {
    return this.#values.length;
  }

  /** Takes the first `count` numbers. */
  add(numbers: Float64Array, count: number): void {
    if (this.count === 0) this.first = numbers[0] ?? NaN;
    let { min, max, last, falls, rises, whole, placeless } = this;
    for (let i = 0; i < count; i += 1) {
      const value = numbers[i]!;
      if (value < min) min = value;
      if (value > max) max = value;
      if (!(value >= 0 && value < LARGEST_PLACE)) placeless += 1;
      if (value < last) falls += 1;
      else if (value > last) rises += 1;
      last = value;
      if (whole && value % 1 !== 0) whole = false;
    }
    for (let i = 0; i < count && this.#values.length < MAX_VALUES; i += 1)
      if (!this.#values.includes(numbers[i]!)) this.#values.push(numbers[i]!);
    Object.assign(this, { count: this.count + count, min, max, last, falls, rises, whole, placeless });
  }
}

/** Orders that programs write, the commonest first. */
const USUAL: readonly (readonly [t: number, x: number, y: number, p: number])[] = [
  [0, 1, 2, 3], // t x y p: UZH, v2e, most text
  [2, 0, 1, 3], // x y t p: tonic, rpg tools
  [3, 0, 1, 2], // x y p t: Metavision
  [0, 2, 3, 1], // t p x y
  [1, 2, 3, 0], // p t x y
  [3, 1, 2, 0], // p x y t
];
/** Share of steps back that times of a camera may have. */
const FEW_FALLS = 0.01;
/** Share of coordinates that may be damaged: one of them must not hide what the others say. */
const FEW_MISPLACED = 0.01;

const canBeTime = ({ count, falls, rises }: ColumnStats): boolean => falls <= FEW_FALLS * count && (rises > 0 || count < 16);
const canBePolarity = ({ values, min, max, whole }: ColumnStats): boolean =>
  whole && min >= -1 && ((values <= 2 && max <= 2) || (values <= 2 && (max === 255 || max === 0)));
const canBePlace = ({ count, placeless }: ColumnStats): boolean => placeless <= FEW_MISPLACED * count;

/**
 * The order of columns without names, from what they hold: the time never falls, the polarity has at most two values, and x
 * usually comes before y. `undefined` when no order fits.
 */
export function guessLayout(
  columns: readonly ColumnStats[],
): { readonly layout: Layout; readonly sure: boolean; readonly reason: string } | undefined {
  const fitting: Layout[] = [];
  for (const [t, x, y, p] of USUAL) {
    const [time, column, row, polarity] = [columns[t], columns[x], columns[y], columns[p]];
    if (time === undefined || column === undefined || row === undefined || polarity === undefined) continue;
    if (canBeTime(time) && canBePlace(column) && canBePlace(row) && canBePolarity(polarity)) fitting.push({ t, x, y, p });
  }
  // Where two columns never fall, the time is the one that rises more often.
  const best = fitting.sort((a, b) => (columns[b.t]?.rises ?? 0) - (columns[a.t]?.rises ?? 0))[0];
  if (best === undefined) return undefined;
  const rival = fitting[1];
  const sure = rival === undefined || (columns[best.t]?.rises ?? 0) > 4 * (columns[rival.t]?.rises ?? 0) + 8;
  const [t, p] = [columns[best.t]!, columns[best.p]!];
  const reason = `column ${best.t + 1} ${t.falls === 0 ? "never falls" : "hardly ever falls"}, column ${best.p + 1} has ${p.values === 1 ? "one value" : "two values"}, and x usually comes before y`;
  return { layout: best, sure, reason };
}

const SPAN = { s: 1e6, ms: 1e3, us: 1, ns: 1e-3 } as const;
/** Whole numbers above this are nanoseconds since 1970: microseconds would lie beyond the year 5000. */
const NS_SINCE_1970 = 1e17;
const DAY_US = 86_400e6;

/** The unit of a column of times, from its size and its fractions. */
export function guessUnit(time: ColumnStats): { readonly unit: TimeUnit; readonly sure: boolean; readonly reason: string } {
  const span = time.max - time.min;
  const unit: TimeUnit = !time.whole ? "s" : Math.abs(time.first) > NS_SINCE_1970 ? "ns" : "us";
  const lengthUs = span * SPAN[unit];
  const why =
    unit === "s"
      ? "the times have fractions"
      : unit === "ns"
        ? "the numbers are too large for microseconds"
        : "the times are whole numbers";
  const length = lengthUs >= 1e5 ? `${(lengthUs / 1e6).toFixed(3)} s` : `${lengthUs.toFixed(0)} µs`;
  return { unit, sure: lengthUs < DAY_US, reason: `${why}; what was looked at then lasts ${length}` };
}

/** The value above which a polarity means ON: 0 in files with 0/1, −1/1 or true/false, 1 in files that count 1 and 2. */
export const onAbove = ({ min, max }: ColumnStats): number => (min >= 1 && max === 2 ? 1 : 0);
