import { describe, expect, it } from "vitest";
import type { RunInfo, RunState } from "#shared/api/run.ts";
import { parseRunSpec } from "#shared/api/run-spec.ts";
import { repeatsOf } from "./repeats.ts";

const runOf = (seed: number, state: RunState, epochs = 5): RunInfo => ({
  ...{ id: `${seed}`, name: "run", state, createdAt: 0, epoch: 1, epochs, resumable: false, classes: [] },
  spec: parseRunSpec({ dataset: { name: "clips" }, seed, epochs }),
});

describe("repeating a run", () => {
  it("fills up to five seeds with those that are free", () => {
    const run = runOf(3, "done");
    expect(repeatsOf(run, [run]).missing.map(({ seed }) => seed)).toEqual([4, 5, 6, 7]);
    expect(repeatsOf(run, [run]).missing[0]).toMatchObject({ dataset: { name: "clips" }, epochs: 5 });
  });

  it("counts what runs or waits, not what failed or is another recipe", () => {
    const run = runOf(1, "done");
    const others = [runOf(2, "running"), runOf(3, "failed"), runOf(4, "queued"), runOf(5, "done", 9)];
    const { missing, waiting } = repeatsOf(run, [run, ...others]);
    expect(missing.map(({ seed }) => seed)).toEqual([3, 5]);
    expect(waiting).toBe(2);
  });

  it("has nothing to do when there are five", () => {
    const runs = [1, 2, 3, 4, 5].map((seed) => runOf(seed, "done"));
    expect(repeatsOf(runs[0]!, runs)).toEqual({ missing: [], waiting: 0 });
  });
});
