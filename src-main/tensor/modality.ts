import type { Scalar, Tensor } from "@tensorflow/tfjs";
import { tf } from "./tf.ts";

/*
 * The objectives that tell pictures from events in time-step mixup (Xie et al. 2025, arXiv 2509.12959 and 2511.12150).
 * The papers name them and their purpose; these forms are our reading (docs/methods.md).
 */

/**
 * Modality-aware guidance: whether each frame is an event frame, as binary cross-entropy of logits, mean over frames.
 * @param marks 1 for event frames, 0 for picture frames, shaped like the logits.
 */
export const guidanceLoss = (logits: Tensor, marks: Tensor): Scalar =>
  // log(1 + e^z) − m·z without overflow
  tf.tidy(() => tf.mean<Scalar>(tf.sub(tf.softplus(logits), tf.mul(logits, marks))));

/** Mix-ratio perception: mean square error of the share of event frames that σ(logit) says, per sequence. */
export const ratioLoss = (logits: Tensor, ratios: Tensor): Scalar =>
  tf.tidy(() => tf.mean<Scalar>(tf.square(tf.sub(tf.sigmoid(logits), ratios))));
