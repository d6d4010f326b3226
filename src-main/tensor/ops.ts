import type { Tensor, Variable } from "@tensorflow/tfjs";

/*
 * The few operations that decide how fast a spiking network trains. Sequences are folded: `[T·N, …]` with T
 * slowest, so that stateless layers see one large batch and only the neuron and per-step statistics know T.
 * Each operation has a composed form that runs on every backend and fused kernels where there are some; callers
 * cannot tell.
 */

/** Pretend gradients of the spike, by the id of their unit. Forward is always the strict step. */
export type SurrogateKind = "quadratic-gate" | "unit-box" | "triangle" | "gate" | "arctan" | "sigmoid";

/** The constants of a leaky integrate-and-fire neuron, both published forms; see units/neurons. */
export interface LifSpec {
  /** v_pre[t] = keep · v[t-1] + gain · x[t] */
  readonly keep: number;
  readonly gain: number;
  readonly threshold: number;
  /** Whether the reset factor (1 − s) carries gradient. */
  readonly detachReset: boolean;
  /** Which potential is recorded: after the reset (neuron A) or before it (neuron B). */
  readonly potential: "post" | "pre";
  readonly surrogate: SurrogateKind;
  readonly alpha: number;
}

/** Spikes and membrane potentials, both shaped like the input. */
export interface LifOutput {
  readonly spikes: Tensor;
  readonly potential: Tensor;
}

/** Batch norm whose running averages live outside, so that a model can keep one set or one per stream. */
export interface BatchNormState {
  readonly gamma: Variable;
  readonly beta: Variable;
  readonly mean: Variable;
  readonly variance: Variable;
}
