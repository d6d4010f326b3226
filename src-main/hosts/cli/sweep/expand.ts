import { createHash } from "node:crypto";
import { AppError } from "#shared/api/errors.ts";
import { UsageError } from "../command.ts";
import { setPath } from "../values.ts";
import type { Part, Point, Settings, SweepFile } from "./sweep-file.ts";

/** One cell of a table: a variant at one point of the axes. */
export interface Cell {
  readonly part: string;
  readonly variant: string;
  /** Labels of the points, in the order of the axes. */
  readonly at: readonly string[];
}

/** One run of a sweep. */
export interface SweepRun {
  /** Tells runs apart, and finds the same one again: made of the run file alone. */
  readonly key: string;
  readonly seed: number;
  readonly spec: Readonly<Record<string, unknown>>;
  /** Where it is shown; the same run may be part of several tables. */
  readonly cells: readonly Cell[];
}

/** Points of all axes combined, the last axis fastest. */
export const pointsOf = (part: Part): readonly (readonly Point[])[] =>
  part.axes.reduce<readonly (readonly Point[])[]>(
    (all, { points }) => all.flatMap((so) => points.map((point) => [...so, point])),
    [[]],
  );

/** Text of a value that does not depend on the order in which its fields were written. */
function canonical(value: unknown): string {
  if (typeof value !== "object" || value === null) return JSON.stringify(value) ?? "null";
  if (Array.isArray(value)) return `[${value.map(canonical).join(",")}]`;
  const fields = Object.entries(value).filter(([, field]) => field !== undefined && field !== null);
  return `{${fields
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, field]) => `${JSON.stringify(name)}:${canonical(field)}`)
    .join(",")}}`;
}

/** Name of a run file by its content; the name it is given is no part of it. */
export function keyOf(spec: Readonly<Record<string, unknown>>): string {
  const { name: _name, ...rest } = spec;
  return createHash("sha256").update(canonical(rest)).digest("hex").slice(0, 16);
}

function apply(spec: Record<string, unknown>, settings: Settings): void {
  for (const [path, value] of Object.entries(settings)) {
    try {
      setPath(spec, path, value);
    } catch (error) {
      if (!(error instanceof UsageError)) throw error;
      throw new AppError("bad-spec", `Sweep file: "${path}" is no path in a run file`, {
        hint: 'Such as "labels.perClass".',
        cause: error,
      });
    }
  }
}

/**
 * Every run of a sweep, each once. Seeds come first, so that a sweep that is interrupted has few repetitions of everything and
 * not all of little; parts follow their order in the file.
 */
export function expandSweep({ base, parts }: SweepFile): readonly SweepRun[] {
  const runs = new Map<string, SweepRun & { readonly cells: Cell[] }>();
  for (const part of parts) {
    for (const seed of part.seeds) {
      for (const points of pointsOf(part)) {
        for (const variant of part.variants) {
          const spec = structuredClone(base) as Record<string, unknown>;
          // What a variant says goes last: it may take back what holds for the whole table.
          for (const settings of [part.set, ...points.map(({ set }) => set), { seed }, variant.set])
            apply(spec, structuredClone(settings));
          const key = keyOf(spec);
          const cell: Cell = { part: part.id, variant: variant.id, at: points.map(({ label }) => label) };
          const known = runs.get(key);
          if (known === undefined) runs.set(key, { key, seed, spec, cells: [cell] });
          else known.cells.push(cell);
        }
      }
    }
  }
  return [...runs.values()];
}
