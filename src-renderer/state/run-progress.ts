import type { AlignmentMap, EpochMetrics, LayerAlignment, RunEvent, RunState } from "#shared/api/run.ts";
import type { AppErrorData } from "#shared/api/errors.ts";

export type TrainingPhase = "control" | "pretraining" | "training";

/** One epoch as a page shows it. */
export interface EpochPoint {
  readonly phase: TrainingPhase;
  readonly epoch: number;
  readonly metrics: EpochMetrics;
  readonly confusion?: readonly (readonly number[])[];
  readonly spikeRates?: Readonly<Record<string, number>>;
  readonly alignment?: LayerAlignment;
}

/** Everything a page knows of a run, folded from its events. */
export interface RunProgress {
  readonly state: RunState;
  readonly phase: "waiting" | "loading" | "testing" | TrainingPhase;
  readonly phaseDetail: string | undefined;
  readonly backend: { readonly id: string; readonly device: string; readonly reason: string } | undefined;
  readonly data: Extract<RunEvent, { kind: "data" }> | undefined;
  readonly points: readonly EpochPoint[];
  readonly epochs: number;
  readonly step: Extract<RunEvent, { kind: "step" }> | undefined;
  readonly secondsLeft: number | undefined;
  readonly samplesPerSecond: number | undefined;
  readonly log: readonly string[];
  readonly metrics: Readonly<Record<string, number>>;
  readonly model: string | undefined;
  /** How alike pictures and clips are in the trained networks. */
  readonly alignment: { readonly run?: AlignmentMap; readonly control?: AlignmentMap };
  readonly error: AppErrorData | undefined;
}

export const emptyProgress: RunProgress = {
  state: "queued",
  phase: "waiting",
  phaseDetail: undefined,
  backend: undefined,
  data: undefined,
  points: [],
  epochs: 0,
  step: undefined,
  secondsLeft: undefined,
  samplesPerSecond: undefined,
  log: [],
  metrics: {},
  model: undefined,
  alignment: {},
  error: undefined,
};

const percent = (fraction: number | undefined): string => (fraction === undefined ? "–" : `${(100 * fraction).toFixed(1)} %`);

/** The accuracy of an epoch that stands for it: on validation where there is one, else on the training clips. */
export const accuracyOf = (metrics: EpochMetrics): number => metrics.validationAccuracy ?? metrics.trainAccuracy;

/** A resumed run writes an epoch again: the newer one counts. */
function withPoint(points: readonly EpochPoint[], point: EpochPoint): readonly EpochPoint[] {
  return [...points.filter((old) => old.phase !== point.phase || old.epoch < point.epoch), point];
}

/** The progress after one more event. */
export function advance(progress: RunProgress, event: RunEvent): RunProgress {
  switch (event.kind) {
    case "state":
      return {
        ...progress,
        state: event.state,
        metrics: event.metrics ?? progress.metrics,
        model: event.model ?? progress.model,
        error: event.error,
        secondsLeft: event.state === "running" ? progress.secondsLeft : undefined,
        log: event.error === undefined ? progress.log : [...progress.log, event.error.message],
      };
    case "backend":
      return {
        ...progress,
        backend: { id: event.id, device: event.device, reason: event.reason },
        log: [...progress.log, `${event.device}: ${event.reason}`],
      };
    case "phase":
      return { ...progress, phase: event.phase, phaseDetail: event.detail };
    case "data":
      return { ...progress, data: event, log: [...progress.log, ...event.warnings] };
    case "step":
      return { ...progress, phase: event.phase, step: event, samplesPerSecond: event.samplesPerSecond };
    case "epoch": {
      const { phase, epoch, metrics, confusion, spikeRates, alignment } = event;
      const point: EpochPoint = {
        ...{ phase, epoch, metrics },
        ...(confusion && { confusion }),
        ...(spikeRates && { spikeRates }),
        ...(alignment && { alignment }),
      };
      const words = `${phase === "control" ? "control " : ""}epoch ${epoch}  ${percent(accuracyOf(metrics))}  loss ${metrics.trainLoss.toFixed(3)}`;
      return {
        ...progress,
        phase,
        epochs: Math.max(progress.epochs, event.epochs),
        points: withPoint(progress.points, point),
        secondsLeft: event.secondsLeft,
        log: [...progress.log, words],
      };
    }
    case "checkpoint":
      return event.best ? { ...progress, log: [...progress.log, `epoch ${event.epoch} kept as the best`] } : progress;
    case "alignment":
      return { ...progress, alignment: { ...progress.alignment, [event.phase === "control" ? "control" : "run"]: event.map } };
    case "log":
      return { ...progress, log: [...progress.log, event.message] };
  }
}

/** Epochs of the run proper (pre-training and training in a row) or of its control. */
export const pointsOf = (progress: RunProgress, of: "run" | "control"): readonly EpochPoint[] =>
  progress.points.filter((point) => (of === "control") === (point.phase === "control"));

/** The epoch with the highest accuracy, the earliest of equals. */
export function bestOf(points: readonly EpochPoint[]): EpochPoint | undefined {
  let best: EpochPoint | undefined;
  for (const point of points) {
    if (point.phase !== "pretraining" && (best === undefined || accuracyOf(point.metrics) > accuracyOf(best.metrics)))
      best = point;
  }
  return best;
}

/** Whether something is still going to happen by itself. */
export const isActive = (state: RunState): boolean => state === "queued" || state === "running";
