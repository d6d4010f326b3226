import type { Tensor, Variable } from "@tensorflow/tfjs";
import { AppError } from "#shared/api/errors.ts";
import type { BatchNormState } from "#main/tensor/ops.ts";
import { linear } from "#main/tensor/layers.ts";
import { tf } from "#main/tensor/tf.ts";
import type { ModelParts, Network } from "./model.ts";

const product = (shape: readonly number[]): number => shape.reduce((a, b) => a * b, 1);

/** Draws the values of a weight. */
export type Init = (shape: readonly number[], random: () => number) => Tensor;

/** A loop and not `Float32Array.from`, which takes seconds for the ten million weights of a published network. */
function drawn(shape: readonly number[], draw: () => number): Tensor {
  const values = new Float32Array(product(shape));
  for (let i = 0; i < values.length; i += 1) values[i] = draw();
  return tf.tensor(values, [...shape]);
}

/** U(−bound, bound). */
export const uniform =
  (bound: number): Init =>
  (shape, random) =>
    drawn(shape, () => (2 * random() - 1) * bound);

/** U(−1/√fanIn, 1/√fanIn): the default of PyTorch's convolution and linear layers, weights and biases alike. */
export const uniformByFanIn = (fanIn: number): Init => uniform(1 / Math.sqrt(fanIn));

/** Normal with standard deviation √(2/fanOut) (He et al., ICCV 2015, arXiv 1502.01852), by the Box-Muller transform. */
export const kaiming =
  (fanOut: number): Init =>
  (shape, random) => {
    const deviation = Math.sqrt(2 / fanOut);
    return drawn(shape, () => deviation * Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random()));
  };

/** A linear read-out, by its two weights. */
export interface Readout {
  readonly weights: Variable;
  readonly bias: Variable;
}

/** Applies a read-out to `[T·N, …]`. */
export const readOut = (x: Tensor, { weights, bias }: Readout): Tensor =>
  linear(tf.reshape(x, [x.shape[0] ?? 0, -1]), weights, bias);

/** Collects what every network has while it is built: named weights, operations and shapes. */
export class Builder {
  readonly weights: Record<string, Variable> = {};
  readonly trainable: string[] = [];
  readonly macs: Record<string, number> = {};
  readonly shapes: Record<string, readonly number[]> = {};
  readonly #random: () => number;
  readonly #heads: readonly string[];
  #later: (() => void)[] = [];

  constructor({ random, heads }: Pick<ModelParts, "random" | "heads">) {
    this.#random = random;
    this.#heads = heads;
  }

  /** A weight that is trained. */
  weight(name: string, shape: readonly number[], init: Init): Variable {
    return this.#add(name, init(shape, this.#random), true);
  }

  /** Done by `finish`, so that what belongs to other heads does not shift the draws of the first one's weights. */
  later(work: () => void): void {
    this.#later.push(work);
  }

  /** Batch norm by head: one affine map, and one set of running averages for all heads or one for each. */
  norms(
    name: string,
    channels: number,
    perStream: boolean,
    heads: readonly string[] = this.#heads,
  ): Readonly<Record<string, BatchNormState>> {
    const gamma = this.#add(`${name}.gamma`, tf.ones([channels]), true);
    const beta = this.#add(`${name}.beta`, tf.zeros([channels]), true);
    const averages = (suffix: string): BatchNormState => ({
      gamma,
      beta,
      mean: this.#add(`${name}.mean${suffix}`, tf.zeros([channels]), false),
      variance: this.#add(`${name}.variance${suffix}`, tf.ones([channels]), false),
    });
    const shared = averages("");
    return Object.fromEntries(heads.map((head, place) => [head, place === 0 || !perStream ? shared : averages(`.${head}`)]));
  }

  /** Linear read-outs by head, of `features` numbers each. @param shared the heads that use that of the first one. */
  readouts(features: number, classes: number, init: Init, shared: (head: string) => boolean): Readonly<Record<string, Readout>> {
    const made: Record<string, Readout> = {};
    const [first = ""] = this.#heads;
    for (const head of this.#heads) {
      const own = head === first || !shared(head);
      made[head] = (own ? undefined : made[first]) ?? {
        weights: this.weight(`head.${head}.weights`, [features, classes], init),
        bias: this.weight(`head.${head}.bias`, [classes], init),
      };
    }
    this.macs["head"] = features * classes;
    return made;
  }

  /** The network: what has been collected, and how it computes. */
  finish(rest: Pick<Network, "forward" | "reads">): Network {
    for (const work of this.#later) work();
    this.#later = [];
    const { weights, trainable, macs, shapes } = this;
    return { weights, trainable, macs, shapes, ...rest, dispose: () => tf.dispose(weights) };
  }

  #add(name: string, value: Tensor, trained: boolean): Variable {
    const made = tf.variable(value, trained);
    value.dispose();
    this.weights[name] = made;
    if (trained) this.trainable.push(name);
    return made;
  }
}

/** The part that belongs to a head. @throws AppError `internal` for a head the network was built without. */
export function ofHead<T>(parts: Readonly<Record<string, T>>, head: string): T {
  const part = parts[head];
  if (part === undefined) throw new AppError("internal", `The network has no head "${head}"`);
  return part;
}
