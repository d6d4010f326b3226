import { describe, expect, it } from "vitest";
import type { RunSpec } from "./run.ts";
import { parseRunSpec } from "./run-spec.ts";
import { freeSeeds, recipeKey, seedGroups } from "./seeds.ts";

const specOf = (over: object): RunSpec => parseRunSpec({ dataset: { name: "clips" }, ...over });

describe("trainings of one recipe", () => {
  it("differ by seed, name, backend and control alone", () => {
    const key = recipeKey(specOf({}));
    expect(recipeKey(specOf({ seed: 5, name: "again", backend: "wasm", control: true }))).toBe(key);
    for (const other of [{ epochs: 3 }, { labels: { perClass: 2 } }, { transfer: { id: "tet" } }, { batchSize: 8 }]) {
      expect(recipeKey(specOf(other))).not.toBe(key);
    }
    const spec = specOf({});
    expect(recipeKey(Object.fromEntries(Object.entries(spec).toReversed()) as unknown as RunSpec)).toBe(key);
  });

  it("are put together with their mean; a seed counts once", () => {
    const item = (seed: number, testAccuracy?: number, epochs = 5) => ({ spec: specOf({ seed, epochs }), testAccuracy });
    const groups = [...seedGroups([item(3, 0.9), item(1, 0.8), item(3, 0.1), item(2), item(1, 0.4, 9)]).values()];
    expect(groups.map(({ members }) => members.map(({ spec }) => spec.seed))).toEqual([[1, 2, 3], [1]]);
    expect(groups[0]?.accuracy).toMatchObject({ count: 2 });
    expect(groups[0]?.accuracy?.mean).toBeCloseTo(0.85, 12);
    expect(groups[1]?.accuracy).toEqual({ count: 1, mean: 0.4, deviation: 0 });
  });

  it("continue with seeds that are free", () => {
    expect(freeSeeds(1, [1, 2, 4], 3)).toEqual([3, 5, 6]);
  });
});
