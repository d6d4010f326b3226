import type { EventColumns } from "../tables/columns.ts";
import type { Layout, TimeUnit } from "../tables/names.ts";
import { parseDecimal, parseScaled, POW10 } from "./decimal.ts";

/** How the lines of a file are written. */
export interface Spelling {
  /** The byte between whole and fraction: a point, or a comma where semicolons part the fields. */
  readonly point: number;
  /** For each byte: 1 between fields, 2 at the end of a line, 0 inside a field. */
  readonly classes: Uint8Array;
}

/** Bytes of lines, by what they mean. */
export const NEWLINE = 10;
const [HASH, PERCENT, MINUS, PLUS, ZERO] = [35, 37, 45, 43, 48];
const BLANKS = ' \t\r"';

/** The spelling of files with a decimal point, or with a decimal comma, which then parts no fields. */
export function spellingOf(decimalComma: boolean): Spelling {
  const classes = new Uint8Array(256);
  for (const sign of BLANKS + (decimalComma ? ";" : ",;")) classes[sign.charCodeAt(0)] = 1;
  classes[NEWLINE] = 2;
  return { point: (decimalComma ? "," : ".").charCodeAt(0), classes };
}

/** How the fields of a line become an event. */
export interface LinePlan extends Spelling {
  readonly layout: Layout;
  readonly unit: TimeUnit;
  readonly oneBased: boolean;
  readonly onAbove: number;
}

/** A line that is no event. */
export interface BrokenLine {
  readonly offset: number;
  readonly bytes: number;
  readonly line: number;
}

/** What is counted while lines are read. */
export interface LineTally {
  /** Number of the next line, from 1. */
  line: number;
  broken: number;
  /** The first broken ones. */
  readonly first: BrokenLine[];
}

/** So many broken lines are named, the others counted. */
export const NAMED_LINES = 20;
/** Decimal places between the file's unit and µs. */
const SHIFT: Readonly<Record<TimeUnit, number>> = { s: 6, ms: 3, us: 0, ns: -3 };
/** Longer runs of digits go through the exact but slower way. */
const FAST_DIGITS = 15;

/**
 * Reads the lines of `bytes` up to `end`, which lies behind a line's end, into the columns until these are full. `offset` is the
 * place of the bytes in the file. Answers the bytes used.
 */
export function readLines(
  bytes: Uint8Array,
  end: number,
  plan: LinePlan,
  out: EventColumns,
  tally: LineTally,
  offset: number,
): number {
  const { classes, point, layout, onAbove } = plan;
  const { t: times, x: columns, y: rows, p: polarities } = out;
  const shift = SHIFT[plan.unit];
  const less = plan.oneBased ? 1 : 0;
  const [atT, atX, atY, atP] = [layout.t, layout.x, layout.y, layout.p];
  const needed = 1 + Math.max(atT, atX, atY, atP);
  const capacity = times.length;
  let { count } = out;
  let { line } = tally;
  let at = 0;
  while (at < end && count < capacity) {
    const start = at;
    let byte = bytes[at]!;
    while (classes[byte] === 1) byte = bytes[++at]!;
    if (byte === NEWLINE || byte === HASH || byte === PERCENT) {
      while (byte !== NEWLINE) byte = bytes[++at]!;
      at += 1;
      line += 1;
      continue;
    }
    let t = NaN;
    let x = NaN;
    let y = NaN;
    let p = NaN;
    let column = 0;
    while (byte !== NEWLINE) {
      const from = at;
      const negative = byte === MINUS;
      if (negative || byte === PLUS) byte = bytes[++at]!;
      let whole = 0;
      let fraction = 0;
      let places = 0;
      let digit = byte - ZERO;
      const wholeFrom = at;
      while (digit >= 0 && digit <= 9) {
        whole = 10 * whole + digit;
        byte = bytes[++at]!;
        digit = byte - ZERO;
      }
      const digits = at - wholeFrom;
      if (byte === point) {
        byte = bytes[++at]!;
        digit = byte - ZERO;
        while (digit >= 0 && digit <= 9) {
          if (places < FAST_DIGITS) {
            fraction = 10 * fraction + digit;
            places += 1;
          }
          byte = bytes[++at]!;
          digit = byte - ZERO;
        }
      }
      const plain = classes[byte] !== 0 && digits > 0 && digits <= FAST_DIGITS;
      while (classes[byte] === 0) byte = bytes[++at]!;
      if (column === atT) {
        if (plain && shift >= 0) {
          const missing = shift - places; // never −0, which is no index but a slow name
          const unit = missing < 0 ? POW10[places - shift]! : 1;
          const behind = missing < 0 ? Math.floor((fraction + unit / 2) / unit) : fraction * POW10[missing]!;
          t = whole * POW10[shift]! + behind;
          if (negative && t !== 0) t = -t;
        } else t = parseScaled(bytes, from, at, point, shift);
      } else if (column === atX || column === atY || column === atP) {
        let value = whole;
        if (plain) {
          if (places > 0) value += fraction / POW10[places]!;
          if (negative) value = -value;
        } else value = parseDecimal(bytes, from, at, point);
        if (column === atX) x = value - less;
        else if (column === atY) y = value - less;
        else p = value - onAbove;
      }
      column += 1;
      while (classes[byte] === 1) byte = bytes[++at]!;
    }
    at += 1;
    // NaN in any of them makes the sum NaN.
    if (column < needed || Number.isNaN(t + x + y + p)) {
      tally.broken += 1;
      if (tally.first.length < NAMED_LINES) tally.first.push({ offset: offset + start, bytes: at - start, line });
    } else {
      times[count] = t;
      columns[count] = x;
      rows[count] = y;
      polarities[count] = p;
      count += 1;
    }
    line += 1;
  }
  out.count = count;
  tally.line = line;
  return at;
}
