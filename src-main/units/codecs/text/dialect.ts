import type { Sensor } from "#shared/events/sensor.ts";
import { latin1 } from "../signatures.ts";
import { layoutByName, meaningOf } from "../tables/names.ts";
import { parseDecimal } from "./decimal.ts";
import { NEWLINE, spellingOf, type Spelling } from "./lines.ts";

/** A line with more fields than this is no list of events. */
const MAX_COLUMNS = 32;
/** Lines behind the first that decide whether they are events. */
const LOOKED_AT = 20;

/** How a text file is written, as far as its first lines tell. */
export interface Dialect extends Spelling {
  /** Byte at which the lines of events begin, and the number of that line. */
  readonly start: number;
  readonly line: number;
  /** Fields in a line. */
  readonly columns: number;
  /** Names of the columns, empty where they have none. */
  readonly names: readonly string[];
  readonly sensor?: Sensor;
}

const sizeIn = (line: string): Sensor | undefined => {
  const match = /^[%#]\s*geometry\s*[:= ]\s*(\d{1,5})\s*[,x ]\s*(\d{1,5})/i.exec(line);
  return match === null ? undefined : { width: Number(match[1]), height: Number(match[2]) };
};

/** A line's fields between commas, semicolons, tabs or blanks. */
function fieldsOf(line: string): string[] {
  const text = line.replaceAll('"', "").trim();
  const sign = [";", ",", "\t"].find((candidate) => text.includes(candidate));
  return sign === undefined ? text.split(/\s+/) : text.split(sign).map((field) => field.trim());
}

/** Where the fields of the line from `from` to its end lie, as numbers; NaN for what is none. */
function numbersOf(bytes: Uint8Array, from: number, to: number, { classes, point }: Spelling): number[] {
  const numbers: number[] = [];
  for (let at = from; at < to && numbers.length <= MAX_COLUMNS;) {
    while (at < to && classes[bytes[at]!] !== 0) at += 1;
    const start = at;
    while (at < to && classes[bytes[at]!] === 0) at += 1;
    if (at > start) numbers.push(parseDecimal(bytes, start, at, point));
  }
  return numbers;
}

/** The columns that have to be numbers: those of an event where names tell them, else all. */
export function neededColumns(names: readonly string[], columns: number): readonly number[] {
  const layout = layoutByName(numbered(names, columns))?.layout;
  return layout === undefined ? Array.from({ length: columns }, (_, at) => at) : Object.values(layout);
}

/** Names of the columns where rows may be numbered in a first one without a name, as pandas and R write them. */
const numbered = (names: readonly string[], columns: number): readonly string[] =>
  names.length + 1 === columns ? ["", ...names] : names;

const isSize = (numbers: readonly number[]): boolean =>
  numbers.length === 2 && numbers.every((size) => Number.isInteger(size) && size > 0 && size <= 16_384);

/** Looks at the first lines of a text; `undefined` when they do not look like events. */
export function dialectOf(bytes: Uint8Array): Dialect | undefined {
  let at = bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf ? 3 : 0;
  let line = 1;
  let names: readonly string[] = [];
  let sensor: Sensor | undefined;
  let found: Omit<Dialect, "names" | "sensor"> | undefined;
  let [good, bad] = [0, 0];
  while (at < bytes.length && good + bad < LOOKED_AT) {
    const next = bytes.indexOf(NEWLINE, at);
    if (next < 0 && found !== undefined) break; // the head ends inside this line
    const end = next < 0 ? bytes.length : next;
    const text = latin1(bytes.subarray(at, Math.min(end, at + 1024))).trim();
    const comment = /^[#%]/.test(text);
    if (comment) {
      sensor ??= sizeIn(text);
      const named = fieldsOf(text.replace(/^[#%]+/, ""));
      if (names.length === 0 && layoutByName(named) !== undefined) names = named;
    } else if (text !== "") {
      const spelling = found ?? spellingOf(text.includes(";") && /\d,\d/.test(text));
      const numbers = numbersOf(bytes, at, end, spelling);
      const needed = neededColumns(names, numbers.length);
      const numeric = numbers.length > 0 && needed.every((at) => !Number.isNaN(numbers[at] ?? NaN));
      if (found !== undefined) {
        if (numeric && numbers.length >= found.columns) good += 1;
        else bad += 1;
      } else if (numeric && isSize(numbers)) sensor ??= { width: numbers[0]!, height: numbers[1]! };
      else if (numeric && numbers.length >= 4 && numbers.length <= MAX_COLUMNS) {
        found = { ...spelling, start: at, line, columns: numbers.length };
        good += 1;
      } else if (names.length === 0 && /^[,;]?\s*["a-z]/i.test(text)) names = fieldsOf(text);
      else bad += 1;
    }
    if (next < 0) {
      at = bytes.length;
      break;
    }
    at = end + 1;
    line += 1;
  }
  if (bad > good) return undefined;
  if (found === undefined) {
    // Only a header: the columns have to be known by name.
    if (layoutByName(names) === undefined) return undefined;
    found = { ...spellingOf(false), start: at, line, columns: names.length };
  }
  const [width, height] = ["x", "y"].map((role) => names.map(meaningOf).find((meaning) => meaning?.role === role)?.size);
  if (width !== undefined && height !== undefined && width > 0 && height > 0) sensor = { width, height };
  names = numbered(names, found.columns);
  const fits = names.length === found.columns && layoutByName(names) !== undefined;
  return {
    ...found,
    names: fits ? names : Array.from({ length: found.columns }, () => ""),
    ...(sensor === undefined ? {} : { sensor }),
  };
}
