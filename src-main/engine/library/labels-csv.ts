import { AppError } from "#shared/api/errors.ts";
import { cellsOf } from "#main/lib/csv.ts";

/** One line of a label file. */
export type LabelLine = {
  readonly line: number;
  readonly start: number;
  readonly end: number;
  readonly class: string;
  readonly subject?: string;
  readonly condition?: string;
};

export const LABEL_HEADER = "start_us,end_us,class,subject,condition";
const NAMES = LABEL_HEADER.split(",");
/** As many as fit into a message; the rest is counted. */
const SHOWN_PROBLEMS = 5;

/** What is wrong with a line, or what it says. */
function parseLine(line: number, cells: readonly string[] | undefined): LabelLine | string {
  if (cells === undefined) return "a quote is not closed";
  if (cells.length < 3) return `${cells.length} columns, at least 3 are needed`;
  if (cells.length > NAMES.length) return `${cells.length} columns, at most ${NAMES.length} are known`;
  const [start, end] = [Number(cells[0]), Number(cells[1])];
  if (cells[0] === "" || !Number.isSafeInteger(start)) return `start_us is "${cells[0]}", expected whole microseconds`;
  if (cells[1] === "" || !Number.isSafeInteger(end)) return `end_us is "${cells[1]}", expected whole microseconds`;
  if (end <= start) return `end_us ${end} is not after start_us ${start}`;
  const [, , name = "", subject = "", condition = ""] = cells;
  if (name === "") return "the class is empty";
  return { line, start, end, class: name, ...(subject !== "" && { subject }), ...(condition !== "" && { condition }) };
}

/**
 * Reads a label file: `start_us,end_us,class[,subject,condition]`, with or without that header.
 * @throws AppError `bad-argument` naming every bad line by its number; nothing is taken over then.
 */
export function parseLabels(csv: string): readonly LabelLine[] {
  const labels: LabelLine[] = [];
  const problems: string[] = [];
  for (const [index, text] of csv
    .replace(/^\uFEFF/, "")
    .split(/\r?\n/)
    .entries()) {
    if (text.trim() === "" || text.startsWith("#")) continue;
    const cells = cellsOf(text);
    if (index === 0 && cells?.[0]?.toLowerCase() === NAMES[0]) continue;
    const parsed = parseLine(index + 1, cells);
    if (typeof parsed === "string") problems.push(`line ${index + 1}: ${parsed}`);
    else labels.push(parsed);
  }
  if (problems.length > 0) throw labelProblems(problems);
  if (labels.length === 0) {
    throw new AppError("empty", "The label file has no labels in it", { hint: `Each line is ${LABEL_HEADER}.` });
  }
  return labels;
}

/** Several bad lines as one error. */
export function labelProblems(problems: readonly string[]): AppError {
  const more = problems.length > SHOWN_PROBLEMS ? `; and ${problems.length - SHOWN_PROBLEMS} more` : "";
  return new AppError(
    "bad-argument",
    `The label file was not taken over. ${problems.slice(0, SHOWN_PROBLEMS).join("; ")}${more}`,
    {
      hint: `Each line is ${LABEL_HEADER}; the last two may be left out.`,
    },
  );
}

const cell = (text: string): string => (/[",\r\n]|^\s|\s$|^#/.test(text) ? `"${text.replaceAll('"', '""')}"` : text);

/** Labels as a file that `parseLabels` reads back. */
export const formatLabels = (labels: readonly Omit<LabelLine, "line">[]): string =>
  [
    LABEL_HEADER,
    ...labels.map((label) =>
      [label.start, label.end, ...[label.class, label.subject ?? "", label.condition ?? ""].map(cell)].join(","),
    ),
    "",
  ].join("\n");
