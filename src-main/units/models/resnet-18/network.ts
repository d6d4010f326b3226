import type { Tensor } from "@tensorflow/tfjs";
import { conv2d } from "#main/tensor/layers.ts";
import { batchNorm } from "#main/tensor/batch-norm.ts";
import { normalizedLif } from "#main/tensor/normalized-lif.ts";
import { tf } from "#main/tensor/tf.ts";
import { Builder, kaiming, ofHead, readOut, uniformByFanIn } from "../builder.ts";
import { checkInput, normOptions, type NormSettings } from "../common.ts";
import type { ModelParts, Network } from "../model.ts";

export interface ResNetOptions {
  /** Channels of each stage; all but the first begin with stride 2. */
  readonly channels: readonly number[];
  readonly blocksPerStage: number;
  readonly norm: NormSettings;
}

/** What the layers of one pass share. */
interface Pass {
  readonly head: string;
  readonly training: boolean;
  readonly spikes: Record<string, Tensor>;
}
type Layer = (x: Tensor, pass: Pass) => Tensor;

/**
 * Convolution, stages of pre-activation blocks (batch norm → neuron → convolution, twice, and a shortcut around them), batch
 * norm, mean over space, read-out. There is no neuron after an addition.
 */
export function buildResNet({ channels, blocksPerStage, norm }: ResNetOptions, parts: ModelParts): Network {
  const { input, classes, neuron, heads, ownInput = {} } = parts;
  const [steps, inputHeight, inputWidth, inputChannels] = input;
  checkInput(inputHeight, inputWidth, 2 ** (channels.length - 1));
  const builder = new Builder(parts);
  const reads: Record<string, string | null> = {};
  let [height, width, depth] = [inputHeight, inputWidth, inputChannels];

  const neurons = (name: string): Layer => {
    const norms = builder.norms(name, depth, norm.perStream);
    builder.shapes[name] = [height, width, depth];
    return (x, { head, training, spikes }) => {
      const output = normalizedLif(x, steps, ofHead(norms, head), normOptions(norm, training), neuron).spikes;
      spikes[name] = output;
      return output;
    };
  };
  const filterOf = (name: string, kernel: number, from: number, to: number) =>
    builder.weight(`${name}.filter`, [kernel, kernel, from, to], kaiming(kernel * kernel * to));
  const after = (side: number, stride: number): number => Math.ceil(side / stride);
  const convolution = (name: string, kernel: 1 | 3, to: number, stride: 1 | 2, source: string): Layer => {
    const filter = filterOf(name, kernel, depth, to);
    builder.macs[name] = kernel * kernel * depth * to * after(height, stride) * after(width, stride);
    reads[name] = source;
    return (x) => conv2d(x, filter, stride, kernel === 3 ? 1 : 0);
  };

  const [first = 1] = channels;
  const own = heads.filter((head) => ownInput[head] !== undefined);
  const stem = filterOf("stem", 3, inputChannels, first);
  const stems = Object.fromEntries(heads.map((head) => [head, stem]));
  for (const head of own) builder.later(() => (stems[head] = filterOf(`stem.${head}`, 3, ownInput[head] ?? 0, first)));
  builder.macs["stem"] = 9 * depth * first * height * width;
  depth = first;

  const block = (name: string, to: number, stride: 1 | 2): Layer => {
    const [fromHeight, fromWidth, fromDepth] = [height, width, depth];
    const changes = stride !== 1 || depth !== to;
    const neurons1 = neurons(`${name}.neurons1`);
    const convolution1 = convolution(`${name}.conv1`, 3, to, stride, `${name}.neurons1`);
    [height, width, depth] = [after(height, stride), after(width, stride), to];
    const neurons2 = neurons(`${name}.neurons2`);
    const convolution2 = convolution(`${name}.conv2`, 3, to, 1, `${name}.neurons2`);
    let around: Layer = (x) => x;
    if (changes) {
      [height, width, depth] = [fromHeight, fromWidth, fromDepth];
      const neurons3 = neurons(`${name}.shortcut-neurons`);
      const convolution3 = convolution(`${name}.shortcut`, 1, to, stride, `${name}.shortcut-neurons`);
      around = (x, pass) => convolution3(neurons3(x, pass), pass);
      [height, width, depth] = [after(height, stride), after(width, stride), to];
    }
    return (x, pass) => {
      const inner = convolution2(neurons2(convolution1(neurons1(x, pass), pass), pass), pass);
      return tf.add(inner, around(x, pass));
    };
  };
  const blocks = channels
    .flatMap((to, stage) =>
      Array.from(
        { length: blocksPerStage },
        (_, index) => [`stage${stage + 1}.${index + 1}`, to, stage > 0 && index === 0] as const,
      ),
    )
    .map(([name, to, halves]) => block(name, to, halves ? 2 : 1));
  const lastNorms = builder.norms("last", depth, norm.perStream);
  const readouts = builder.readouts(depth, classes, uniformByFanIn(depth), (head) => ownInput[head] !== undefined);
  reads["head"] = null; // it reads batch norm's numbers

  return builder.finish({
    reads,
    forward: (x, { head, training, spikes = false, features = true, encoder = false }) => {
      const pass: Pass = { head, training, spikes: {} };
      const begun = conv2d(x, ofHead(stems, head), 1, 1);
      const through = blocks.reduce((signal, layer) => layer(signal, pass), begun);
      const normed = batchNorm(through, steps, ofHead(lastNorms, head), normOptions(norm, training));
      const pooled = tf.mean(normed, [1, 2]);
      return {
        logits: readOut(pooled, ofHead(readouts, head)),
        ...(features && { features: pooled }),
        ...(spikes && { spikes: pass.spikes }),
        ...(encoder && { encoder: begun }),
      };
    },
  });
}
