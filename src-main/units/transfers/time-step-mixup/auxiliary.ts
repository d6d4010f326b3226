import type { Tensor, Tensor2D, Variable } from "@tensorflow/tfjs";
import { AppError } from "#shared/api/errors.ts";
import { linear } from "#main/tensor/layers.ts";
import { tf } from "#main/tensor/tf.ts";
import type { Network } from "#main/units/models/model.ts";

/** Width of the hidden layer that reads the mix ratio. */
const HIDDEN = 64;

/** Read-outs of modality and mix ratio, thrown away after training. Their form is our reading of the method. */
export interface Auxiliary {
  readonly variables: Readonly<Record<string, Variable>>;
  /** Mean over space of the spikes that the read-out sees, or of the last ones before it, `[T·N, F]`. */
  pooled(spikes: Readonly<Record<string, Tensor>> | undefined): Tensor2D;
  /** One logit a frame, `[T·N]`: does it come from events. */
  modality(pooled: Tensor2D): Tensor;
  /** One logit a sequence, `[N]`: the share of event frames. */
  ratio(pooled: Tensor2D, steps: number): Tensor;
}

/**
 * The read-outs that are wanted. Both last layers begin at zero, so that the first guesses are one half; the hidden one as
 * usual, or nothing would train.
 */
export function createAuxiliary(
  { shapes, reads }: Pick<Network, "shapes" | "reads">,
  wanted: { readonly modality: boolean; readonly ratio: boolean },
  draw: () => number,
): Auxiliary {
  const layer = reads?.["head"] ?? Object.keys(shapes).at(-1) ?? "";
  const width = shapes[layer]?.at(-1) ?? 1;
  const bound = 1 / Math.sqrt(width);
  const hidden = Float32Array.from({ length: width * HIDDEN }, () => (2 * draw() - 1) * bound);
  const zeros = (...sides: number[]): Variable => tf.variable(tf.zeros(sides));
  const variables = tf.tidy((): Record<string, Variable> => ({
    ...(wanted.modality && { guidance: zeros(width, 1), guidanceBias: zeros(1) }),
    ...(wanted.ratio && {
      hidden: tf.variable(tf.tensor2d(hidden, [width, HIDDEN])),
      hiddenBias: zeros(HIDDEN),
      ratio: zeros(HIDDEN, 1),
      ratioBias: zeros(1),
    }),
  }));
  const layerOf = (x: Tensor, name: string): Tensor => {
    const [weights, bias] = [variables[name], variables[`${name}Bias`]];
    if (weights === undefined || bias === undefined) throw new AppError("internal", `There is no auxiliary layer "${name}"`);
    return linear(x, weights, bias);
  };
  return {
    variables,
    pooled: (spikes) => {
      const last = spikes?.[layer];
      if (last === undefined) throw new AppError("internal", `A training step came without the spikes of "${layer}"`);
      return (last.rank === 4 ? tf.mean(last, [1, 2]) : last) as Tensor2D;
    },
    modality: (pooled) => tf.reshape(layerOf(pooled, "guidance"), [-1]),
    ratio: (pooled, steps) => {
      const perSequence = tf.mean(tf.reshape(pooled, [steps, -1, width]), 0);
      return tf.reshape(layerOf(tf.relu(layerOf(perSequence, "hidden")), "ratio"), [-1]);
    },
  };
}
