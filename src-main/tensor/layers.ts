import type { Tensor, Tensor2D, Tensor4D } from "@tensorflow/tfjs";
import { tf } from "./tf.ts";

/**
 * Convolution of `[N, H, W, Ci]` with `[kh, kw, Ci, Co]`, `pad` zeros on all four sides (numeric and symmetric:
 * "same" would pad a stride-2 layer at the bottom and right only), sizes rounded down.
 */
export function conv2d(x: Tensor, w: Tensor, stride: number, pad: number): Tensor {
  return tf.conv2d(x as Tensor4D, w as Tensor4D, stride, pad, "NHWC", [1, 1], "floor");
}

/** Mean of 2×2 blocks; an odd last row or column is dropped. */
export function avgPool2(x: Tensor): Tensor {
  return tf.avgPool(x as Tensor4D, 2, 2, "valid");
}

/** `[N, D] · [D, K] + [K]`. */
export function linear(x: Tensor, w: Tensor, b: Tensor): Tensor {
  return tf.add(tf.matMul(x as Tensor2D, w as Tensor2D), b);
}
