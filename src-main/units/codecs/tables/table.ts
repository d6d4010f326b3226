import { PacketWriter } from "#shared/events/packet-writer.ts";
import type { Sensor } from "#shared/events/sensor.ts";
import type { Guess, Orientation } from "../codec.ts";
import { AS_STORED, emptyRecording, PassRecording, type PassOptions, type Step } from "../recording.ts";
import type { Answers } from "../reading.ts";
import { eventColumns, packetsOf } from "./columns.ts";
import { interpret, type Meaning } from "./interpret.ts";
import type { Layout, TimeUnit } from "./names.ts";
import { readNumbers, readTimes, type Slab } from "./numbers.ts";

/** Rows decoded for one packet, and between two looks at the clock while an index is built. */
const BLOCK_ROWS = 1 << 13;
const INDEX_ROWS = 1 << 11;
/** Tables up to this size are measured on opening; larger ones get their range from an index. */
const MEASURE_ROWS = 1 << 22;

/** One way through a table. */
export interface TableReader {
  /** The numbers of these columns from a row on; fewer rows where the data ends or is damaged. Lent until the next call. */
  read(
    row: number,
    rows: number,
    columns: readonly number[],
  ): Promise<{
    readonly rows: number;
    readonly slabs: readonly Slab[];
    /** Rows from here on that cannot be read, while later ones can: only where `rows` is 0. */
    readonly skipped?: number;
  }>;
  /** Lets go of what reading has opened. */
  done?(): Promise<void>;
}

/** Columns of numbers, wherever they lie: what arrays, MATLAB files and HDF5 files have in common. */
export interface NumberTable {
  readonly rows: number;
  /** Names of the columns, empty where they have none. */
  readonly names: readonly string[];
  /** A reader with memory of its own: passes may run side by side. */
  reader(): TableReader;
  /** Byte of the file at or near which a row lies; rises with the row. */
  offsetOf(row: number): number;
  /** Going back or far ahead is expensive (compressed columns). */
  readonly sequential?: boolean;
  /** What has been found damaged so far, in bytes of the file. */
  damage?(): readonly { readonly offset: number; readonly bytes: number; readonly reason: string }[];
  close(): Promise<void>;
}

/** What is known about a table's meaning before it is looked at. */
export interface TableFacts {
  /** File, for messages. */
  readonly name: string;
  readonly label: string;
  readonly size: number;
  readonly encoding: string;
  readonly metadata: Readonly<Record<string, string>>;
  readonly sensor?: Sensor;
  readonly layout?: Layout;
  readonly unit?: TimeUnit;
  /** The format is known to count from 1. */
  readonly oneBased?: boolean;
  readonly orientation?: Orientation;
  readonly guesses?: readonly Guess[];
}

/** What is told of how coordinates lie in a table; nothing where they lie as they are wanted. */
export const orientationOf = (known: Orientation | undefined, oneBased: boolean): { readonly orientation?: Orientation } =>
  oneBased ? { orientation: { ...(known ?? AS_STORED), oneBased } } : known === undefined ? {} : { orientation: known };

/** A recording of a table of numbers. @throws AppError `unsupported` when no order of columns makes events of it. */
export async function tableRecording(table: NumberTable, facts: TableFacts, answers: Answers): Promise<PassRecording> {
  if (table.rows === 0) {
    const { label, size, sensor, encoding, metadata } = facts;
    return emptyRecording({ label, size, sensor, encoding, metadata, answers, close: () => table.close() });
  }
  const meaning = await interpret(table, facts, answers);
  const recording = new PassRecording({
    info: { sensor: meaning.sensor, label: facts.label },
    encoding: facts.encoding,
    metadata: { ...facts.metadata, ...meaning.metadata },
    ...orientationOf(facts.orientation, meaning.oneBased),
    guesses: [...(facts.guesses ?? []), ...meaning.guesses],
    start: { offset: table.offsetOf(0) },
    end: facts.size,
    pass: (options) => tablePass(table, meaning, facts.size, options),
    close: () => table.close(),
  });
  if (table.rows <= MEASURE_ROWS) await recording.measure();
  return recording;
}

async function* tablePass(table: NumberTable, meaning: Meaning, size: number, options: PassOptions): AsyncGenerator<Step> {
  const { layout, unit, oneBased, onAbove, sensor } = meaning;
  const { from, findings, signal } = options;
  const block = options.grain === "index" ? INDEX_ROWS : BLOCK_ROWS;
  const columns = eventColumns(block);
  const writer = new PacketWriter(block);
  const wanted = [layout.t, layout.x, layout.y, layout.p];
  let row = from.state?.["row"] ?? 0;
  const reader = table.reader();
  try {
    while (row < table.rows) {
      signal?.throwIfAborted();
      const { rows, slabs, skipped = 0 } = await reader.read(row, Math.min(block, table.rows - row), wanted);
      if (rows === 0 && skipped > 0) {
        findings.dropped({ "in damaged chunks": skipped });
        row += skipped;
        continue;
      }
      const [t, x, y, p] = slabs;
      if (rows === 0 || t === undefined || x === undefined || y === undefined || p === undefined) break;
      readTimes(t, rows, unit, columns.t);
      readNumbers(x, rows, columns.x, oneBased ? 1 : 0);
      readNumbers(y, rows, columns.y, oneBased ? 1 : 0);
      readNumbers(p, rows, columns.p, onAbove);
      columns.count = rows;
      const before = row;
      row += rows;
      for (const { packet, last } of packetsOf(columns, sensor, writer, findings)) {
        const at = last ? row : before;
        const { words, t0 } = packet;
        const time = words.length === 0 ? undefined : t0 + words[words.length - 2]!;
        yield { packet, place: () => ({ offset: table.offsetOf(at), state: { row: at } }), time };
      }
    }
  } finally {
    await reader.done?.();
  }
  for (const place of table.damage?.() ?? []) findings.damage(place);
  if (row < table.rows) {
    const offset = table.offsetOf(row);
    const bytes = table.sequential === true ? 0 : Math.max(0, size - offset);
    const tail = bytes === 0 ? "" : ` and ${bytes} bytes of the next`;
    findings.damage({ offset, bytes, reason: `the data ends after ${row}${tail} of ${table.rows} rows: the rest was cut off` });
  }
}
