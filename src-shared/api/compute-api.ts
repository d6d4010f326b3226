import type { Catalog } from "../units/unit.ts";
import type { Evaluation, JobSample, ModelManifest, RunEvent, TrainEstimate, TrainJob } from "./run.ts";

/** What a backend says of itself on this machine. */
export interface BackendReport {
  readonly id: string;
  readonly label: string;
  readonly ok: boolean;
  readonly device?: string;
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

/** The compute worker: exactly one, a real Node process in every host; TensorFlow.js lives there. */
export interface ComputeApi extends InferenceApi {
  hello(): Promise<{ readonly node: string; readonly pid: number }>;
  catalog(): Promise<Pick<Catalog, "neurons" | "surrogates" | "models" | "transfers" | "augmentations" | "backends">>;
  /** Every backend, probed for real, best first. */
  probe(): Promise<readonly BackendReport[]>;
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
