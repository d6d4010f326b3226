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
  /** Heads whose stream has an input layer of its own, with its channels, and shares the read-out of the first head. */
  readonly ownInput?: Readonly<Record<string, number>>;
  /** How pictures become input; absent when it shows none. */
  pictures?(params: ParamsOf<S>): PictureOptions;
  /** How training clips are varied. Applied to events in training only, never to pictures. */
  augmentation(params: ParamsOf<S>): Augmentation;
  plan(params: ParamsOf<S>, context: TransferContext): TrainingPlan;
}

/** A picture as network input: what its channels hold and where it lies in the frame. */
export interface PictureOptions {
  /** V = max(R,G,B)/255 in both channels; blue in both; red and green; or all three colours. */
  readonly channels: "value" | "blue" | "red-green" | "rgb";
  /** Border around the picture before it is resized, in its own pixels; `"auto"` centres a picture that is only a little smaller than the sensor. */
  readonly border: number | "auto";
  /** "matched": one factor for all pictures, so that their root mean square equals that of the training clips. */
  readonly scale: "matched" | "unit";
  /** Taken off each channel and divided by. */
  readonly normalize?: { readonly mean: readonly number[]; readonly deviation: readonly number[] };
  /** Mixes every colour with the edges of the picture, for random codes; three channels only. */
  readonly edges?: boolean;
  /** Random variation in training, anew whenever a picture is shown; absent in most methods. */
  readonly vary?: PictureVariation;
}

/** How pictures are varied. */
export interface PictureVariation {
  /** Largest shift along each axis, as a fraction of the input's side. */
  readonly shift: number;
  /** Probability of exchanging left and right. */
  readonly flip: number;
  /** What moves in, by channel: black as the pictures are normalised. */
  readonly fill: readonly number[];
}

/** The random shift of training clips that every transfer has; more is in units/augmentations. */
export interface Augmentation {
  /** Largest shift along each axis, as a fraction of the input's side; one offset for all steps of a sequence, zeros move in. */
  readonly shift: number;
}

export interface TransferContext {
  readonly network: Network;
  readonly classes: number;
  readonly steps: number;
  readonly epochs: number;
  readonly threshold: number;
  /** True when the network starts from a trained model and not from random weights. */
  readonly fromModel: boolean;
  /** A seeded generator of uniform numbers in [0, 1) for this purpose; each purpose has its own. */
  readonly random: (
    purpose: "replacement" | "pairing" | "augmentation" | "initialisation" | "coding" | "semantic",
  ) => () => number;
}

/** A batch in host memory, before it is uploaded. Sequences are `[T, N, H, W, C]`, T slowest. */
export interface HostBatch {
  readonly events?: Float32Array;
  /** Same-class pictures repeated over time; row n is the partner of event row n. */
  readonly pictures?: Float32Array;
  readonly labels: Int32Array;
  /** Where augmentation has mixed clips: shares of the classes `[N, C]` of what each stream shows. */
  readonly targets?: Targets<Float32Array>;
  readonly steps: number;
  readonly size: number;
}

/** What the two streams of a batch show. */
export interface Targets<T> {
  readonly events: T;
  readonly pictures: T;
}

/** What `prepare` tells the loss besides the batch. */
export interface BatchNotes<F = Float32Array, I = Int32Array> {
  /** `[T·N]`, T slowest: 1 where the picture stream shows an event frame, else 0. */
  readonly marks?: F;
  /** `[N]`: for each row another one of another class. */
  readonly others?: I;
}

/** One batch. Sequences are folded `[T·N, H, W, C]`, T slowest. */
export interface TrainBatch extends BatchNotes<Tensor, Tensor> {
  /** Absent in a phase that shows pictures alone. */
  readonly events?: Tensor;
  /** Same-class pictures expanded to sequences; row i is the partner of event row i. Absent without a source. */
  readonly pictures?: Tensor;
  /** `[N]` int32 */
  readonly labels: Tensor;
  /** Shares of the classes `[N, C]`, where augmentation has mixed clips. */
  readonly targets?: Targets<Tensor>;
  readonly size: number;
}

/** A part of a training with its own data: pictures first, then events, say. */
export interface TrainPhase {
  readonly name: "pretraining" | "training";
  readonly epochs: number;
  readonly shows: "events" | "pictures" | "pairs";
  /** Pairs: every clip with a picture drawn from its class (also when absent), or every picture with the clip that its place in the class decides. */
  readonly pairing?: "by-clip" | "by-picture";
  /** What an epoch passes over once: the clips (also when absent) or the pictures. */
  readonly sweeps?: "clips" | "pictures";
}

/** Where a training stands. Iterations and epochs count within the phase, from 0. */
export interface TrainPosition {
  readonly phase: TrainPhase;
  readonly epoch: number;
  readonly iteration: number;
  readonly iterations: number;
}

export interface TrainingPlan {
  readonly phases: readonly TrainPhase[];
  /** Variables of the plan itself (alignment coefficients, auxiliary read-outs); saved with checkpoints and trained; vectors do not decay. */
  readonly variables: Readonly<Record<string, Variable>>;
  /** Called at the start of each phase (fresh heads and the like). */
  enter(phase: TrainPhase): void;
  /** Changes a batch before it is uploaded: replaces pictures by recordings, mixes time steps. May note what it did for the loss. */
  prepare?(batch: HostBatch, at: TrainPosition): BatchNotes | undefined;
  /** The scalar to minimise. Called inside the gradient tape. */
  loss(batch: TrainBatch, at: TrainPosition): { readonly loss: Scalar; readonly logits: Tensor };
  /** Numbers worth plotting since the last call (mean replaced fraction, coefficients, CKA). Read once an epoch. */
  report(): Promise<Readonly<Record<string, number>>>;
}
