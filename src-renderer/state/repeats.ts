import type { RunInfo, RunSpecInput } from "#shared/api/run.ts";
import { freeSeeds, recipeKey } from "#shared/api/seeds.ts";
import { isActive } from "./run-progress.ts";

/** With so many trainings of a recipe an interval over seeds says something. */
export const SEEDS_WANTED = 5;

/** The trainings of a run's recipe: what is still to be started, and what has not ended. */
export interface SeedsOfRun {
  readonly missing: readonly RunSpecInput[];
  readonly waiting: number;
}

/** What is missing to the wanted number of seeds. Stopped and failed runs do not count. */
export function repeatsOf(run: RunInfo, runs: readonly RunInfo[]): SeedsOfRun {
  const key = recipeKey(run.spec);
  const family = runs.filter(({ spec }) => recipeKey(spec) === key);
  const counted = family.filter(({ state }) => state === "done" || isActive(state)).map(({ spec }) => spec.seed);
  const seeds = freeSeeds(Math.min(run.spec.seed, ...counted), counted, Math.max(0, SEEDS_WANTED - new Set(counted).size));
  return {
    missing: seeds.map((seed) => ({ ...run.spec, seed })),
    waiting: family.filter(({ state }) => isActive(state)).length,
  };
}
