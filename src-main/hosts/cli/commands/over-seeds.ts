import { seedGroups } from "#shared/api/seeds.ts";
import type { RunSpec } from "#shared/api/run.ts";
import type { OverSeeds } from "#shared/api/statistics.ts";
import { percent, table } from "./table.ts";

interface Trained {
  readonly id: string;
  readonly name: string;
  readonly spec: RunSpec;
  readonly testAccuracy?: number | undefined;
}

/** What the trainings of one recipe say together, by the id of each; recipes with one seed are left out. */
export function overSeedsById(
  trained: readonly Trained[],
): ReadonlyMap<string, OverSeeds & { readonly seeds: readonly number[] }> {
  return new Map(
    [...seedGroups(trained).values()].flatMap(({ members, accuracy }) => {
      const seeds = members.map(({ spec }) => spec.seed);
      if (accuracy === undefined || accuracy.count < 2) return [];
      return members.map(({ id }) => [id, { ...accuracy, seeds }] as const);
    }),
  );
}

/** A table of the recipes that were trained with several seeds, for people; empty when there is none. */
export function overSeedsText(trained: readonly Trained[]): string {
  const rows = [...seedGroups(trained).values()].flatMap(({ members, accuracy }) => {
    const [first] = members;
    if (first === undefined || accuracy?.interval === undefined) return [];
    const { mean, deviation, interval } = accuracy;
    const within = `${percent(Math.max(0, interval.low))} to ${percent(Math.min(1, interval.high))}`;
    return [[first.name, accuracy.count, `${percent(mean).replace(" %", "")} ± ${percent(deviation)}`, within]];
  });
  return rows.length === 0 ? "" : `\n\n${table(["recipe", "seeds", "test, mean ± std", "95 % interval of the mean"], rows)}`;
}
