import type { Tensor, Variable } from "@tensorflow/tfjs";
import { AppError } from "#shared/api/errors.ts";
import { batchNorm } from "#main/tensor/batch-norm.ts";
import { avgPool2, conv2d } from "#main/tensor/layers.ts";
import { lif } from "#main/tensor/lif.ts";
import { normalizedLif } from "#main/tensor/normalized-lif.ts";
import type { BatchNormState, LifOutput } from "#main/tensor/ops.ts";
import { tf } from "#main/tensor/tf.ts";
import { type Builder, type Init, ofHead, uniformByFanIn } from "./builder.ts";
import { normOptions, type NormSettings } from "./common.ts";
import type { ModelParts } from "./model.ts";

/** Convolution → batch norm → neuron → pooling, the last three where they are wanted. */
export interface ConvLayer {
  readonly name: string;
  readonly channels: number;
  readonly kernel: number;
  readonly stride: 1 | 2;
  readonly pad: number;
  readonly pooled: boolean;
  readonly bias: boolean;
  /** Absent: no batch norm. */
  readonly norm?: NormSettings;
  /** @param fanIn, fanOut of the kernel. */
  readonly init: (fanIn: number, fanOut: number) => Init;
}

/** What passes through the stack in one pass. */
export interface StackOutput {
  /** After the last pooling, `[T·N, H, W, C]`. */
  readonly signal: Tensor;
  readonly first: LifOutput;
  readonly last: LifOutput;
  readonly spikes: Readonly<Record<string, Tensor>>;
}

/** Layers one after the other. */
export interface ConvStack {
  /** Height, width and channels of what comes out. */
  readonly shape: readonly [height: number, width: number, channels: number];
  /** @param potential whether the last layer's potential will be read. */
  forward(x: Tensor, head: string, training: boolean, potential: boolean): StackOutput;
}

interface Built {
  readonly layer: ConvLayer;
  readonly filters: Record<string, Variable>;
  readonly biases: Record<string, Variable>;
  readonly norms: Record<string, BatchNormState>;
}

const sideAfter = (side: number, { kernel, stride, pad, pooled }: ConvLayer): number => {
  const convolved = Math.floor((side + 2 * pad - kernel) / stride) + 1;
  return pooled ? Math.floor(convolved / 2) : convolved;
};

/** Side of the smallest input of which something is left. */
export function smallestInput(layers: readonly ConvLayer[]): number {
  let side = 1;
  while (layers.reduce(sideAfter, side) < 1) side += 1;
  return side;
}

/** Makes the weights of a stack. Heads with an input of their own get their own first layer. */
export function buildStack(builder: Builder, layers: readonly ConvLayer[], parts: ModelParts): ConvStack {
  const { input, neuron, heads, ownInput = {} } = parts;
  const [steps, inputHeight, inputWidth, inputChannels] = input;
  let [height, width, depth] = [inputHeight, inputWidth, inputChannels];
  const built = layers.map((layer, index): Built => {
    const { name, channels, kernel, bias, norm, init } = layer;
    const area = kernel * kernel;
    const own = (head: string): boolean => index === 0 && ownInput[head] !== undefined;
    const made: Built = { layer, filters: {}, biases: {}, norms: {} };
    const make = (label: string, from: number, forHeads: readonly string[]): void => {
      const filter = builder.weight(`${label}.conv`, [kernel, kernel, from, channels], init(area * from, area * channels));
      const shift = bias ? builder.weight(`${label}.bias`, [channels], uniformByFanIn(area * from)) : undefined;
      const norms = norm === undefined ? {} : builder.norms(label, channels, norm.perStream, forHeads);
      for (const head of forHeads) {
        made.filters[head] = filter;
        if (shift !== undefined) made.biases[head] = shift;
        const state = norms[head];
        if (state !== undefined) made.norms[head] = state;
      }
    };
    make(
      name,
      depth,
      heads.filter((head) => !own(head)),
    );
    for (const head of heads.filter(own)) builder.later(() => make(`${name}.${head}`, ownInput[head] ?? 0, [head]));
    const convolved = { ...layer, pooled: false };
    const [outHeight, outWidth] = [sideAfter(height, convolved), sideAfter(width, convolved)];
    builder.macs[name] = area * depth * channels * outHeight * outWidth;
    builder.shapes[name] = [outHeight, outWidth, channels];
    [height, width, depth] = [sideAfter(height, layer), sideAfter(width, layer), channels];
    return made;
  });
  return {
    shape: [height, width, depth],
    forward: (x, head, training, potential) => {
      const spikes: Record<string, Tensor> = {};
      const outputs: LifOutput[] = [];
      let signal = x;
      for (const [index, { layer, filters, biases, norms }] of built.entries()) {
        const { name, stride, pad, pooled, norm } = layer;
        const convolved = conv2d(signal, ofHead(filters, head), stride, pad);
        const shift = biases[head];
        const drive = shift === undefined ? convolved : tf.add(convolved, shift);
        let output: LifOutput;
        if (norm === undefined) {
          output = lif(drive, steps, neuron);
        } else {
          const options = normOptions(norm, training);
          const state = ofHead(norms, head);
          // Fused, the second output would normalize once more, which costs what the first one has saved.
          const apart = potential && index === built.length - 1;
          output = apart
            ? lif(batchNorm(drive, steps, state, options), steps, neuron)
            : normalizedLif(drive, steps, state, options, neuron);
        }
        outputs.push(output);
        spikes[name] = output.spikes;
        signal = pooled ? avgPool2(output.spikes) : output.spikes;
      }
      const [first] = outputs;
      const last = outputs.at(-1);
      if (first === undefined || last === undefined) throw new AppError("internal", "A network without layers");
      return { signal, first, last, spikes };
    },
  };
}
