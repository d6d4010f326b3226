import type { Scalar, Tensor, Variable } from "@tensorflow/tfjs";
import type { ParamSpec, ParamsOf } from "#shared/units/params.ts";
import type { Unit } from "#shared/units/unit.ts";
import type { Network } from "#main/units/models/model.ts";

/** How knowledge moves from pictures to events. It answers: what may change, what is shown, what is wanted. */
export interface Transfer<S extends ParamSpec = ParamSpec> extends Unit<S> {
  /** Whether it cannot do without a source of pictures (or a trained model). */
  readonly needsSource: boolean;
  /** Heads the network must have; the first is kept for use. */
  readonly heads: readonly string[];
  plan(params: ParamsOf<S>, context: TransferContext): TrainingPlan;
}

export interface TransferContext {
  readonly network: Network;
  readonly classes: number;
  readonly steps: number;
  readonly epochs: number;
  /** Batches of one epoch over the training clips. */
  readonly stepsPerEpoch: number;
  readonly threshold: number;
  /** A seeded generator of uniform numbers in [0, 1) for this purpose; each purpose has its own. */
  random(purpose: "replacement" | "pairing" | "augmentation" | "initialisation"): () => number;
}

/** One batch. Sequences are folded `[T·N, H, W, 2]`, T slowest. */
export interface TrainBatch {
  readonly events: Tensor;
  /** Same-class pictures expanded to sequences; row i is the partner of event row i. Absent without a source. */
  readonly pictures?: Tensor;
  /** `[N]` int32 */
  readonly labels: Tensor;
  readonly size: number;
}

/** A part of a training with its own data: pictures first, then events, say. */
export interface TrainPhase {
  readonly name: "pretraining" | "training";
  readonly epochs: number;
  readonly shows: "events" | "pictures" | "pairs";
}

export interface TrainingPlan {
  readonly phases: readonly TrainPhase[];
  /** Variables of the plan itself (alignment coefficients); saved with checkpoints, trained without decay. */
  readonly variables: Readonly<Record<string, Variable>>;
  /** Called at the start of each phase (fresh heads and the like). */
  enter(phase: TrainPhase): void;
  /** The scalar to minimise. Called inside the gradient tape. */
  loss(
    batch: TrainBatch,
    at: { readonly phase: TrainPhase; readonly iteration: number; readonly iterations: number },
  ): { readonly loss: Scalar; readonly logits: Tensor };
  /** Numbers worth plotting since the last call (mean replaced fraction, coefficients, CKA). Read once an epoch. */
  report(): Promise<Readonly<Record<string, number>>>;
}
