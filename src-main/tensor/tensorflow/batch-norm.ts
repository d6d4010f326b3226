import type { Tensor, TensorInfo } from "@tensorflow/tfjs";
import { batchNormGradKernel, batchNormKernel, type BatchNormAttrs } from "../batch-norm.ts";
import { named, replaceKernel } from "../replace-kernel.ts";
import { tf } from "../tf.ts";
import type { NativeAttributes, NativeOps } from "./native-ops.ts";

const attributesOf = (epsilon: number): NativeAttributes => ({
  U: { type: "float32" },
  epsilon: { real: epsilon },
  data_format: "NHWC",
  is_training: true,
});

/** Any shape as rows of channels, in the four dimensions that TensorFlow wants; a view of its own. */
const asImage = (x: TensorInfo): Tensor => {
  const channels = x.shape.at(-1) ?? 1;
  return tf.reshape(x as Tensor, [x.shape.reduce((a, b) => a * b, 1) / channels, 1, 1, channels]);
};

/**
 * Batch norm with one set of statistics as TensorFlow's fused operations. On a CPU only: on a GPU the second of the values kept
 * for the gradient means something else. Statistics per step stay composed.
 */
export function registerBatchNorm(ops: NativeOps): void {
  if (ops.onGpu) return;

  replaceKernel("tensorflow", batchNormKernel, (inputs, attrs) => {
    const { groups, epsilon, scale } = attrs as unknown as BatchNormAttrs;
    if (groups !== 1) return undefined;
    const x = named(inputs, "x");
    return tf.tidy(() => {
      const image = asImage(x);
      const channels = image.shape[3] ?? 1;
      // TensorFlow sums in single precision: far from zero the mean would lose its digits.
      const shift = tf.slice(image, [0, 0, 0, 0], [1, 1, 1, channels]);
      const gamma = tf.mul(named(inputs, "gamma") as Tensor, scale);
      const none = tf.tensor1d([]);
      const inner = [tf.sub(image, shift), gamma, named(inputs, "beta"), none, none];
      const [y, mean, variance] = ops.runMany("FusedBatchNormV3", inner, attributesOf(epsilon), 6);
      // TensorFlow answers the unbiased variance.
      const rows = image.shape[0] ?? 1;
      const biased = tf.mul(variance!, (rows - 1) / rows);
      const moved = tf.add(mean!, tf.reshape(shift, [channels]));
      return [tf.reshape(y!, x.shape), tf.reshape(tf.stack([moved, biased]), [2, 1, channels])];
    });
  });

  replaceKernel("tensorflow", batchNormGradKernel, (inputs, attrs) => {
    const { groups, epsilon, scale } = attrs as unknown as BatchNormAttrs;
    if (groups !== 1) return undefined;
    const x = named(inputs, "x");
    return tf.tidy(() => {
      const gamma = tf.mul(named(inputs, "gamma") as Tensor, scale);
      const [mean, variance] = tf.unstack(tf.reshape(named(inputs, "stats") as Tensor, [2, -1]));
      const inner = [asImage(named(inputs, "dy")), asImage(x), gamma, mean!, variance!, tf.tensor1d([])];
      const [dx, dgamma, dbeta] = ops.runMany("FusedBatchNormGradV3", inner, attributesOf(epsilon), 5);
      return [tf.reshape(dx!, x.shape), tf.mul(dgamma!, scale), tf.clone(dbeta!)];
    });
  });
}
