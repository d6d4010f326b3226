import { readFile, stat } from "node:fs/promises";
import { AppError } from "#shared/api/errors.ts";
import { cellsOf, separatorOf } from "#main/lib/csv.ts";
import { fileError } from "#main/lib/files.ts";

/** Larger label files are refused: a million lines are 40 MB. */
const MAX_BYTES = 64e6;

/** A table with a header line: the rows as objects with the header's names in lower case. */
export type Table = { readonly names: readonly string[]; readonly rows: readonly (readonly string[])[] };

/** Reads a small text file. @throws AppError naming it. */
export async function readText(path: string): Promise<string> {
  try {
    const { size } = await stat(path);
    if (size > MAX_BYTES) {
      throw new AppError("too-large", `${path} has ${(size / 1e6).toFixed(0)} MB; a label file is smaller`, {
        hint: "Take it out of the folder if it is something else.",
      });
    }
    return (await readFile(path, "utf8")).replace(/^\uFEFF/, "");
  } catch (error) {
    throw fileError(error, path, "read");
  }
}

/** Reads a table. @throws AppError `damaged` naming the line. */
export async function readTable(path: string): Promise<Table> {
  const lines = (await readText(path)).split(/\r?\n/);
  const separator = separatorOf(lines[0] ?? "");
  const rows: (readonly string[])[] = [];
  let names: readonly string[] | undefined;
  for (const [index, line] of lines.entries()) {
    if (line.trim() === "" || line.startsWith("#")) continue;
    const cells = cellsOf(line, separator);
    if (cells === undefined) {
      throw new AppError("damaged", `${path}, line ${index + 1}: a quote is not closed`, { hint: "Correct the line." });
    }
    if (names === undefined) names = cells.map((cell) => cell.toLowerCase());
    else rows.push(cells);
  }
  return { names: names ?? [], rows };
}

/** A labelled span of a recording. */
export type Span = { readonly start: number; readonly end: number; readonly label: string; readonly subject?: string };

const COLUMNS: Readonly<Record<"start" | "end" | "label" | "subject", RegExp>> = {
  start: /^(start|begin|onset)(_?time)?(_?(us|usec|µs))?$/,
  end: /^(end|stop|offset)(_?time)?(_?(us|usec|µs))?$/,
  label: /^(class|label|gesture|action)(_?name)?$/,
  subject: /^(subject|user|person|speaker)$/,
};

const columnOf = (names: readonly string[], what: keyof typeof COLUMNS): number =>
  names.findIndex((name) => COLUMNS[what].test(name));

/** Whether a table has the columns of a label file: start, end and class under any of their usual names. */
export const isLabelTable = ({ names }: Table): boolean =>
  (["start", "end", "label"] as const).every((what) => columnOf(names, what) >= 0);

/** The spans of a label table (µs), and why lines were left out. */
export function spansOf({ names, rows }: Table): { readonly spans: readonly Span[]; readonly problems: readonly string[] } {
  const [start, end, label, subject] = (["start", "end", "label", "subject"] as const).map((what) => columnOf(names, what));
  const cell = (row: readonly string[], column = -1): string => row[column] ?? "";
  const spans: Span[] = [];
  const problems: string[] = [];
  for (const [index, row] of rows.entries()) {
    const [from, to] = [Number(cell(row, start)), Number(cell(row, end))];
    const [name, who] = [cell(row, label), cell(row, subject)];
    if (cell(row, start) === "" || cell(row, end) === "" || !Number.isSafeInteger(from) || !Number.isSafeInteger(to)) {
      problems.push(`label ${index + 1} has no whole microseconds`);
    } else if (to <= from) problems.push(`label ${index + 1} ends at ${to} and begins at ${from}`);
    else if (name === "") problems.push(`label ${index + 1} has no class`);
    else spans.push({ start: from, end: to, label: name, ...(who !== "" && { subject: who }) });
  }
  return { spans, problems };
}
