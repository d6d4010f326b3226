import type { Scalar, Tensor, Tensor2D } from "@tensorflow/tfjs";
import { ckaPerStep, linearCka, type CkaEstimator } from "./cka.ts";
import { tf } from "./tf.ts";

/*
 * How far two streams are from each other: each takes folded features `[T·N, …]`, T slowest, row n of one being the class
 * partner of row n of the other, and answers a scalar that is 0 when they are aligned (Zhan et al., IEEE TIP 2024,
 * doi 10.1109/TIP.2024.3430043, and the ablations of its code).
 */

/** A distance by the name it has in run files. */
export type AlignmentKind = "tcka" | "cka-of-sums" | "cka-flattened" | "step-mse" | "mean-mse" | "mmd";

/** `[T·N, …]` as `[T, N, D]`. */
const bySteps = (x: Tensor, steps: number): Tensor => tf.reshape(x, [steps, (x.shape[0] ?? 0) / steps, -1]);
/** `[T·N, …]` as `[T·N, D]`. */
const flatRows = (x: Tensor): Tensor2D => tf.reshape(x, [x.shape[0] ?? 0, -1]);
const sumOverTime = (x: Tensor, steps: number): Tensor2D => tf.sum<Tensor2D>(bySteps(x, steps), 0);
const meanOverTime = (x: Tensor, steps: number): Tensor2D => tf.mean<Tensor2D>(bySteps(x, steps), 0);
const flattenTime = (x: Tensor, steps: number): Tensor2D =>
  tf.reshape(tf.transpose(bySteps(x, steps), [1, 0, 2]), [(x.shape[0] ?? 0) / steps, -1]);

/** 1 − the mean of CKA over time steps: aligns how the states of two streams develop. */
const tcka = (x: Tensor, y: Tensor, steps: number, estimator: CkaEstimator): Scalar =>
  tf.sub<Scalar>(1, tf.mean(ckaPerStep(flatRows(x), flatRows(y), steps, estimator)));

const distances: Readonly<Record<AlignmentKind, (x: Tensor, y: Tensor, steps: number, estimator: CkaEstimator) => Scalar>> = {
  tcka,
  "cka-of-sums": (x, y, steps, estimator) =>
    tf.sub<Scalar>(1, linearCka(sumOverTime(x, steps), sumOverTime(y, steps), estimator)),
  "cka-flattened": (x, y, steps, estimator) =>
    tf.sub<Scalar>(1, linearCka(flattenTime(x, steps), flattenTime(y, steps), estimator)),
  "step-mse": (x, y) => tf.mean<Scalar>(tf.square(tf.sub(x, y))),
  "mean-mse": (x, y, steps) => tf.mean<Scalar>(tf.square(tf.sub(meanOverTime(x, steps), meanOverTime(y, steps)))),
  mmd: (x, y, steps) => tf.sum<Scalar>(tf.square(tf.mean(tf.sub(meanOverTime(x, steps), meanOverTime(y, steps)), 0))),
};

/** The distance of that name. */
export const alignmentLoss = (
  kind: AlignmentKind,
  x: Tensor,
  y: Tensor,
  steps: number,
  estimator: CkaEstimator = "biased",
): Scalar => tf.tidy(() => distances[kind](x, y, steps, estimator));
