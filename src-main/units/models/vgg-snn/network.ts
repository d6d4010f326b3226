import type { ModelParts, Network } from "../model.ts";
import { Builder, ofHead, readOut, uniformByFanIn } from "../builder.ts";
import { checkInput, reduceFeatures, type FeatureReduction, type NormSettings } from "../common.ts";
import { buildStack, smallestInput, type ConvLayer } from "../conv-stack.ts";

export interface VggOptions {
  readonly channels: readonly number[];
  readonly features: FeatureReduction;
  readonly norm: NormSettings;
}

/** Conv 3×3 without bias → batch norm → neuron, pooling after every second block, one linear read-out per head. */
export function buildVgg({ channels, features, norm }: VggOptions, parts: ModelParts): Network {
  const { input, classes, ownInput = {} } = parts;
  const layers = channels.map((wide, index): ConvLayer => {
    const init = uniformByFanIn;
    return {
      name: `block${index + 1}`,
      channels: wide,
      kernel: 3,
      stride: 1,
      pad: 1,
      pooled: index % 2 === 1,
      bias: false,
      norm,
      init,
    };
  });
  checkInput(input[1], input[2], smallestInput(layers));
  const builder = new Builder(parts);
  const stack = buildStack(builder, layers, parts);
  const flat = stack.shape.reduce((a, b) => a * b, 1);
  const readouts = builder.readouts(flat, classes, uniformByFanIn(flat), (head) => ownInput[head] !== undefined);
  return builder.finish({
    forward: (x, { head, training, spikes = false, features: wanted = true, encoder = false }) => {
      const readout = ofHead(readouts, head);
      const { signal, first, last, spikes: all } = stack.forward(x, head, training, wanted);
      return {
        logits: readOut(signal, readout),
        ...(wanted && { features: reduceFeatures(last.potential, features) }),
        ...(spikes && { spikes: all }),
        ...(encoder && { encoder: first.spikes }),
      };
    },
  });
}
