import type { RunEvent, RunInfo, RunSpec } from "#shared/api/run.ts";

/** A run as a list shows it, computed from its events alone. */
export type RunSummary = Omit<RunInfo, "id" | "name" | "spec" | "epochs" | "classes">;

export const emptySummary: RunSummary = { state: "queued", createdAt: 0, epoch: 0, resumable: false };

const largest = (a: number | undefined, b: number | undefined): number | undefined =>
  a === undefined ? b : b === undefined ? a : Math.max(a, b);

/** The summary after one more event. */
export function advanceSummary(summary: RunSummary, event: RunEvent): RunSummary {
  switch (event.kind) {
    case "state": {
      const { state, at, model, metrics } = event;
      const test = metrics?.["testAccuracy"];
      const control = metrics?.["controlAccuracy"];
      return {
        ...summary,
        state,
        createdAt: summary.createdAt === 0 ? (at ?? 0) : summary.createdAt,
        ...(model !== undefined && { model }),
        ...(test !== undefined && { testAccuracy: test }),
        ...(control !== undefined && { controlAccuracy: control }),
        resumable: state === "stopped" || state === "failed",
      };
    }
    case "epoch": {
      if (event.phase === "control") return summary;
      const best = largest(summary.bestAccuracy, event.metrics.validationAccuracy);
      const epoch = event.phase === "training" ? event.epoch : summary.epoch;
      return { ...summary, epoch, ...(best !== undefined && { bestAccuracy: best }) };
    }
    default:
      return summary;
  }
}

/** A name for a run nobody has named: what it learns from what, and how. */
export const defaultName = (spec: RunSpec): string =>
  spec.source?.dataset === undefined
    ? `${spec.dataset.name}, ${spec.transfer.id}`
    : `${spec.dataset.name} from ${spec.source.dataset}, ${spec.transfer.id}`;
