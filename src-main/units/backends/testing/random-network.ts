import type { Scalar, Tensor, Variable } from "@tensorflow/tfjs";
import { AdamW } from "#main/tensor/adam-w.ts";
import { batchNorm, type BatchNormOptions } from "#main/tensor/batch-norm.ts";
import { avgPool2, conv2d, linear } from "#main/tensor/layers.ts";
import { lif } from "#main/tensor/lif.ts";
import { normalizedLif } from "#main/tensor/normalized-lif.ts";
import type { BatchNormState, LifSpec } from "#main/tensor/ops.ts";
import { tf } from "#main/tensor/tf.ts";

/** A small network with every operation in it, of sizes that are awkward for blocked kernels. */
export interface RandomNetwork {
  readonly name: string;
  readonly steps: number;
  readonly batch: number;
  readonly height: number;
  readonly width: number;
  readonly channels: readonly [input: number, first: number, second: number];
  readonly kernel: number;
  readonly stride: number;
  readonly pad: number;
  readonly perStep: boolean;
  readonly neuron: LifSpec;
}

const neuronA: LifSpec = {
  keep: 0.5,
  gain: 0.5,
  threshold: 0.5,
  detachReset: true,
  potential: "post",
  surrogate: "quadratic-gate",
  alpha: 2,
};
const neuronB: LifSpec = {
  keep: 0.5,
  gain: 1,
  threshold: 1,
  detachReset: false,
  potential: "pre",
  surrogate: "triangle",
  alpha: 1,
};

const base = { steps: 4, batch: 3, height: 9, width: 8, kernel: 3, stride: 1, pad: 1, perStep: false, neuron: neuronA } as const;

/** Even and odd sizes, strides and channels; all surrogates; both neurons; both kinds of statistics. */
export const randomNetworks: readonly RandomNetwork[] = [
  { ...base, name: "plain", channels: [2, 16, 8] },
  { ...base, name: "neuron B, per-step statistics", channels: [2, 16, 8], neuron: neuronB, perStep: true },
  {
    ...base,
    name: "stride 2, odd channels, arctan",
    channels: [3, 5, 7],
    stride: 2,
    neuron: { ...neuronA, surrogate: "arctan" },
  },
  {
    ...base,
    name: "5×5 kernel, one input channel, sigmoid",
    channels: [1, 19, 21],
    kernel: 5,
    pad: 2,
    neuron: { ...neuronB, surrogate: "sigmoid", alpha: 1.5 },
  },
  { ...base, name: "1×1 kernel, gate", channels: [4, 9, 8], kernel: 1, pad: 0, neuron: { ...neuronA, surrogate: "gate" } },
  {
    ...base,
    name: "one step, one sample, even kernel, unit box",
    channels: [2, 6, 3],
    steps: 1,
    batch: 2,
    height: 7,
    width: 9,
    kernel: 2,
    stride: 2,
    neuron: { ...neuronA, surrogate: "unit-box" },
  },
];

/** Numbers in [−k, k) that are the same everywhere (Numerical Recipes' linear congruential generator). */
function numbers(count: number, seed: number, k = 1): Float32Array {
  let state = seed;
  return Float32Array.from({ length: count }, () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return (state / 2 ** 31 - 1) * k;
  });
}

const product = (sizes: readonly number[]): number => sizes.reduce((a, b) => a * b, 1);
const variable = (shape: number[], seed: number, k: number, offset = 0): Variable =>
  tf.tidy(() => tf.variable(tf.add(tf.tensor(numbers(product(shape), seed, k), shape), offset)));

function norm(channels: number, seed: number): BatchNormState {
  return tf.tidy(() => ({
    gamma: variable([channels], seed, 1, 1.5),
    beta: variable([channels], seed + 1, 0.3),
    mean: tf.variable(tf.zeros([channels]), false),
    variance: tf.variable(tf.ones([channels]), false),
  }));
}

/**
 * Loss, all gradients, running averages and weights after one update, by name.
 * @param fused whether batch norm and neuron are asked for as one operation.
 */
export async function oneStep(network: RandomNetwork, fused = false): Promise<Record<string, Float32Array>> {
  const { steps, batch, height, width, channels, kernel, stride, pad, perStep, neuron } = network;
  const [input, firstChannels, secondChannels] = channels;
  const frames = steps * batch;
  const norms = [norm(firstChannels, 5), norm(secondChannels, 7)] as const;
  const weights = {
    w1: variable([kernel, kernel, input, firstChannels], 1, 0.6),
    w2: variable([3, 3, firstChannels, secondChannels], 2, 0.3),
  };
  const x = tf.tensor(numbers(frames * height * width * input, 3, 1.5), [frames, height, width, input]);
  const options: BatchNormOptions = { training: true, momentum: 0.1, epsilon: 1e-5, perStep };
  const trained: Record<string, Variable> = {
    ...weights,
    gamma1: norms[0].gamma,
    beta1: norms[0].beta,
    gamma2: norms[1].gamma,
    beta2: norms[1].beta,
  };
  const loss = (): Scalar => {
    const first = conv2d(x, weights.w1, stride, pad);
    const normed = fused
      ? normalizedLif(first, steps, norms[0], options, neuron)
      : lif(batchNorm(first, steps, norms[0], options), steps, neuron);
    const hidden = avgPool2(normed.spikes);
    const second = conv2d(hidden, weights.w2, 1, 1);
    const last = fused
      ? normalizedLif(second, steps, norms[1], options, neuron)
      : lif(batchNorm(second, steps, norms[1], options), steps, neuron);
    const features = tf.reshape(last.spikes, [frames, -1]);
    const columns = features.shape[1] ?? 0;
    const head = tf.tensor2d(numbers(columns * 3, 9, 0.2), [columns, 3]);
    const logits = linear(features, head, tf.tensor1d([0.1, 0.2, 0.3]));
    return tf.add(tf.mean(tf.square(tf.sub(logits, 0.3))), tf.mul(0.1, tf.mean(tf.square(last.potential))));
  };
  const { value, grads } = tf.variableGrads(loss, Object.values(trained));
  const gradients = Object.fromEntries(Object.entries(trained).map(([name, { name: key }]) => [name, grads[key]!] as const));
  const optimizer = new AdamW(trained);
  const read = async (tensor: Tensor): Promise<Float32Array> => new Float32Array(await tensor.data<"float32">());
  const results: Record<string, Float32Array> = { loss: await read(value) };
  for (const [name, gradient] of Object.entries(gradients)) results[`d ${name}`] = await read(gradient);
  results["running variance"] = await read(norms[1].variance);
  optimizer.apply(gradients, 1e-3);
  for (const [name, tensor] of Object.entries(weights)) results[`${name} after`] = await read(tensor);
  tf.dispose([value, x, grads, trained, norms.flatMap(({ mean, variance }) => [mean, variance])]);
  optimizer.dispose();
  return results;
}
