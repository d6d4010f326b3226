import type { Scalar, Tensor, Tensor2D, Variable } from "@tensorflow/tfjs";
import { benchNetworks, type BenchNetwork, type MemoryAfter, type TrainBench } from "#shared/api/compute-api.ts";
import { AdamW } from "#main/tensor/adam-w.ts";
import { avgPool2, conv2d, linear } from "#main/tensor/layers.ts";
import { meanLogitLoss } from "#main/tensor/losses.ts";
import { deviceMemory } from "#main/tensor/memory.ts";
import { normalizedLif } from "#main/tensor/normalized-lif.ts";
import type { BatchNormState, LifSpec } from "#main/tensor/ops.ts";
import { tf } from "#main/tensor/tf.ts";
import { selectBackend } from "./select.ts";

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

const variable = (initial: () => Tensor, trainable = true): Variable => tf.tidy(() => tf.variable(initial(), trainable));

function blockOf(from: number, to: number, seed: number): Block {
  return {
    weight: variable(() => tf.randomNormal([3, 3, from, to], 0, Math.sqrt(2 / (9 * to)), "float32", seed)),
    norm: {
      gamma: variable(() => tf.ones([to])),
      beta: variable(() => tf.zeros([to])),
      mean: variable(() => tf.zeros([to]), false),
      variance: variable(() => tf.ones([to]), false),
    },
  };
}

function build({ steps, batch, size, channels, classes, perStep }: BenchNetwork) {
  const blocks = channels.slice(1).map((to, i) => blockOf(channels[i] ?? 1, to, i + 1));
  const side = size >> blocks.length;
  const features = side * side * (channels.at(-1) ?? 1);
  const head = variable(() => tf.randomUniform([features, classes], -0.02, 0.02, "float32", 9));
  const bias = variable(() => tf.zeros([classes]));
  const variables: Record<string, Variable> = { head, bias };
  for (const [i, { weight, norm }] of blocks.entries()) {
    Object.assign(variables, { [`weight${i}`]: weight, [`gamma${i}`]: norm.gamma, [`beta${i}`]: norm.beta });
  }
  // About a tenth of the pixels hold an event, as in a real clip.
  const x = tf.tidy(() =>
    tf.step(tf.sub(tf.randomUniform([steps * batch, size, size, channels[0] ?? 2], 0, 1, "float32", 7), 0.9)),
  );
  const labels = tf.tidy(() => {
    const numbers = Array.from({ length: batch }, (_, i) => i % classes);
    return tf.oneHot(tf.tensor1d(numbers, "int32"), classes, 1, 0, "float32") as Tensor2D;
  });

  const loss = (): Scalar => {
    let h: Tensor = x;
    for (const { weight, norm } of blocks) {
      const options = { training: true, momentum: 0.1, epsilon: 1e-5, perStep };
      h = avgPool2(normalizedLif(conv2d(h, weight, 1, 1), steps, norm, options, neuron).spikes);
    }
    const logits = linear(tf.reshape(h, [steps * batch, features]), head, bias) as Tensor2D;
    return meanLogitLoss(logits, labels, steps);
  };
  const dispose = (): void => tf.dispose([variables, blocks.map(({ norm }) => [norm.mean, norm.variance]), x, labels]);
  return { variables, loss, dispose };
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

const median = (values: readonly number[]): number => values.toSorted((a, b) => a - b)[values.length >> 1] ?? NaN;

/** Steps that compile programs and fill pools, and are not timed. */
const warmUp = 3;
/** Steps after which the memory is looked at, beside the last. */
const looks = new Set([warmUp, 100, 1000]);

/**
 * Times training steps of a network on a backend, after three to warm up. Nothing is asserted.
 * @param after called after every step, the first ones too.
 */
export async function benchTrain(
  backend: string,
  steps = 15,
  network: BenchNetwork = benchNetworks.probe,
  after: (memory: MemoryAfter) => void = () => undefined,
): Promise<TrainBench> {
  const { id, device } = await selectBackend(backend);
  const { variables, loss, dispose } = build(network);
  const optimizer = new AdamW(variables);
  const times: number[] = [];
  const memory: MemoryAfter[] = [];
  let cpuStart = process.cpuUsage();
  let last = NaN;
  for (let i = 1; i <= warmUp + steps; i++) {
    const start = performance.now();
    const value = step(variables, loss, optimizer);
    last = (await value.data<"float32">())[0] ?? NaN;
    value.dispose();
    if (i > warmUp) times.push(performance.now() - start);
    const now = { step: i, ...deviceMemory() };
    if (looks.has(i) || i === warmUp + steps) memory.push(now);
    after(now);
    if (i === warmUp) cpuStart = process.cpuUsage();
  }
  const { user, system } = process.cpuUsage(cpuStart);
  optimizer.dispose();
  dispose();
  return {
    backend: id,
    device,
    medianMs: median(times),
    fastestMs: Math.min(...times),
    cpuMs: (user + system) / 1000 / steps,
    steps,
    loss: last,
    memory,
  };
}
