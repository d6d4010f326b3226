import type { Tensor } from "@tensorflow/tfjs";
import type { SurrogateKind } from "./ops.ts";
import { tf } from "./tf.ts";

/**
 * g'(u), the derivative used in place of the step's, composed of plain operations: the reference for fused kernels.
 * `alpha` is the one number of each kind (γ of the triangle; the unit box has none).
 * Kinds as in He et al., "An Efficient Knowledge Transfer Strategy for Spiking Neural Networks from Static to Event
 * Domain", AAAI 2024, and Deng et al., "Temporal Efficient Training of Spiking Neural Network", ICLR 2022.
 */
export function surrogateGradient(kind: SurrogateKind, alpha: number, u: Tensor): Tensor {
  return tf.tidy(() => {
    switch (kind) {
      case "quadratic-gate":
        return tf.relu(tf.sub(alpha, tf.mul(tf.abs(u), alpha * alpha)));
      case "unit-box":
        return tf.step(tf.sub(0.5, tf.abs(u)));
      case "triangle":
        return tf.mul(tf.relu(tf.sub(alpha, tf.abs(u))), 1 / (alpha * alpha));
      case "gate":
        return tf.step(tf.sub(1 / alpha, tf.abs(u)));
      case "arctan":
        return tf.div(alpha / 2, tf.add(1, tf.square(tf.mul(u, (Math.PI * alpha) / 2))));
      case "sigmoid": {
        const sigma = tf.sigmoid(tf.mul(u, alpha));
        return tf.mul(tf.mul(sigma, tf.sub(1, sigma)), alpha);
      }
    }
  });
}
