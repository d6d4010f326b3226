/** Rows with aligned columns for people; numbers to the right. */
export function table(head: readonly string[], rows: readonly (readonly (string | number)[])[]): string {
  const cells = [head, ...rows.map((row) => row.map(String))];
  const widths = head.map((_, column) => Math.max(...cells.map((row) => (row[column] ?? "").length)));
  const right = head.map((_, column) => rows.length > 0 && rows.every((row) => typeof row[column] === "number"));
  const line = (row: readonly string[]): string =>
    row
      .map((cell, i) => (right[i] === true ? cell.padStart(widths[i] ?? 0) : cell.padEnd(widths[i] ?? 0)))
      .join("  ")
      .trimEnd();
  return cells.map(line).join("\n");
}

/** `93.2 %` */
export const percent = (fraction: number | undefined): string =>
  fraction === undefined ? "" : `${(100 * fraction).toFixed(1)} %`;

/** `2026-11-21 20:15` */
export const date = (ms: number): string => new Date(ms).toISOString().slice(0, 16).replace("T", " ");
