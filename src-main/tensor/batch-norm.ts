import type { Tensor, Variable } from "@tensorflow/tfjs";
import { AppError } from "#shared/api/errors.ts";
import { offeredInPlace, type RunningUpdate } from "./in-place.ts";
import { input, registerOperation, runMany } from "./kernel.ts";
import type { BatchNormState } from "./ops.ts";
import { tf } from "./tf.ts";

/** How one call normalizes. */
export interface BatchNormOptions {
  /** Training normalizes with the batch's own statistics and moves the running averages; otherwise those are used. */
  readonly training: boolean;
  /** Weight of the new batch in the running averages (PyTorch's convention; 0.1 in both published methods). */
  readonly momentum: number;
  readonly epsilon: number;
  /** Statistics per time step, running averages moved once per step in order; else once over the folded sequence. */
  readonly perStep: boolean;
  /** Factor on the normalized value: α·V_th for tdBN (Zheng et al., AAAI 2021), else 1. */
  readonly scale?: number;
}

/** What the normalizing kernels are told: the rows fall into this many equal groups with statistics of their own. */
export interface BatchNormAttrs {
  readonly groups: number;
  readonly epsilon: number;
  readonly scale: number;
}

/**
 * Kernel names. `BatchNormTrain`: `x`, `gamma`, `beta` → `y` and `stats` `[2, groups, C]` (mean, biased variance).
 * `BatchNormTrainGrad`: `x`, `dy`, `gamma`, `stats` → `dx`, `dgamma`, `dbeta`.
 */
export const batchNormKernel = "BatchNormTrain";
export const batchNormGradKernel = "BatchNormTrainGrad";

const channelsOf = (x: Tensor): number => x.shape[x.rank - 1] ?? 1;

/** Mean and variance as `[groups, 1, C]`, for x as `[groups, rows, C]`. */
function splitStats(stats: Tensor, groups: number, channels: number): [mean: Tensor, variance: Tensor] {
  const [mean, variance] = tf.split(stats, 2, 0);
  return [tf.reshape(mean!, [groups, 1, channels]), tf.reshape(variance!, [groups, 1, channels])];
}

registerOperation({
  name: batchNormKernel,
  composed: (inputs, raw) => {
    const { groups, epsilon, scale } = raw as unknown as BatchNormAttrs;
    const x = input(inputs, "x");
    const channels = channelsOf(x);
    const rows = tf.reshape(x, [groups, -1, channels]);
    const mean = tf.mean(rows, 1, true);
    const centered = tf.sub(rows, mean);
    const variance = tf.mean(tf.square(centered), 1, true);
    const factor = tf.div(tf.mul(input(inputs, "gamma"), scale), tf.sqrt(tf.add(variance, epsilon)));
    const y = tf.add(tf.mul(centered, factor), input(inputs, "beta"));
    const stats = tf.reshape(tf.concat([mean, variance], 0), [2, groups, channels]);
    return [tf.reshape(y, x.shape), stats];
  },
  gradient: {
    inputsToSave: ["x", "gamma"],
    outputsToSave: [false, true],
    gradient: ([dy], [x, gamma, stats], attrs) => {
      // At once: each function below runs in a tidy of its own, which would free the other results.
      const [dx, dgamma, dbeta] = runMany(batchNormGradKernel, { x: x!, dy: dy!, gamma: gamma!, stats: stats! }, attrs);
      return { x: () => dx!, gamma: () => dgamma!, beta: () => dbeta! };
    },
  },
});

/*
 * With x̂ = (x − µ)/√(σ² + ε) and k = γ·scale/√(σ² + ε), over the n rows of a group:
 *   dx = k · (dy − mean(dy) − x̂ · mean(dy · x̂)),  dγ = scale · Σ dy · x̂,  dβ = Σ dy
 * (Ioffe & Szegedy, "Batch Normalization", ICML 2015).
 */
registerOperation({
  name: batchNormGradKernel,
  composed: (inputs, raw) => {
    const { groups, epsilon, scale } = raw as unknown as BatchNormAttrs;
    const x = input(inputs, "x");
    const channels = channelsOf(x);
    const shape = [groups, -1, channels];
    const [mean, variance] = splitStats(input(inputs, "stats"), groups, channels);
    const inverse = tf.rsqrt(tf.add(variance, epsilon));
    const normal = tf.mul(tf.sub(tf.reshape(x, shape), mean), inverse);
    const dy = tf.reshape(input(inputs, "dy"), shape);
    const weighted = tf.mul(dy, normal);
    const inner = tf.sub(dy, tf.add(tf.mean(dy, 1, true), tf.mul(normal, tf.mean(weighted, 1, true))));
    const dx = tf.mul(inner, tf.mul(tf.mul(input(inputs, "gamma"), scale), inverse));
    return [tf.reshape(dx, x.shape), tf.mul(tf.sum(weighted, [0, 1]), scale), tf.sum(dy, [0, 1])];
  },
});

/** r ← (1 − m)·r + m·batch for every group in order, in one expression; the variance as the unbiased one of n rows. */
function moveRunning({ groups, rows, momentum }: RunningUpdate, mean: Variable, variance: Variable, stats: Tensor): void {
  tf.tidy(() => {
    const channels = channelsOf(stats);
    const old = Math.pow(1 - momentum, groups);
    const weights = Array.from({ length: groups }, (_, g) => momentum * Math.pow(1 - momentum, groups - 1 - g));
    const [means, variances] = tf.split(tf.reshape(stats, [2 * groups, channels]), 2, 0);
    const mix = tf.tensor2d(weights, [1, groups]);
    const unbiased = rows / Math.max(1, rows - 1);
    const blend = (running: Tensor, batch: Tensor, factor: number): Tensor =>
      tf.add(tf.mul(running, old), tf.mul(tf.reshape(tf.matMul(mix, batch), [channels]), factor));
    mean.assign(blend(mean, means!, 1));
    variance.assign(blend(variance, variances!, unbiased));
  });
}

/** Into how many groups the rows fall. @throws AppError `bad-argument` when they cannot. */
export function groupsOf(x: Tensor, steps: number, perStep: boolean): number {
  const groups = perStep ? steps : 1;
  const rows = x.size / channelsOf(x) / groups;
  if (Number.isInteger(rows) && rows >= 1) return groups;
  throw new AppError("bad-argument", `Batch norm cannot cut a tensor of shape [${x.shape.join(", ")}] into ${steps} time steps`, {
    hint: "The first dimension must be time steps × batch size.",
  });
}

/** Moves the running averages by the statistics `[2, groups, C]` of x. */
export function updateRunning(state: BatchNormState, x: Tensor, stats: Tensor, groups: number, momentum: number): void {
  const rows = x.size / channelsOf(x) / groups;
  (offeredInPlace()?.running ?? moveRunning)({ groups, rows, momentum }, state.mean, state.variance, stats);
}

/** Batch norm over the last axis of a folded sequence `[T·N, …, C]`. */
export function batchNorm(x: Tensor, steps: number, state: BatchNormState, options: BatchNormOptions): Tensor {
  const { training, momentum, epsilon, perStep, scale = 1 } = options;
  const { gamma, beta } = state;
  if (!training) {
    const factor = tf.div(tf.mul(gamma, scale), tf.sqrt(tf.add(state.variance, epsilon)));
    return tf.add(tf.mul(x, factor), tf.sub(beta, tf.mul(state.mean, factor)));
  }
  const groups = groupsOf(x, steps, perStep);
  const attrs: BatchNormAttrs = { groups, epsilon, scale };
  const [y, stats] = runMany(batchNormKernel, { x, gamma, beta }, attrs);
  updateRunning(state, x, stats!, groups, momentum);
  return y!;
}
