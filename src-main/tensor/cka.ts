import { tf } from "./tf.ts";
import type { Scalar, Tensor, Tensor2D } from "@tensorflow/tfjs";

const EPS = 1e-7;
/** Inside the root: keeps the gradient finite for a silent layer, where a plain norm gives NaN. */
const ROOT_EPS = 1e-12;

/** Gram matrix of the rows, double centred: row and column means are zero afterwards. */
function centeredGram(x: Tensor2D): Tensor2D {
  const gram = tf.matMul(x, x, false, true);
  const rows = tf.mean(gram, 1, true);
  const columns = tf.mean(gram, 0, true);
  return gram.sub<Tensor2D>(rows).sub<Tensor2D>(columns).add<Tensor2D>(tf.mean(gram));
}

const norm = (x: Tensor): Scalar => tf.sqrt(tf.sum(tf.square(x)).add<Scalar>(ROOT_EPS));

/**
 * Linear centred kernel alignment of two feature matrices `[N, D]`, row i of one being the partner of row i of the
 * other (Kornblith et al., ICML 2019, in the biased Gram form). Between 0 and 1; needs N ≥ 3 to mean anything, and
 * tends to 1 for D ≫ N, so report it together with N.
 */
export const linearCka = (x: Tensor2D, y: Tensor2D): Scalar =>
  tf.tidy(() => {
    const k = centeredGram(x);
    const l = centeredGram(y);
    return tf.sum(k.mul(l)).div<Scalar>(norm(k).mul(norm(l)).add(EPS));
  });

/** `linearCka` of each of the `steps` parts of two folded sequences `[T·N, D]`, T slowest. */
export const ckaPerStep = (x: Tensor2D, y: Tensor2D, steps: number): Tensor =>
  tf.tidy(() => {
    const xs = tf.split(x, steps, 0);
    const ys = tf.split(y, steps, 0);
    return tf.stack(xs.map((part, t) => linearCka(part as Tensor2D, ys[t] as Tensor2D)));
  });
