import type { Tensor, Variable } from "@tensorflow/tfjs";
import type { ParamSpec, ParamsOf } from "#shared/units/params.ts";
import type { Unit } from "#shared/units/unit.ts";
import type { LifSpec } from "#main/tensor/ops.ts";

/** A recipe for a network. */
export interface Model<S extends ParamSpec = ParamSpec> extends Unit<S> {
  /** What it wants to be fed: side of the square input and time steps of the preset. */
  input(params: ParamsOf<S>): { readonly size: number; readonly steps: number };
  build(params: ParamsOf<S>, parts: ModelParts): Network;
}

export interface ModelParts {
  /** Time steps, height, width, channels. */
  readonly input: readonly [steps: number, height: number, width: number, channels: number];
  readonly classes: number;
  readonly neuron: LifSpec;
  /** Heads to make; the first is the one kept for use. */
  readonly heads: readonly string[];
  /**
   * Heads that get an input layer of their own, which takes this many channels, and share the read-out of the first
   * head (R2ETL). What belongs to the first head keeps its plain name, so that the network can be built without them.
   */
  readonly ownInput?: Readonly<Record<string, number>>;
  /** Uniform numbers in [0, 1), seeded, for the initial weights. */
  readonly random: () => number;
  /** The same for what is drawn during training (dropout). */
  readonly noise: () => number;
}

/** Output of one pass. Everything is folded `[T·N, …]`, T slowest. */
export interface NetworkOutput {
  /** `[T·N, classes]` */
  readonly logits: Tensor;
  /** Alignment feature `[T·N, D]`, when asked for. */
  readonly features?: Tensor;
  /** Spikes of each spiking layer, by name, when asked for. */
  readonly spikes?: Readonly<Record<string, Tensor>>;
  /** What the input layer puts out, when asked for. */
  readonly encoder?: Tensor;
}

export interface PassOptions {
  readonly head: string;
  /** Training uses and updates batch statistics. */
  readonly training: boolean;
  /** Also hand out the alignment feature (default) … */
  readonly features?: boolean;
  /** … and the spikes of every layer (not by default) … */
  readonly spikes?: boolean;
  /** … and what the input layer puts out (not by default). */
  readonly encoder?: boolean;
}

/** A built network with its weights. */
export interface Network {
  /** Everything that is saved, by name: trainable weights and running averages. */
  readonly weights: Readonly<Record<string, Variable>>;
  /** Names of the weights an optimiser may change. */
  readonly trainable: readonly string[];
  /** Multiply-accumulates of one time step of one sample, by layer, for energy estimates. */
  readonly macs: Readonly<Record<string, number>>;
  /** Which spiking layer's output a layer of `macs` reads; `null` where it reads numbers. Left out: the layer before it, the first one numbers. */
  readonly reads?: Readonly<Record<string, string | null>>;
  /** Shape of what each spiking layer puts out for one time step of one sample, first to last. */
  readonly shapes: Readonly<Record<string, readonly number[]>>;
  forward(x: Tensor, options: PassOptions): NetworkOutput;
  dispose(): void;
}
