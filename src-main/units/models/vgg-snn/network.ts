import type { Tensor, Tensor4D, Variable } from "@tensorflow/tfjs";
import { AppError } from "#shared/api/errors.ts";
import { batchNorm } from "#main/tensor/batch-norm.ts";
import { avgPool2, conv2d, linear } from "#main/tensor/layers.ts";
import { lif } from "#main/tensor/lif.ts";
import type { BatchNormState } from "#main/tensor/ops.ts";
import { tf } from "#main/tensor/tf.ts";
import type { ModelParts, Network } from "../model.ts";

/** PyTorch's convention: weight of the new batch in the running averages, and ε, as in the published network. */
const MOMENTUM = 0.1;
const EPSILON = 1e-5;

export interface VggOptions {
  readonly channels: readonly number[];
  readonly features: "full" | "pooled" | "channels";
  /** Running averages of their own for each head's stream, instead of one set that both move. */
  readonly perStream: boolean;
  /** Statistics of each time step on its own (the method), or of the whole sequence. */
  readonly perStep: boolean;
}

interface Block {
  readonly filter: Variable;
  /** Running averages by head; all the same when shared. */
  readonly norms: Readonly<Record<string, BatchNormState>>;
  readonly pooled: boolean;
}

/** U(−1/√fanIn, 1/√fanIn): the default of PyTorch's convolution and linear layers, weights and biases alike. */
const uniform = (shape: readonly number[], fanIn: number, random: () => number): Tensor => {
  const bound = 1 / Math.sqrt(fanIn);
  const size = shape.reduce((product, side) => product * side, 1);
  return tf.tensor(
    Float32Array.from({ length: size }, () => (2 * random() - 1) * bound),
    [...shape],
  );
};

/** Conv 3×3 without bias → batch norm → neuron, pooling after every second block, one linear read-out per head. */
export function buildVgg(options: VggOptions, parts: ModelParts): Network {
  const { channels, features, perStream, perStep } = options;
  const [steps, inputHeight, inputWidth, inputChannels] = parts.input;
  const { neuron, classes, heads, random } = parts;
  const smallest = 2 ** Math.floor(channels.length / 2);
  if (inputHeight < smallest || inputWidth < smallest) {
    throw new AppError(
      "bad-spec",
      `The network needs an input of at least ${smallest}×${smallest}, got ${inputWidth}×${inputHeight}`,
      {
        hint: "Choose a smaller preset, or a representation with a larger frame.",
      },
    );
  }
  const weights: Record<string, Variable> = {};
  const macs: Record<string, number> = {};
  const trainable: string[] = [];
  const variable = (name: string, value: Tensor, trained: boolean): Variable => {
    const made = tf.variable(value, trained);
    value.dispose();
    weights[name] = made;
    if (trained) trainable.push(name);
    return made;
  };

  let height = inputHeight;
  let width = inputWidth;
  let depth = inputChannels;
  const blocks: Block[] = channels.map((wide, index) => {
    const name = `block${index + 1}`;
    const filter = variable(`${name}.conv`, uniform([3, 3, depth, wide], 9 * depth, random), true);
    const gamma = variable(`${name}.gamma`, tf.ones([wide]), true);
    const beta = variable(`${name}.beta`, tf.zeros([wide]), true);
    const averages = (suffix: string): BatchNormState => ({
      gamma,
      beta,
      mean: variable(`${name}.mean${suffix}`, tf.zeros([wide]), false),
      variance: variable(`${name}.variance${suffix}`, tf.ones([wide]), false),
    });
    const shared = averages("");
    const norms = Object.fromEntries(
      heads.map((head, place) => [head, place === 0 || !perStream ? shared : averages(`.${head}`)]),
    );
    macs[name] = 9 * depth * wide * height * width;
    depth = wide;
    const pooled = index % 2 === 1;
    if (pooled) {
      height = Math.floor(height / 2);
      width = Math.floor(width / 2);
    }
    return { filter, norms, pooled };
  });
  const flat = height * width * depth;
  const readouts = Object.fromEntries(
    heads.map((head) => [
      head,
      {
        weights: variable(`head.${head}.weights`, uniform([flat, classes], flat, random), true),
        bias: variable(`head.${head}.bias`, uniform([classes], flat, random), true),
      },
    ]),
  );
  macs["head"] = flat * classes;

  const reduce = (potential: Tensor): Tensor => {
    const rows = potential.shape[0] ?? 0;
    if (features === "channels") return tf.mean(potential, [1, 2]);
    return tf.reshape(features === "pooled" ? avgPool2(potential) : potential, [rows, -1]);
  };

  return {
    weights,
    trainable,
    macs,
    forward: (x, { head, training, spikes: wantsSpikes = false, features: wantsFeatures = true }) => {
      const readout = readouts[head];
      if (readout === undefined) throw new AppError("internal", `The network has no head "${head}"`);
      const spikes: Record<string, Tensor> = {};
      let signal = x;
      let aligned: Tensor | undefined;
      for (const [index, { filter, norms, pooled }] of blocks.entries()) {
        const state = norms[head];
        if (state === undefined) throw new AppError("internal", `The network has no averages for "${head}"`);
        const normed = batchNorm(conv2d(signal, filter, 1, 1), steps, state, {
          training,
          momentum: MOMENTUM,
          epsilon: EPSILON,
          perStep,
        });
        const output = lif(normed, steps, neuron);
        if (index === blocks.length - 1 && wantsFeatures) aligned = reduce(output.potential);
        if (wantsSpikes) spikes[`block${index + 1}`] = output.spikes;
        signal = pooled ? avgPool2(output.spikes) : output.spikes;
      }
      const rows = (signal as Tensor4D).shape[0];
      const logits = linear(tf.reshape(signal, [rows, -1]), readout.weights, readout.bias);
      return { logits, ...(aligned && { features: aligned }), ...(wantsSpikes && { spikes }) };
    },
    dispose: () => tf.dispose(weights),
  };
}
