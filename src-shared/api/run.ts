import type { UnitRef } from "../units/unit.ts";
import type { AppErrorData } from "./errors.ts";
import type { FoundSample } from "./stream-api.ts";

/** How samples are dealt out. Fractions are of the labelled samples; `by` keeps everything of one subject on one side. */
export interface SplitSpec {
  readonly test: number;
  readonly validation: number;
  /**
   * "layout": use the parts the data set itself declares (Train/Test). "number": the first ones of the training part, in the
   * order of their numbers, train; all others test. Both ignore the test fraction.
   */
  readonly by: "sample" | "subject" | "layout" | "number";
  /** How many may train when split by number. */
  readonly first?: number;
  /** What chooses the epoch that is kept; the validation clips when absent. */
  readonly select?: "validation" | "test";
}

/** How much of the training part may be learned from. Absent fields: everything. */
export interface LabelsSpec {
  readonly perClass: number;
  /** Of each class' clips, and of its pictures. */
  readonly share?: number;
  readonly pictures?: number;
  /** Seeded at random, or the first ones by number or name. */
  readonly choose?: "random" | "first";
  /** Names of classes that are left out, with commas between them. */
  readonly without?: string;
}

/** Everything needed to repeat a run; saved as run.json. `parseRunSpec` fills the defaults. */
export interface RunSpec {
  readonly name?: string;
  readonly dataset: { readonly name: string; readonly fingerprint?: string };
  /** What knowledge is transferred from: an image data set, or a trained model (fine-tuning). */
  readonly source?: {
    readonly dataset?: string;
    readonly model?: string;
    /** Pictures that held-out recordings were filmed from are left out, also when absent, or kept. */
    readonly originals?: "left-out" | "kept";
  };
  readonly split: SplitSpec;
  /** Labelled training clips per class (seeded, random); 0 = all. */
  readonly labels: LabelsSpec;
  readonly filters: readonly UnitRef[];
  readonly representation: UnitRef;
  readonly model: UnitRef;
  readonly neuron: UnitRef;
  readonly surrogate: UnitRef;
  readonly transfer: UnitRef;
  /** Variations of training clips, in this order; absent in runs of versions that had none. */
  readonly augmentations?: readonly UnitRef[];
  readonly optimizer: UnitRef;
  readonly backend: string;
  readonly epochs: number;
  readonly batchSize: number;
  /** Every clip once a pass, also when absent, or every class equally often. */
  readonly sampling?: "shuffled" | "balanced";
  readonly seed: number;
  /** Also train the same network from scratch first, for comparison. */
  readonly control: boolean;
}

/** A run file as people write it: everything but the data set may be left out. */
export type RunSpecInput = { readonly dataset: { readonly name: string } } & {
  readonly [K in Exclude<keyof RunSpec, "dataset">]?: unknown;
};

export type RunState = "queued" | "running" | "done" | "stopped" | "failed";

/** Numbers of one epoch. Accuracies are fractions of 1. */
export interface EpochMetrics {
  readonly trainLoss: number;
  readonly trainAccuracy: number;
  readonly validationLoss?: number;
  readonly validationAccuracy?: number;
  /** Mean replaced fraction, alignment coefficients, CKA, … as the transfer reports them. */
  readonly [name: string]: number | undefined;
}

/** A measure of alignment as published, and without the bias of few samples. */
export type Estimates<T> = { readonly biased: T; readonly debiased: T };

/** What two streams were compared by: so many clips of a part, each with a picture of its class. */
export interface Compared {
  readonly part: "test" | "validation" | "training";
  readonly pairs: number;
  readonly layers: readonly string[];
}

/** How alike pictures and clips are in each layer: linear CKA of spikes summed over time. */
export interface LayerAlignment extends Compared, Estimates<readonly number[]> {}

/** The two streams of a trained network, layer against layer and step by step: linear CKA. */
export interface AlignmentMap extends Compared {
  /** Rows layers that are shown pictures, columns layers that are shown clips; spikes summed over time. */
  readonly between: Estimates<readonly (readonly number[])[]>;
  /** Rows layers, columns time steps: the same layer in both streams. */
  readonly bySteps: Estimates<readonly (readonly number[])[]>;
}

export type RunEvent =
  | {
      readonly kind: "state";
      readonly state: RunState;
      readonly at?: number;
      readonly run?: string;
      readonly model?: string;
      readonly metrics?: Readonly<Record<string, number>>;
      readonly error?: AppErrorData;
    }
  /** Which backend computes, on what, and why it was chosen. */
  | { readonly kind: "backend"; readonly id: string; readonly device: string; readonly reason: string }
  | {
      readonly kind: "phase";
      readonly phase: "loading" | "control" | "pretraining" | "training" | "testing";
      readonly detail?: string;
    }
  | {
      readonly kind: "data";
      readonly train: number;
      readonly validation: number;
      readonly test: number;
      readonly source: number;
      readonly excludedSource: number;
      readonly warnings: readonly string[];
    }
  | {
      readonly kind: "step";
      readonly phase: "control" | "pretraining" | "training";
      readonly epoch: number;
      readonly step: number;
      readonly steps: number;
      readonly loss: number;
      readonly samplesPerSecond: number;
    }
  | {
      readonly kind: "epoch";
      readonly phase: "control" | "pretraining" | "training";
      readonly epoch: number;
      readonly epochs: number;
      readonly metrics: EpochMetrics;
      readonly secondsLeft: number;
      readonly confusion?: readonly (readonly number[])[];
      readonly spikeRates?: Readonly<Record<string, number>>;
      /** Where pictures are there to compare with, on the clips that judge the epoch. */
      readonly alignment?: LayerAlignment;
    }
  /** At the end: pictures and clips in the trained network. */
  | { readonly kind: "alignment"; readonly phase: "control" | "training"; readonly map: AlignmentMap }
  | { readonly kind: "checkpoint"; readonly epoch: number; readonly path: string; readonly best: boolean }
  | { readonly kind: "log"; readonly level: "info" | "warning"; readonly message: string };

/** A run as a list shows it. */
export interface RunInfo {
  readonly id: string;
  readonly name: string;
  readonly state: RunState;
  readonly createdAt: number;
  readonly epoch: number;
  readonly epochs: number;
  readonly bestAccuracy?: number;
  readonly testAccuracy?: number;
  readonly controlAccuracy?: number;
  readonly model?: string;
  readonly resumable: boolean;
  /** Class names in the order of the confusion matrix, from the run's frozen lists. */
  readonly classes: readonly string[];
  readonly spec: RunSpec;
}

/** A sample made absolute. */
export interface JobSample extends Omit<FoundSample, "path"> {
  /** Stable name of the sample, used in splits and reports. */
  readonly id: string;
  readonly path: string;
  /** Position in `classes`. */
  readonly classIndex: number;
}

/** What the compute worker gets: the spec and the frozen lists, all decided before anything is computed. */
export interface TrainJob {
  readonly runId: string;
  readonly runDir: string;
  readonly modelDir: string;
  readonly spec: RunSpec;
  readonly classes: readonly string[];
  readonly train: readonly JobSample[];
  readonly validation: readonly JobSample[];
  readonly test: readonly JobSample[];
  /** Static pool: pictures that are no original of a test or validation recording. */
  readonly source: readonly JobSample[];
  readonly excludedSource: number;
  /** The recordings were made by a program and not by a camera; the model says so too. */
  readonly generated?: boolean;
  readonly warnings: readonly string[];
  /** Where decoded and represented samples may be kept between runs. */
  readonly cacheDir: string;
  /** Weights to start from (fine-tuning a trained model), a model folder. */
  readonly initialModelDir?: string;
  readonly resume: boolean;
}

/** A trained model as `model.json` describes it. The folder also holds the weights. */
export interface ModelManifest {
  readonly schema: 1;
  readonly id: string;
  readonly name: string;
  readonly createdAt: number;
  readonly run: string;
  readonly classes: readonly string[];
  readonly spec: RunSpec;
  /** Span of the clips it was trained on (median, µs): the natural window for live use. */
  readonly windowUs: number;
  readonly sensor: { readonly width: number; readonly height: number };
  readonly parameters: number;
  readonly metrics: Readonly<Record<string, number>>;
  /** Ids of the samples it has been trained on and of those held out, so that evaluation can be honest. */
  readonly split: { readonly train: readonly string[]; readonly validation: readonly string[]; readonly test: readonly string[] };
  readonly weights: {
    readonly file: string;
    readonly tensors: readonly { readonly name: string; readonly shape: readonly number[]; readonly offset: number }[];
  };
  /** Made by a generator of ours and not by a camera. */
  readonly generated?: boolean;
  /** The same network from scratch, on the same test clips. Absent fields: made by an earlier version. */
  readonly control?: {
    readonly testAccuracy: number;
    readonly perClass: readonly number[];
    readonly samples?: number;
    readonly accuracyByStep?: readonly number[];
    readonly spikesPerDecision?: number;
    readonly energyMicrojoule?: number;
  };
}

export interface Evaluation {
  readonly model: string;
  readonly dataset: string;
  readonly accuracy: number;
  readonly samples: number;
  readonly classes: readonly string[];
  readonly perClass: readonly { readonly label: string; readonly samples: number; readonly accuracy: number }[];
  /** Rows true, columns predicted, counts. */
  readonly confusion: readonly (readonly number[])[];
  /** One row a sample, so that a cell opens its clips. */
  readonly answers: readonly {
    readonly sample: string;
    readonly truth: number;
    readonly answer: number;
    readonly score: number;
  }[];
  /** Accuracy after the first k of T time steps. */
  readonly accuracyByStep: readonly number[];
  /** Spikes of all neurons over all steps. */
  readonly spikesPerDecision: number;
  /** Accumulations caused by spikes. */
  readonly synapticOperations: number;
  /** Estimate by the constants of energy.ts. */
  readonly energyMicrojoule: number;
  readonly latencyMs: number;
  /* What follows is absent in reports of earlier versions. */
  /** Multiply-accumulations of layers that read numbers. */
  readonly inputOperations?: number;
  /** Multiply-accumulations of the same network without spikes, over the same steps. */
  readonly denseOperations?: number;
  /** Spikes per neuron and step, by layer. */
  readonly spikeRates?: Readonly<Record<string, number>>;
  readonly neurons?: number;
  /** Median span of the clips, µs. */
  readonly windowUs?: number;
  /** Pictures against clips, measured at the end of training; later evaluations keep it. */
  readonly alignment?: AlignmentMap;
}

/** What a run will cost, from two real batches. */
export interface TrainEstimate {
  readonly backend: string;
  readonly device: string;
  readonly reason: string;
  readonly seconds: number;
  readonly controlSeconds: number;
  readonly memoryBytes: number;
  /** What is free for the process. */
  readonly memoryLimitBytes?: number;
  /** The part that has to fit where tensors are computed, and what there is, where that is known. */
  readonly deviceBytes?: number;
  readonly deviceLimitBytes?: number;
  readonly parameters: number;
  readonly stepMs: number;
  readonly warnings: readonly string[];
}
