import type { ParamSpec } from "#shared/units/params.ts";
import type { Tensor } from "@tensorflow/tfjs";
import { linear } from "#main/tensor/layers.ts";
import { lif } from "#main/tensor/lif.ts";
import { tf } from "#main/tensor/tf.ts";
import { Builder, ofHead, readOut, uniformByFanIn } from "../builder.ts";
import { checkInput, normParams, normSettings, presetOf, presetParam, type PresetName } from "../common.ts";
import { buildStack, smallestInput, type ConvLayer } from "../conv-stack.ts";
import type { Model } from "../model.ts";

interface Preset {
  readonly size: number;
  readonly steps: number;
  readonly channels: number;
  readonly hidden: number;
}

/** `paper` is the network that He et al. use for N-MNIST. */
const presets: Readonly<Record<PresetName, Preset>> = {
  nano: { size: 16, steps: 4, channels: 16, hidden: 64 },
  tiny: { size: 34, steps: 5, channels: 16, hidden: 256 },
  small: { size: 34, steps: 8, channels: 64, hidden: 512 },
  paper: { size: 34, steps: 10, channels: 128, hidden: 2048 },
};

/** Neurons that vote for each class. */
const VOTES = 10;

const params = {
  preset: presetParam,
  dropout: {
    type: "number",
    default: 0.5,
    min: 0,
    max: 0.95,
    label: "Dropout",
    help: "Share of the spikes that is left out in training, before each of the linear layers.",
  },
  ...normParams,
} as const satisfies ParamSpec;

/**
 * Two convolutions with pooling, a wide hidden layer and ten spiking neurons that vote for each class, so that a logit is the
 * share of them that fire (He et al., AAAI 2024, on N-MNIST).
 */
export const nmnistNet = {
  id: "nmnist-net",
  label: "Spiking network with voting",
  summary: "Two convolutions, a wide hidden layer and ten neurons that vote for each class (He et al., AAAI 2024, on N-MNIST).",
  params,
  input: ({ preset }) => ({ size: presetOf(presets, preset).size, steps: presetOf(presets, preset).steps }),
  build: (chosen, parts) => {
    const { channels, hidden } = presetOf(presets, chosen.preset);
    const { input, classes, neuron, noise, ownInput = {} } = parts;
    const [steps] = input;
    const norm = normSettings(chosen, neuron.threshold);
    const layers = [1, 2].map((index): ConvLayer => {
      const shape = { channels, kernel: 3, stride: 1, pad: 1, pooled: true, bias: false } as const;
      return { name: `block${index}`, ...shape, norm, init: uniformByFanIn };
    });
    checkInput(input[1], input[2], smallestInput(layers));
    const builder = new Builder(parts);
    const stack = buildStack(builder, layers, parts);
    const flat = stack.shape.reduce((a, b) => a * b, 1);
    const weights = builder.weight("hidden.weights", [flat, hidden], uniformByFanIn(flat));
    const bias = builder.weight("hidden.bias", [hidden], uniformByFanIn(flat));
    builder.macs["hidden"] = flat * hidden;
    builder.shapes["hidden"] = [hidden];
    const own = (head: string): boolean => ownInput[head] !== undefined;
    const readouts = builder.readouts(hidden, VOTES * classes, uniformByFanIn(hidden), own);
    builder.shapes["votes"] = [VOTES * classes];
    const dropped = (x: Tensor, training: boolean): Tensor =>
      training && chosen.dropout > 0 ? tf.dropout(x, chosen.dropout, undefined, Math.floor(noise() * 2 ** 31)) : x;
    return builder.finish({
      reads: { head: "hidden" },
      forward: (x, { head, training, spikes = false, features = true, encoder = false }) => {
        const { signal, first, spikes: all } = stack.forward(x, head, training, false);
        const rows = signal.shape[0] ?? 0;
        const inner = lif(linear(dropped(tf.reshape(signal, [rows, -1]), training), weights, bias), steps, neuron);
        const votes = lif(readOut(dropped(inner.spikes, training), ofHead(readouts, head)), steps, neuron).spikes;
        return {
          logits: tf.mean(tf.reshape(votes, [rows, classes, VOTES]), 2),
          ...(features && { features: inner.potential }),
          ...(spikes && { spikes: { ...all, hidden: inner.spikes, votes } }),
          ...(encoder && { encoder: first.spikes }),
        };
      },
    });
  },
} satisfies Model<typeof params>;
