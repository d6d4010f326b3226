import { AppError } from "#shared/api/errors.ts";
import type { Sensor } from "#shared/events/sensor.ts";
import type { Guess } from "../codec.ts";
import type { Answers } from "../reading.ts";
import { ColumnStats, guessLayout, guessUnit, onAbove } from "./guesses.ts";
import { layoutByLetters, layoutByName, lettersOf, type Layout, type TimeUnit } from "./names.ts";
import { readNumbers } from "./numbers.ts";
import { findExtent } from "./extent.ts";
import type { NumberTable, TableFacts } from "./table.ts";

/** How the columns of a table become events. */
export interface Meaning {
  readonly layout: Layout;
  readonly unit: TimeUnit;
  readonly oneBased: boolean;
  /** Polarities above this are ON. */
  readonly onAbove: number;
  readonly sensor: Sensor;
  readonly metadata: Readonly<Record<string, string>>;
  readonly guesses: readonly Guess[];
}

const BLOCK = 1 << 13;
/** Rows that are looked at: all of a table up to this size, else as many blocks spread over it. */
const WHOLE_ROWS = 1 << 22;
const PLACES = 32;

/** Numbers of the rows that are looked at first, block by block. */
function* places({ rows, sequential }: NumberTable): Generator<number> {
  if (rows <= WHOLE_ROWS || sequential === true) for (let row = 0; row < Math.min(rows, WHOLE_ROWS); row += BLOCK) yield row;
  else for (let i = 0; i < PLACES; i += 1) yield Math.floor((i * (rows - BLOCK)) / (PLACES - 1));
}

async function lookAt(table: NumberTable): Promise<readonly ColumnStats[]> {
  const columns = table.names.map((_, i) => i);
  const stats = columns.map(() => new ColumnStats());
  const numbers = new Float64Array(BLOCK);
  const reader = table.reader();
  try {
    for (const row of places(table)) {
      const { rows, slabs, skipped = 0 } = await reader.read(row, Math.min(BLOCK, table.rows - row), columns);
      slabs.forEach((slab, i) => {
        readNumbers(slab, rows, numbers);
        stats[i]?.add(numbers, rows);
      });
      if (rows === 0 && skipped === 0) break;
    }
  } finally {
    await reader.done?.();
  }
  return stats;
}

/** What the columns of a table mean: by the user's word, by their names, else by what they hold. */
export async function interpret(table: NumberTable, facts: TableFacts, answers: Answers): Promise<Meaning> {
  const stats = await lookAt(table);
  if ((stats[0]?.count ?? 0) === 0) {
    throw new AppError("damaged", `${facts.name} cannot be used: none of its ${table.rows} rows can be read`, {
      hint: "The file may be cut short; fetch it again.",
    });
  }
  return meaningOfColumns({ names: table.names, stats, whole: stats[0]?.count === table.rows }, facts, answers);
}

/** Columns that have been looked at, in whole or in parts. */
export interface SeenColumns {
  readonly names: readonly string[];
  readonly stats: readonly ColumnStats[];
  readonly whole: boolean;
}

/** What is known of columns beside what they hold. */
export type KnownFacts = Pick<TableFacts, "name" | "sensor" | "layout" | "unit" | "oneBased">;

/** What columns mean: by the user's word, by their names, else by what they hold. @throws AppError `unsupported` when nothing fits. */
export function meaningOfColumns(seen: SeenColumns, facts: KnownFacts, answers: Answers): Meaning {
  const { stats, whole } = seen;
  const { layout, unit: named, guess } = findLayout(seen, facts, answers);
  const guesses: Guess[] = guess === undefined ? [] : [guess];
  let unit = answers.timeUnit === undefined || answers.timeUnit === "auto" ? (named ?? facts.unit) : answers.timeUnit;
  if (unit === undefined) {
    const guessed = guessUnit(stats[layout.t]!);
    ({ unit } = guessed);
    guesses.push({ param: "timeUnit", value: unit, reason: guessed.reason, sure: guessed.sure });
  }
  const [x, y] = [stats[layout.x]!, stats[layout.y]!];
  const extent = findExtent({ minX: x.min, maxX: x.max, minY: y.min, maxY: y.max, whole }, facts, answers);
  return {
    layout,
    unit,
    onAbove: onAbove(stats[layout.p]!),
    ...extent,
    guesses: [...guesses, ...extent.guesses],
    metadata: { columns: lettersOf(layout), time_unit: unit, ...extent.metadata },
  };
}

function findLayout(
  { names, stats }: SeenColumns,
  facts: KnownFacts,
  answers: Answers,
): { readonly layout: Layout; readonly unit?: TimeUnit; readonly guess?: Guess } {
  if (answers.columns !== undefined && answers.columns !== "auto") {
    return { layout: answeredLayout(answers.columns, names.length, facts.name) };
  }
  if (facts.layout !== undefined) return { layout: facts.layout };
  const byName = layoutByName(names);
  if (byName !== undefined) return byName;
  const guessed = guessLayout(stats);
  if (guessed === undefined) throw noOrder(facts.name, names);
  const { layout, reason, sure } = guessed;
  return { layout, guess: { param: "columns", value: lettersOf(layout), reason, sure } };
}

/** The order that the user gave. @throws AppError `bad-parameter` when it does not fit the columns. */
export function answeredLayout(letters: string, columns: number, name: string): Layout {
  const layout = layoutByLetters(letters, columns);
  if (layout !== undefined) return layout;
  throw new AppError("bad-parameter", `“${letters}” does not fit the ${columns} columns of ${name}`, {
    hint: "Name t, x, y and p once each in the order of the columns, with - for a column to skip, for example txyp.",
  });
}

/** That no order of the columns makes events of them. */
export function noOrder(name: string, names: readonly string[]): AppError {
  const named = names.filter((text) => text !== "").join(", ");
  const what = named === "" ? `its ${names.length} columns` : `its columns (${named})`;
  return new AppError(
    "unsupported",
    `${name} cannot be read as events: none of ${what} can be told to be time, x, y and polarity`,
    {
      hint: "If it does hold events, say the order of its columns, for example txyp.",
    },
  );
}
