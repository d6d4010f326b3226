/**
 * The cells of a line (RFC 4180: quotes around cells with separators, doubled inside). Undefined when a quote stays open.
 * @param separator a single character.
 */
export function cellsOf(line: string, separator = ","): readonly string[] | undefined {
  const cells: string[] = [];
  const between = separator === "\t" ? "\\t" : `\\${separator}`;
  const cell = new RegExp(`[ ]*(?:"((?:[^"]|"")*)"[ ]*|([^"${between}]*))(${between}|$)`, "y");
  for (;;) {
    const match = cell.exec(line);
    if (match === null) return undefined;
    cells.push(match[1]?.replaceAll('""', '"') ?? match[2]?.trim() ?? "");
    if (match[3] === "") return cells;
  }
}

/** The separator a header line uses: the one of comma, semicolon and tab that stands in it most often. */
export function separatorOf(line: string): string {
  const counts = [",", ";", "\t"].map((character) => ({ character, count: line.split(character).length }));
  return counts.reduce((best, next) => (next.count > best.count ? next : best)).character;
}
