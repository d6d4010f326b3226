import type { ParamSpec } from "#shared/units/params.ts";
import { linear } from "#main/tensor/layers.ts";
import { lif } from "#main/tensor/lif.ts";
import { tf } from "#main/tensor/tf.ts";
import { Builder, kaiming, ofHead, readOut, uniform } from "../builder.ts";
import { checkInput, presetOf, presetParam, type PresetName } from "../common.ts";
import { buildStack, smallestInput, type ConvLayer } from "../conv-stack.ts";
import type { Model } from "../model.ts";

interface Preset {
  readonly size: number;
  readonly steps: number;
  readonly channels: readonly [number, number];
  readonly hidden: number;
}

/** `paper` is the network that He et al. use for N-Omniglot. */
const presets: Readonly<Record<PresetName, Preset>> = {
  nano: { size: 16, steps: 4, channels: [8, 16], hidden: 32 },
  tiny: { size: 28, steps: 5, channels: [15, 40], hidden: 100 },
  small: { size: 28, steps: 8, channels: [15, 40], hidden: 300 },
  paper: { size: 28, steps: 12, channels: [15, 40], hidden: 300 },
};

/** Range of the linear layers' weights: U(−0.1, 0.1). */
const LINEAR_RANGE = 0.1;

const params = { preset: presetParam } as const satisfies ParamSpec;

/**
 * Two convolutions 5×5 with neurons and pooling, a layer of neurons and a read-out that all streams share; no batch norm
 * (He et al., AAAI 2024, on N-Omniglot).
 */
export const scnn = {
  id: "scnn",
  label: "Small spiking network",
  summary: "Two convolutions and one hidden layer without batch norm, one read-out for all streams (He et al., AAAI 2024).",
  params,
  input: ({ preset }) => ({ size: presetOf(presets, preset).size, steps: presetOf(presets, preset).steps }),
  build: (chosen, parts) => {
    const { channels, hidden } = presetOf(presets, chosen.preset);
    const { input, classes, neuron } = parts;
    const [steps] = input;
    const layers = channels.map((wide, index): ConvLayer => {
      const init: ConvLayer["init"] = (_fanIn, fanOut) => kaiming(fanOut);
      return { name: `block${index + 1}`, channels: wide, kernel: 5, stride: 1, pad: 0, pooled: true, bias: false, init };
    });
    checkInput(input[1], input[2], smallestInput(layers));
    const builder = new Builder(parts);
    const stack = buildStack(builder, layers, parts);
    const flat = stack.shape.reduce((a, b) => a * b, 1);
    const range = uniform(LINEAR_RANGE);
    const weights = builder.weight("hidden.weights", [flat, hidden], range);
    const bias = builder.weight("hidden.bias", [hidden], range);
    builder.macs["hidden"] = flat * hidden;
    builder.shapes["hidden"] = [hidden];
    const readouts = builder.readouts(hidden, classes, range, () => true);
    return builder.finish({
      forward: (x, { head, training, spikes = false, features = true, encoder = false }) => {
        const { signal, first, spikes: all } = stack.forward(x, head, training, false);
        const inner = lif(linear(tf.reshape(signal, [signal.shape[0] ?? 0, -1]), weights, bias), steps, neuron);
        return {
          logits: readOut(inner.spikes, ofHead(readouts, head)),
          ...(features && { features: inner.potential }),
          ...(spikes && { spikes: { ...all, hidden: inner.spikes } }),
          ...(encoder && { encoder: first.spikes }),
        };
      },
    });
  },
} satisfies Model<typeof params>;
