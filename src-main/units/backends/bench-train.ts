import type { Scalar, Tensor, Variable } from "@tensorflow/tfjs";
import { AdamW } from "#main/tensor/adam-w.ts";
import { avgPool2, conv2d, linear } from "#main/tensor/layers.ts";
import { normalizedLif } from "#main/tensor/normalized-lif.ts";
import type { BatchNormState, LifSpec } from "#main/tensor/ops.ts";
import { tf } from "#main/tensor/tf.ts";
import { selectBackend } from "./select.ts";

/** A network to time: blocks of convolution, batch norm, neuron and pooling, then one linear layer. */
export interface BenchNetwork {
  readonly steps: number;
  readonly batch: number;
  readonly size: number;
  /** Input channels, then those of each block. */
  readonly channels: readonly number[];
  readonly classes: number;
  readonly perStep: boolean;
}

/** About 1.1 GFLOP per step; the network that all training figures of this project refer to. */
export const probeNetwork: BenchNetwork = {
  steps: 4,
  batch: 8,
  size: 48,
  channels: [2, 16, 32, 64],
  classes: 10,
  perStep: false,
};

/** What was measured. */
export interface TrainBench {
  readonly backend: string;
  readonly device: string;
  readonly medianMs: number;
  readonly fastestMs: number;
  /** CPU time per step of the whole process: what a busy machine cannot stretch. */
  readonly cpuMs: number;
  readonly steps: number;
  readonly loss: number;
  /** Tensors alive, and bytes of heap (WASM) or GPU memory, after the third and after the last step. */
  readonly tensors: readonly [third: number, last: number];
  readonly heapBytes: readonly [third: number, last: number];
}

const neuron: LifSpec = {
  keep: 0.5,
  gain: 0.5,
  threshold: 0.5,
  detachReset: true,
  potential: "post",
  surrogate: "quadratic-gate",
  alpha: 2,
};

interface Block {
  readonly weight: Variable;
  readonly norm: BatchNormState;
}

function blockOf(from: number, to: number, seed: number): Block {
  const weight = tf.variable(tf.randomNormal([3, 3, from, to], 0, Math.sqrt(2 / (9 * to)), "float32", seed));
  const norm = {
    gamma: tf.variable(tf.ones([to])),
    beta: tf.variable(tf.zeros([to])),
    mean: tf.variable(tf.zeros([to]), false),
    variance: tf.variable(tf.ones([to]), false),
  };
  return { weight, norm };
}

function build({ steps, batch, size, channels, classes, perStep }: BenchNetwork) {
  const blocks = channels.slice(1).map((to, i) => blockOf(channels[i] ?? 1, to, i + 1));
  const side = size >> blocks.length;
  const features = side * side * (channels.at(-1) ?? 1);
  const head = tf.variable(tf.randomUniform([features, classes], -0.02, 0.02, "float32", 9));
  const bias = tf.variable(tf.zeros([classes]));
  const variables: Record<string, Variable> = { head, bias };
  for (const [i, { weight, norm }] of blocks.entries()) {
    Object.assign(variables, { [`weight${i}`]: weight, [`gamma${i}`]: norm.gamma, [`beta${i}`]: norm.beta });
  }
  // About a tenth of the pixels hold an event, as in a real clip.
  const x = tf.tidy(() =>
    tf.step(tf.sub(tf.randomUniform([steps * batch, size, size, channels[0] ?? 2], 0, 1, "float32", 7), 0.9)),
  );
  const labels = tf.oneHot(
    tf.tensor1d(
      Array.from({ length: batch }, (_, i) => i % classes),
      "int32",
    ),
    classes,
  );

  const loss = (): Scalar => {
    let h: Tensor = x;
    for (const { weight, norm } of blocks) {
      const options = { training: true, momentum: 0.1, epsilon: 1e-5, perStep };
      h = avgPool2(normalizedLif(conv2d(h, weight, 1, 1), steps, norm, options, neuron).spikes);
    }
    const logits = linear(tf.reshape(h, [steps * batch, features]), head, bias);
    return tf.losses.softmaxCrossEntropy(labels, tf.mean(tf.reshape(logits, [steps, batch, classes]), 0));
  };
  return { variables, loss };
}

/** One training step; answers the loss, which the caller frees. */
function step(variables: Readonly<Record<string, Variable>>, loss: () => Scalar, optimizer: AdamW): Scalar {
  const names = Object.keys(variables);
  const { value, grads } = tf.variableGrads(loss, Object.values(variables));
  const gradients = Object.fromEntries(names.map((name) => [name, grads[variables[name]!.name]!] as const));
  optimizer.apply(gradients, 1e-3);
  tf.dispose(grads);
  return value;
}

function heapBytes(): number {
  const { wasm } = tf.backend() as { wasm?: { HEAPU8?: Uint8Array } };
  const { numBytesAllocatedInGPU } = tf.memory() as { numBytesAllocatedInGPU?: number };
  return wasm?.HEAPU8?.byteLength ?? numBytesAllocatedInGPU ?? tf.memory().numBytes;
}

const median = (values: readonly number[]): number => values.toSorted((a, b) => a - b)[values.length >> 1] ?? NaN;

/** Times training steps of a network on a backend, after three to warm up. Nothing is asserted. */
export async function benchTrain(backend: string, steps = 15, network: BenchNetwork = probeNetwork): Promise<TrainBench> {
  const { id, device } = await selectBackend(backend);
  const { variables, loss } = build(network);
  const optimizer = new AdamW(variables);
  const times: number[] = [];
  let cpuStart = process.cpuUsage();
  const third = { tensors: 0, heap: 0 };
  let last = NaN;
  for (let i = 0; i < steps + 3; i++) {
    const start = performance.now();
    const value = step(variables, loss, optimizer);
    last = (await value.data<"float32">())[0] ?? NaN;
    value.dispose();
    if (i >= 3) times.push(performance.now() - start);
    if (i === 2) {
      Object.assign(third, { tensors: tf.memory().numTensors, heap: heapBytes() });
      cpuStart = process.cpuUsage();
    }
  }
  const { user, system } = process.cpuUsage(cpuStart);
  return {
    backend: id,
    device,
    medianMs: median(times),
    fastestMs: Math.min(...times),
    cpuMs: (user + system) / 1000 / steps,
    steps,
    loss: last,
    tensors: [third.tensors, tf.memory().numTensors],
    heapBytes: [third.heap, heapBytes()],
  };
}
