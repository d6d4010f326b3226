import type { Catalog } from "../units/unit.ts";
import type { Evaluation, JobSample, ModelManifest, RunEvent, TrainEstimate, TrainJob } from "./run.ts";

/** What a backend says of itself on this machine. */
export interface BackendReport {
  readonly id: string;
  readonly label: string;
  readonly ok: boolean;
  readonly device?: string;
  /** There when the device is worse than usual: a GPU played by the CPU. */
  readonly rank?: number;
  readonly reason?: string;
  readonly remedy?: string;
}

/** Answer to one window. */
export interface WindowAnswer {
  /** Softmax of the mean logits, class order. */
  readonly scores: readonly number[];
  readonly waitMs: number;
  readonly computeMs: number;
  readonly spikeRates: Readonly<Record<string, number>>;
}

/** What the compute worker offers on its private line to stream workers. */
export interface InferenceApi {
  /**
   * @param window dense input `[T, H, W, 2]` of the model's representation (channel 0 OFF, 1 ON).
   * @throws AppError `not-found` for a session that is not loaded.
   */
  predict(session: string, window: Float32Array): Promise<WindowAnswer>;
}

/** A network to time: blocks of convolution, batch norm, neuron and pooling, then one linear layer. */
export interface BenchNetwork {
  readonly steps: number;
  readonly batch: number;
  /** Height and width of the input. */
  readonly size: number;
  /** Input channels, then those of each block. */
  readonly channels: readonly number[];
  readonly classes: number;
  /** Statistics of batch norm per time step; else once over all. */
  readonly perStep: boolean;
}

/** About 1.1 GFLOP per step: what all training figures of this project refer to. */
const probeNetwork: BenchNetwork = { steps: 4, batch: 8, size: 48, channels: [2, 16, 32, 64], classes: 10, perStep: false };

/** The networks that training is timed with, a narrow one and a wide one. */
export const benchNetworks = {
  probe: probeNetwork,
  wide: { ...probeNetwork, batch: 2, channels: [2, 64, 128, 256] },
} as const satisfies Readonly<Record<string, BenchNetwork>>;

/** What a training holds after so many steps. */
export interface MemoryAfter {
  readonly step: number;
  /** Tensors alive and the bytes they stand for. */
  readonly tensors: number;
  readonly bytes: number;
  /** What lies below them: the heap of WebAssembly, which never shrinks, or all GPU buffers; else the bytes again. */
  readonly heapBytes: number;
  /** GPU buffers, those waiting to be used again included; 0 elsewhere. */
  readonly buffers: number;
}

/** Training steps on one backend. */
export interface TrainBench {
  readonly backend: string;
  readonly device: string;
  readonly steps: number;
  readonly medianMs: number;
  readonly fastestMs: number;
  /** CPU time per step of the whole process: what a busy machine cannot stretch. */
  readonly cpuMs: number;
  readonly loss: number;
  /** After the third step, the hundredth, the thousandth and the last, as far as they were reached. */
  readonly memory: readonly MemoryAfter[];
}

/** The compute worker: exactly one, a real Node process in every host; TensorFlow.js lives there. */
export interface ComputeApi extends InferenceApi {
  hello(): Promise<{ readonly node: string; readonly pid: number }>;
  catalog(): Promise<Pick<Catalog, "neurons" | "surrogates" | "models" | "transfers" | "augmentations" | "backends">>;
  /** Every backend, probed for real, best first. */
  probe(): Promise<readonly BackendReport[]>;
  /** Times steps of a network made for it, after three to warm up; a process of its own makes the figures comparable. */
  benchTrain(backend: string, network: BenchNetwork, steps: number): Promise<TrainBench>;
  /** Two real batches of the job, nothing written. */
  estimate(job: TrainJob): Promise<TrainEstimate>;
  /** Carries out a run. Writes checkpoints and the model folder; the engine writes events.jsonl. Aborting keeps the best. */
  train(job: TrainJob): AsyncIterable<RunEvent>;
  /** Ends the running training after the current step and keeps the best checkpoint as the model. */
  stop(): Promise<void>;
  evaluate(modelDir: string, dataset: string, samples: readonly JobSample[], backend: string): Promise<Evaluation>;
  /** Loads a model for inference; the answer is the session's key and the input it wants. */
  load(
    modelDir: string,
    backend: string,
  ): Promise<{
    readonly session: string;
    readonly manifest: ModelManifest;
    readonly input: readonly number[];
    readonly device: string;
  }>;
  unload(session: string): Promise<void>;
  /** Opens the private line for stream workers: a local socket with a token of 32 random bytes (hex). */
  listen(): Promise<{ readonly path: string; readonly token: string }>;
}
