import type { Scalar, Tensor, Tensor2D } from "@tensorflow/tfjs";
import { registerOperation, run, runMany } from "./kernel.ts";
import { tf } from "./tf.ts";

/** What the kernels of the loss are told. */
export interface ReadoutLossAttrs {
  readonly steps: number;
  /** What the logits are drawn to by the squared part. */
  readonly target: number;
  /** Whether the mean of the logits over time is judged, as if there were one step, and not each step. */
  readonly together: boolean;
}

/**
 * Kernel names. `ReadoutLoss`: `logits` `[T·N, C]`, `truth` `[N, C]`, `weights` `[2, S]` → the loss, and `parts` `[2, S]`:
 * cross-entropy and mean square of each judged step, of which there are S = T, or one when they are judged together.
 * `ReadoutLossGrad`: the same and `dy` → the gradient with respect to the logits.
 */
export const readoutLossKernel = "ReadoutLoss";
export const readoutLossGradKernel = "ReadoutLossGrad";

registerOperation({
  name: readoutLossKernel,
  gradient: {
    inputsToSave: ["logits", "truth", "weights"],
    outputsToSave: [false, true],
    gradient: ([dy], [logits, truth, weights, parts], attrs) => ({
      logits: () => run(readoutLossGradKernel, { dy: dy!, logits: logits!, truth: truth!, weights: weights! }, attrs),
      truth: () => tf.zerosLike(truth!),
      weights: () => tf.mul(parts!, tf.div(dy!, weights!.shape[1] ?? 1)),
    }),
  },
});

/** Whether the current backend has the loss in one kernel; all others compose it. */
export const hasReadoutLoss = (): boolean => tf.getKernel(readoutLossKernel, tf.getBackend()) !== undefined;

/**
 * (1/S)·Σ weights[0, s]·CE[s] + weights[1, s]·MSE[s] in one kernel; see `losses.ts` for what it is made of.
 * @param truth shares of the classes, which get no gradient.
 */
export function readoutLoss(logits: Tensor2D, truth: Tensor2D, weights: Tensor, attrs: ReadoutLossAttrs): Scalar {
  return runMany(readoutLossKernel, { logits, truth, weights }, attrs)[0] as Scalar;
}
