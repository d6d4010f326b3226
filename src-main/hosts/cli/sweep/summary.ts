import { deviation, intervalOf, mean, type MeanInterval } from "#shared/api/statistics.ts";
import { pointsOf, type SweepRun } from "./expand.ts";
import type { Result } from "./results.ts";
import type { Part, SweepFile, Variant } from "./sweep-file.ts";

/** What the seeds of one cell say together. Accuracies are fractions of 1. */
export interface CellSummary {
  readonly variant: string;
  readonly at: readonly string[];
  /** Results by seed, in the order of the seeds; runs that are still to come are missing. */
  readonly results: readonly { readonly seed: number; readonly result: Result; readonly accuracy: number }[];
  readonly mean?: number;
  readonly deviation?: number;
  /** Accuracy less that of the baseline, seed by seed, with its 95 % interval; not for the baseline itself. */
  readonly difference?: MeanInterval & { readonly pairs: number };
}

export interface PartSummary {
  readonly part: Part;
  /** Labels of the columns' points. */
  readonly columns: readonly (readonly string[])[];
  readonly cells: readonly CellSummary[];
}

/** Runs that a part consists of, and how many of them are finished. */
export interface SweepSummary {
  readonly file: SweepFile;
  readonly total: number;
  readonly finished: number;
  readonly parts: readonly PartSummary[];
  readonly results: readonly Result[];
}

const METRIC = "testAccuracy";

export const baselineOf = (part: Part, { id, baseline }: Variant): string | undefined => {
  const named = baseline ?? part.baseline;
  return named === id ? undefined : named;
};

const same = (a: readonly string[], b: readonly string[]): boolean =>
  a.length === b.length && a.every((label, i) => label === b[i]);

function cellsOf(part: Part, runs: readonly SweepRun[], results: ReadonlyMap<string, Result>): readonly CellSummary[] {
  const columns = pointsOf(part).map((points) => points.map(({ label }) => label));
  const found = (variant: string, at: readonly string[]): CellSummary["results"] =>
    runs
      .filter(({ cells }) => cells.some((cell) => cell.part === part.id && cell.variant === variant && same(cell.at, at)))
      .flatMap(({ key, seed }) => {
        const result = results.get(key);
        const accuracy = result?.metrics[METRIC];
        return result === undefined || accuracy === undefined ? [] : [{ seed, result, accuracy }];
      });
  return part.variants.flatMap((variant) => {
    const against = baselineOf(part, variant);
    return columns.map((at): CellSummary => {
      const own = found(variant.id, at);
      const accuracies = own.map(({ accuracy }) => accuracy);
      const others = new Map(against === undefined ? [] : found(against, at).map(({ seed, accuracy }) => [seed, accuracy]));
      const differences = own.flatMap(({ seed, accuracy }) => {
        const other = others.get(seed);
        return other === undefined ? [] : [accuracy - other];
      });
      const difference = intervalOf(differences);
      return {
        variant: variant.id,
        at,
        results: own,
        ...(accuracies.length > 0 && { mean: mean(accuracies), deviation: deviation(accuracies) }),
        ...(difference && { difference: { ...difference, pairs: differences.length } }),
      };
    });
  });
}

/** Everything that the finished runs of a sweep say. */
export function summarize(file: SweepFile, runs: readonly SweepRun[], results: ReadonlyMap<string, Result>): SweepSummary {
  const own = runs.flatMap(({ key }) => results.get(key) ?? []);
  return {
    file,
    total: runs.length,
    finished: own.length,
    results: own,
    parts: file.parts.map((part) => ({
      part,
      columns: pointsOf(part).map((points) => points.map(({ label }) => label)),
      cells: cellsOf(part, runs, results),
    })),
  };
}

/** The cell of a table. */
export const cellAt = ({ cells }: PartSummary, variant: string, at: readonly string[]): CellSummary | undefined =>
  cells.find((cell) => cell.variant === variant && same(cell.at, at));
