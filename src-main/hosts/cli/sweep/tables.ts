import { table } from "../commands/table.ts";
import { baselineOf, cellAt, type CellSummary, type PartSummary, type SweepSummary } from "./summary.ts";

const points = (fraction: number): string => (100 * fraction).toFixed(1);
const signed = (fraction: number): string => `${fraction < 0 ? "−" : "+"}${points(Math.abs(fraction))}`;

/** `85.3 ± 1.2`, in per cent; the number of seeds where some are missing. */
export function accuracyText(cell: CellSummary | undefined, seeds: number): string {
  if (cell?.mean === undefined) return "–";
  const { results, mean, deviation = 0 } = cell;
  const spread = results.length > 1 ? ` ± ${points(deviation)}` : "";
  return `${points(mean)}${spread}${results.length < seeds ? ` (${results.length} of ${seeds})` : ""}`;
}

/** `+3.1 [+1.0, +5.2]`, in points of per cent. */
export const differenceText = (cell: CellSummary | undefined): string =>
  cell?.difference === undefined
    ? "–"
    : `${signed(cell.difference.mean)} [${signed(cell.difference.low)}, ${signed(cell.difference.high)}]`;

/** Heads of the columns: `1`, or `1 / small` where there are several axes. */
export const columnHeads = ({ columns }: PartSummary): readonly string[] => columns.map((at) => at.join(" / "));

/** What the columns are. */
export const columnsLabel = ({ part }: PartSummary): string => part.axes.map(({ label }) => label).join(" / ");

/** Tables for a terminal: accuracies, and differences from the baseline. */
export function textTables(summary: SweepSummary): string {
  const blocks = summary.parts.map((partSummary) => {
    const { part, columns } = partSummary;
    const heads = columnHeads(partSummary).map((head) => (head === "" ? "accuracy" : head));
    const row = (text: (cell: CellSummary | undefined) => string) => (variant: string) =>
      columns.map((at) => text(cellAt(partSummary, variant, at)));
    const accuracy = row((cell) => accuracyText(cell, part.seeds.length));
    const difference = row(differenceText);
    const compared = part.variants.filter((variant) => baselineOf(part, variant) !== undefined);
    const labelOf = (id: string | undefined): string => part.variants.find((variant) => variant.id === id)?.label ?? "";
    const lines = [
      `${part.title}: test accuracy, % (mean ± standard deviation over ${part.seeds.length} seeds)${columnsLabel(partSummary) === "" ? "" : `, by ${columnsLabel(partSummary)}`}`,
      table(
        ["", ...heads],
        part.variants.map(({ id, label }) => [label, ...accuracy(id)]),
      ),
    ];
    if (compared.length > 0) {
      lines.push(
        "Points above the baseline, paired by seed [95 % interval]",
        table(
          ["", "baseline", ...heads],
          compared.map((variant) => [variant.label, labelOf(baselineOf(part, variant)), ...difference(variant.id)]),
        ),
      );
    }
    return lines.join("\n");
  });
  return [...blocks, `${summary.finished} of ${summary.total} runs are finished.`].join("\n\n");
}

/** The same for programs. */
export const machineTable = (summary: SweepSummary): unknown => ({
  kind: "table",
  name: summary.file.name,
  finished: summary.finished,
  total: summary.total,
  parts: summary.parts.map(({ part, cells }) => ({
    id: part.id,
    cells: cells.map(({ variant, at, results, mean, deviation, difference }) => ({
      variant,
      at,
      seeds: results.length,
      ...(mean !== undefined && { mean, deviation }),
      ...(difference && { difference }),
    })),
  })),
});
