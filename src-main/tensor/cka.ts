import { tf } from "./tf.ts";
import type { Scalar, Tensor, Tensor2D } from "@tensorflow/tfjs";

const EPS = 1e-7;
/** Inside the root: keeps the gradient finite for a silent layer, where a plain norm gives NaN. */
const ROOT_EPS = 1e-12;

/** How the alignment is estimated from a batch. `debiased` takes the bias of few samples out; it needs four of them. */
export type CkaEstimator = "biased" | "debiased";

/** Gram matrix of the rows, double centred: row and column means are zero afterwards. */
export function centeredGram(x: Tensor2D): Tensor2D {
  const gram = tf.matMul(x, x, false, true);
  const rows = tf.mean(gram, 1, true);
  const columns = tf.mean(gram, 0, true);
  return gram.sub<Tensor2D>(rows).sub<Tensor2D>(columns).add<Tensor2D>(tf.mean(gram));
}

/** Gram matrix without its diagonal, U-centred (Székely and Rizzo, 2014, doi 10.1214/14-AOS1255): unbiased for few rows. */
function uCenteredGram(x: Tensor2D): Tensor2D {
  const rows = x.shape[0];
  const off = tf.sub(1, tf.eye(rows));
  const gram = tf.matMul(x, x, false, true).mul<Tensor2D>(off);
  const sums = tf.sum(gram, 1, true).div(rows - 2);
  const total = tf.sum(gram).div((rows - 1) * (rows - 2));
  return gram.sub<Tensor2D>(sums).sub<Tensor2D>(tf.transpose(sums)).add<Tensor2D>(total).mul<Tensor2D>(off);
}

const norm = (x: Tensor): Scalar => tf.sqrt(tf.sum(tf.square(x)).add<Scalar>(ROOT_EPS));

/**
 * Linear centred kernel alignment of two feature matrices `[N, D]`, row i of one being the partner of row i of the
 * other (Kornblith et al., ICML 2019, in the Gram form). The biased estimate lies between 0 and 1, needs N ≥ 3 to mean
 * anything, and tends to 1 for D ≫ N, so report it together with N.
 */
export const linearCka = (x: Tensor2D, y: Tensor2D, estimator: CkaEstimator = "biased"): Scalar =>
  tf.tidy(() => {
    const gram = estimator === "debiased" && x.shape[0] >= 4 ? uCenteredGram : centeredGram;
    const k = gram(x);
    const l = gram(y);
    return tf.sum(k.mul(l)).div<Scalar>(norm(k).mul(norm(l)).add(EPS));
  });

/** `linearCka` of each of the `steps` parts of two folded sequences `[T·N, D]`, T slowest. */
export const ckaPerStep = (x: Tensor2D, y: Tensor2D, steps: number, estimator: CkaEstimator = "biased"): Tensor =>
  tf.tidy(() => {
    const xs = tf.split(x, steps, 0);
    const ys = tf.split(y, steps, 0);
    return tf.stack(xs.map((part, t) => linearCka(part as Tensor2D, ys[t] as Tensor2D, estimator)));
  });
