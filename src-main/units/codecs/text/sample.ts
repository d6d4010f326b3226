import type { ByteSource } from "#main/lib/files.ts";
import { ColumnStats } from "../tables/guesses.ts";
import { parseDecimal } from "./decimal.ts";
import { neededColumns, type Dialect } from "./dialect.ts";
import { NEWLINE } from "./lines.ts";

/** Files up to this size are looked at as a whole (bytes); of larger ones so many blocks, spread over the file. */
const WHOLE_BYTES = 32 << 20;
const PLACES = 32;
const BLOCK = 1 << 18;
/** Lines whose share of broken ones decides whether the file is one of events. */
const JUDGED_LINES = 1000;

/** What the lines of a file hold, column by column. */
export interface TextSample {
  readonly stats: readonly ColumnStats[];
  /** Whether every line has been looked at. */
  readonly whole: boolean;
  /** Lines and broken lines among the first thousand. */
  readonly lines: number;
  readonly broken: number;
}

/** Looks at the numbers of a file, or of parts spread over a large one. */
export async function sampleText(file: ByteSource, dialect: Dialect): Promise<TextSample> {
  const stats = Array.from({ length: dialect.columns }, () => new ColumnStats());
  const whole = file.size - dialect.start <= WHOLE_BYTES;
  const sampler = new Sampler(dialect, stats);
  const buffer = new Uint8Array(BLOCK + 1);
  const step = whole ? 0 : Math.floor((file.size - BLOCK - dialect.start) / (PLACES - 1));
  let position = dialect.start;
  for (let place = 0; position < file.size && (whole || place < PLACES); place += 1) {
    if (!whole) position = dialect.start + place * step;
    const bytes = await file.read(position, BLOCK, buffer);
    const last = position + bytes.length >= file.size;
    let end = bytes.lastIndexOf(NEWLINE) + 1;
    if (last && end < bytes.length) {
      buffer[bytes.length] = NEWLINE;
      end = bytes.length + 1;
    }
    // A place in the middle begins inside a line, which is left out.
    const from = whole || place === 0 ? 0 : bytes.indexOf(NEWLINE) + 1;
    if (end > from) sampler.add(buffer, from, end);
    position += end > 0 ? end : bytes.length;
    if (bytes.length === 0) break;
  }
  sampler.flush();
  return { stats, whole, lines: sampler.lines, broken: sampler.broken };
}

/** Rows collected before they are counted. */
const ROWS = 1 << 12;

class Sampler {
  lines = 0;
  broken = 0;
  readonly #dialect: Dialect;
  readonly #stats: readonly ColumnStats[];
  readonly #columns: readonly Float64Array[];
  readonly #row: Float64Array;
  /** For each column whether a line without a number there is broken. */
  readonly #needed: readonly boolean[];
  #rows = 0;

  constructor(dialect: Dialect, stats: readonly ColumnStats[]) {
    this.#dialect = dialect;
    this.#stats = stats;
    this.#columns = stats.map(() => new Float64Array(ROWS));
    this.#row = new Float64Array(stats.length);
    const needed = neededColumns(dialect.names, dialect.columns);
    this.#needed = stats.map((_, at) => needed.includes(at));
  }

  /** Takes the lines in `[from, end)`; the last byte ends a line. */
  add(bytes: Uint8Array, from: number, end: number): void {
    const { classes, point, columns } = this.#dialect;
    const row = this.#row;
    const needed = this.#needed;
    for (let at = from; at < end; at += 1) {
      let count = 0;
      let good = true;
      while (classes[bytes[at]!] === 1) at += 1;
      const empty = bytes[at] === NEWLINE || bytes[at] === 35 || bytes[at] === 37;
      while (bytes[at] !== NEWLINE) {
        const start = at;
        while (classes[bytes[at]!] === 0) at += 1;
        if (count < columns && !empty) {
          const value = parseDecimal(bytes, start, at, point);
          if (Number.isNaN(value) && needed[count]!) good = false;
          row[count] = value;
        }
        count += 1;
        while (classes[bytes[at]!] === 1) at += 1;
      }
      if (empty) continue;
      good &&= count >= columns;
      if (this.lines < JUDGED_LINES) {
        this.lines += 1;
        if (!good) this.broken += 1;
      }
      if (!good) continue;
      for (let i = 0; i < columns; i += 1) this.#columns[i]![this.#rows] = row[i]!;
      this.#rows += 1;
      if (this.#rows === ROWS) this.flush();
    }
  }

  flush(): void {
    this.#stats.forEach((stats, i) => stats.add(this.#columns[i]!, this.#rows));
    this.#rows = 0;
  }
}
