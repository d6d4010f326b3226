import type { RunSpec } from "./run.ts";
import { overSeeds, type OverSeeds } from "./statistics.ts";

/** What trainings share that differ by their seed alone. */
interface Seeded {
  readonly spec: RunSpec;
  /** Fraction of 1 on the test clips. */
  readonly testAccuracy?: number | undefined;
}

/** Several trainings of one recipe. */
export interface SeedGroup<T> {
  /** By seed, the latest of those with the same one. */
  readonly members: readonly T[];
  readonly accuracy?: OverSeeds;
}

/** Fields in a fixed order, so that two files that say the same give the same text. */
const sorted = (value: unknown): unknown => {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .toSorted(([a], [b]) => (a < b ? -1 : 1))
      .map(([key, inner]) => [key, sorted(inner)]),
  );
};

/** The same for trainings that differ by their seed alone. Name, place of computing and a control beside it change no result. */
export function recipeKey(spec: RunSpec): string {
  const { seed: _seed, name: _name, backend: _backend, control: _control, ...recipe } = spec;
  return JSON.stringify(sorted(recipe));
}

/**
 * Puts trainings of the same recipe together. Each keeps its place; of two with the same seed the later in the list does not
 * count, as they would give the same numbers.
 */
export function seedGroups<T extends Seeded>(items: readonly T[]): ReadonlyMap<string, SeedGroup<T>> {
  const members = new Map<string, T[]>();
  for (const item of items) {
    const key = recipeKey(item.spec);
    const known = members.get(key) ?? [];
    if (known.some(({ spec }) => spec.seed === item.spec.seed)) continue;
    members.set(key, [...known, item]);
  }
  return new Map(
    [...members].map(([key, list]) => {
      const accuracies = list.flatMap(({ testAccuracy }) => testAccuracy ?? []);
      const ordered = list.toSorted((a, b) => a.spec.seed - b.spec.seed);
      return [key, { members: ordered, ...(accuracies.length > 0 && { accuracy: overSeeds(accuracies) }) }] as const;
    }),
  );
}

/** The next seeds that no training of this recipe has used. */
export function freeSeeds(from: number, used: readonly number[], count: number): readonly number[] {
  const taken = new Set(used);
  const seeds: number[] = [];
  for (let seed = from; seeds.length < count; seed += 1) if (!taken.has(seed)) seeds.push(seed);
  return seeds;
}
