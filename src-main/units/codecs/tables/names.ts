import type { Reading } from "../reading.ts";

/** What a column holds. */
export type Role = "t" | "x" | "y" | "p";
export const roles: readonly Role[] = ["t", "x", "y", "p"];
/** For each role the number of its column. */
export type Layout = Readonly<Record<Role, number>>;
/** Unit of a column of times. */
export type TimeUnit = Exclude<Reading["timeUnit"], "auto">;

/** Names of columns as libraries and labs write them. */
const NAMES: Readonly<Record<Role, readonly string[]>> = {
  t: ["t", "ts", "time", "times", "timestamp", "timestamps"],
  x: ["x", "xs", "col", "column", "addrx", "xaddr"],
  y: ["y", "ys", "row", "addry", "yaddr"],
  p: ["p", "ps", "pol", "pols", "polarity", "polarities", "on"],
};

/** What a name says: the role, the unit of time behind it (`t_us`), a size (`x@640`). `undefined` for another name. */
export function meaningOf(name: string): { readonly role: Role; readonly unit?: TimeUnit; readonly size?: number } | undefined {
  const match = /^([a-z]+)(?:[_ ([]*(us|ns|ms|s|usec|µs)[\])]*)?(?:@(\d{1,5}))?$/.exec(name.trim().toLowerCase());
  if (match === null) return undefined;
  const [, word = "", unit, size] = match;
  const role = roles.find((candidate) => NAMES[candidate].includes(word));
  if (role === undefined || (unit !== undefined && role !== "t")) return undefined;
  const known: TimeUnit | undefined =
    unit === undefined ? undefined : unit === "ns" || unit === "ms" || unit === "s" ? unit : "us";
  return { role, ...(known === undefined ? {} : { unit: known }), ...(size === undefined ? {} : { size: Number(size) }) };
}

/** The columns by their names; `undefined` unless all four are there. The first one of a role counts. */
export function layoutByName(names: readonly string[]): { readonly layout: Layout; readonly unit?: TimeUnit } | undefined {
  const meanings = names.map(meaningOf);
  const find = (role: Role): number => meanings.findIndex((meaning) => meaning?.role === role);
  const layout = { t: find("t"), x: find("x"), y: find("y"), p: find("p") };
  if (Object.values(layout).some((at) => at < 0)) return undefined;
  const unit = meanings[layout.t]?.unit;
  return { layout, ...(unit === undefined ? {} : { unit }) };
}

/** The order that the user gave (`txyp`, `-` for a column to skip); `undefined` when it does not name each column once. */
export function layoutByLetters(letters: string, columns: number): Layout | undefined {
  const order = [
    ...letters
      .trim()
      .toLowerCase()
      .replaceAll(/[\s,;]/g, ""),
  ];
  if (order.length > columns || order.some((letter) => !"txyp-".includes(letter))) return undefined;
  if (roles.some((role) => order.filter((letter) => letter === role).length !== 1)) return undefined;
  return { t: order.indexOf("t"), x: order.indexOf("x"), y: order.indexOf("y"), p: order.indexOf("p") };
}

/** The order in letters, for people and for the parameter. */
export function lettersOf(layout: Layout): string {
  const letters = Array.from({ length: 1 + Math.max(...Object.values(layout)) }, () => "-");
  for (const role of roles) letters[layout[role]] = role;
  return letters.join("");
}
