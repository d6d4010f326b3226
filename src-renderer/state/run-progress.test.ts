import { describe, expect, it } from "vitest";
import type { RunEvent } from "#shared/api/run.ts";
import { advance, bestOf, emptyProgress, pointsOf } from "./run-progress.ts";

const epoch = (n: number, accuracy: number, phase: "control" | "training" = "training"): RunEvent => ({
  kind: "epoch",
  phase,
  epoch: n,
  epochs: 5,
  metrics: { trainLoss: 1 / n, trainAccuracy: 0, validationAccuracy: accuracy },
  secondsLeft: 10,
});
const fold = (...events: RunEvent[]) => events.reduce(advance, emptyProgress);

describe("a run folded from its events", () => {
  it("keeps control and run apart and finds the earliest best", () => {
    const progress = fold(epoch(1, 0.3, "control"), epoch(1, 0.5), epoch(2, 0.8), epoch(3, 0.8));
    expect(pointsOf(progress, "control").length).toBe(1);
    expect(bestOf(pointsOf(progress, "run"))?.epoch).toBe(2);
  });

  it("lets the newer epochs count after a resume", () => {
    const progress = fold(epoch(1, 0.1), epoch(2, 0.2), epoch(3, 0.3), epoch(2, 0.7));
    expect(pointsOf(progress, "run").map((point) => [point.epoch, point.metrics.validationAccuracy])).toEqual([
      [1, 0.1],
      [2, 0.7],
    ]);
  });

  it("carries state, model, metrics and errors", () => {
    const done = fold(
      { kind: "state", state: "running" },
      { kind: "state", state: "done", model: "m1", metrics: { testAccuracy: 0.9 } },
    );
    expect(done).toMatchObject({ state: "done", model: "m1", metrics: { testAccuracy: 0.9 } });
    const failed = advance(done, {
      kind: "state",
      state: "failed",
      error: { code: "training-failed", message: "The loss is not finite" },
    });
    expect(failed.log.at(-1)).toBe("The loss is not finite");
  });
});
