import { lif } from "#main/tensor/lif.ts";
import { linear } from "#main/tensor/layers.ts";
import { tf } from "#main/tensor/tf.ts";
import { Builder, kaiming, ofHead, readOut, uniformByFanIn } from "../builder.ts";
import { checkInput, type NormSettings } from "../common.ts";
import { buildStack, smallestInput, type ConvLayer } from "../conv-stack.ts";
import type { ModelParts, Network } from "../model.ts";

export interface R2etlOptions {
  /** Channels of the input layer, of the layers behind it, and of the bottleneck. */
  readonly encoder: number;
  readonly trunk: readonly number[];
  readonly bottleneck: number;
  /** Every second layer halves the frame: with stride 2, or by average pooling. */
  readonly variant: "strided" | "pooling";
  /** Spikes of the bottleneck pass through a second neuron. */
  readonly second: boolean;
  readonly norm: NormSettings;
}

/** Encoder → trunk → linear bottleneck with neurons → read-out; layers are conv 3×3 with bias → batch norm → neuron. */
export function buildR2etl({ encoder, trunk, bottleneck, variant, second, norm }: R2etlOptions, parts: ModelParts): Network {
  const { input, classes, neuron, ownInput = {} } = parts;
  const [steps] = input;
  const layerOf = (name: string, channels: number, halves: boolean): ConvLayer => ({
    ...{ name, channels, kernel: 3, pad: 1, bias: true, norm, init: (_fanIn, fanOut) => kaiming(fanOut) },
    stride: halves && variant === "strided" ? 2 : 1,
    pooled: halves && variant === "pooling",
  });
  const layers = [
    layerOf("encoder", encoder, false),
    ...trunk.map((channels, index) => layerOf(`trunk${index + 1}`, channels, index % 2 === 0)),
  ];
  checkInput(input[1], input[2], smallestInput(layers));
  const builder = new Builder(parts);
  const stack = buildStack(builder, layers, parts);
  const flat = stack.shape.reduce((a, b) => a * b, 1);
  const narrow = {
    weights: builder.weight("bottleneck.weights", [flat, bottleneck], uniformByFanIn(flat)),
    bias: builder.weight("bottleneck.bias", [bottleneck], uniformByFanIn(flat)),
  };
  builder.macs["bottleneck"] = flat * bottleneck;
  builder.shapes["bottleneck"] = [bottleneck];
  if (second) builder.shapes["bottleneck2"] = [bottleneck];
  const own = (head: string): boolean => ownInput[head] !== undefined;
  const readouts = builder.readouts(bottleneck, classes, uniformByFanIn(bottleneck), own);
  return builder.finish({
    ...(second && { reads: { head: "bottleneck2" } }),
    forward: (x, { head, training, spikes = false, features = true, encoder: wantsEncoder = false }) => {
      const readout = ofHead(readouts, head);
      const { signal, first, spikes: all } = stack.forward(x, head, training, false);
      const drive = linear(tf.reshape(signal, [signal.shape[0] ?? 0, -1]), narrow.weights, narrow.bias);
      const inner = lif(drive, steps, neuron);
      const outer = second ? lif(inner.spikes, steps, neuron) : inner;
      return {
        logits: readOut(outer.spikes, readout),
        ...(features && { features: outer.potential }),
        ...(spikes && { spikes: { ...all, bottleneck: inner.spikes, ...(second && { bottleneck2: outer.spikes }) } }),
        ...(wantsEncoder && { encoder: first.spikes }),
      };
    },
  });
}
