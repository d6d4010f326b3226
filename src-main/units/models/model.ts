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
  /** Uniform numbers in [0, 1), seeded, for the initial weights. */
  readonly random: () => number;
}

/** Output of one pass. Everything is folded `[T·N, …]`, T slowest. */
export interface NetworkOutput {
  /** `[T·N, classes]` */
  readonly logits: Tensor;
  /** Alignment feature `[T·N, D]`, when asked for. */
  readonly features?: Tensor;
  /** Spikes of each spiking layer, by name, when asked for. */
  readonly spikes?: Readonly<Record<string, Tensor>>;
}

export interface PassOptions {
  readonly head: string;
  /** Training uses and updates batch statistics. */
  readonly training: boolean;
  /** Also hand out the alignment feature (default) … */
  readonly features?: boolean;
  /** … and the spikes of every layer (not by default). */
  readonly spikes?: boolean;
}

/** A built network with its weights. */
export interface Network {
  /** Everything that is saved, by name: trainable weights and running averages. */
  readonly weights: Readonly<Record<string, Variable>>;
  /** Names of the weights an optimiser may change. */
  readonly trainable: readonly string[];
  /** Multiply-accumulates of one time step of one sample, by layer, for energy estimates. */
  readonly macs: Readonly<Record<string, number>>;
  forward(x: Tensor, options: PassOptions): NetworkOutput;
  dispose(): void;
}
