import { tf } from "./tf.ts";
import type { Rank, Scalar, Tensor, Tensor1D, Tensor2D, Variable } from "@tensorflow/tfjs";
import { ckaPerStep, type CkaEstimator } from "./cka.ts";
import { hasReadoutLoss, readoutLoss } from "./readout-loss.ts";

/** What a batch shows: class numbers `[N]` (int32), or shares of the classes `[N, C]` where samples are mixed. */
export type Labels = Tensor1D | Tensor2D;

/** Constants of the temporal efficient training loss: weight of the regulariser and the value it pulls to. */
export interface TetConstants {
  readonly lambda: number;
  /** 0.5 (the threshold) in He et al., 1.0 in Deng et al. and Zhan et al. */
  readonly target: number;
}

/** The two parts of the loss of each step, each of shape `[T]`. */
export interface StepLosses {
  readonly crossEntropy: Tensor;
  readonly squared: Tensor;
}

/** Shares of the classes `[N, C]`. */
const sharesOf = (labels: Labels, classes: number): Tensor2D =>
  labels.rank === 2 ? (labels as Tensor2D) : (tf.oneHot(labels as Tensor1D, classes).toFloat() as Tensor2D);

/**
 * Per-step cross-entropy (batch mean, no label smoothing) and mean square against a constant.
 * @param logits folded `[T·N, C]`, T slowest.
 */
export const stepLosses = (logits: Tensor2D, labels: Labels, steps: number, target: number): StepLosses => {
  const classes = logits.shape[1];
  const truth = tf.tile(sharesOf(labels, classes), [steps, 1]);
  const perRow = tf.neg(tf.sum(tf.mul(truth, tf.logSoftmax(logits)), 1));
  const squares = tf.mean(tf.square(logits.sub(target)), 1);
  return {
    crossEntropy: tf.mean(tf.reshape(perRow, [steps, -1]), 1),
    squared: tf.mean(tf.reshape(squares, [steps, -1]), 1),
  };
};

/** Shares of the classes as the one kernel wants them: `toFloat` would only rename the integers on a GPU. */
const realSharesOf = (labels: Labels, classes: number): Tensor2D =>
  labels.rank === 2 ? (labels as Tensor2D) : (tf.oneHot(labels, classes, 1, 0, "float32") as Tensor2D);

/**
 * (1/T)·Σ wanted[t]·CE(o[t], y) + held[t]·MSE(o[t], m), in one kernel where the backend has it. Of the weights both are
 * numbers, the same at each step, or both are tensors `[T]`.
 */
const weightedLoss = (
  logits: Tensor2D,
  labels: Labels,
  steps: number,
  target: number,
  wanted: Tensor | number,
  held: Tensor | number,
): Scalar => {
  if (hasReadoutLoss()) {
    const weights =
      typeof wanted === "number" || typeof held === "number"
        ? tf.tensor2d([wanted, held].map((weight) => Array<number>(steps).fill(weight as number)))
        : tf.stack([wanted, held]);
    return readoutLoss(logits, realSharesOf(labels, logits.shape[1]), weights, { steps, target, together: false });
  }
  const { crossEntropy, squared } = stepLosses(logits, labels, steps, target);
  return tf.mean<Scalar>(crossEntropy.mul(wanted).add(squared.mul(held)));
};

/**
 * L_TET = (1−λ)·(1/T)·Σ CE(o[t], y) + λ·(1/T)·Σ MSE(o[t], m), each step weighted by `weights[t]` where given
 * (Deng et al., ICLR 2022; weighted as in He et al., AAAI 2024).
 */
export const tetLoss = (
  logits: Tensor2D,
  labels: Labels,
  steps: number,
  { lambda, target }: TetConstants,
  weights?: Tensor,
): Scalar =>
  tf.tidy(() =>
    weights === undefined
      ? weightedLoss(logits, labels, steps, target, 1 - lambda, lambda)
      : weightedLoss(logits, labels, steps, target, weights.mul(1 - lambda), weights.mul(lambda)),
  );

/** Cross-entropy of the logits averaged over time: the loss without TET. */
export const meanLogitLoss = (logits: Tensor2D, labels: Labels, steps: number): Scalar =>
  tf.tidy(() => {
    const classes = logits.shape[1];
    if (hasReadoutLoss()) {
      const crossEntropyOnly = tf.tensor2d([[1], [0]]);
      return readoutLoss(logits, realSharesOf(labels, classes), crossEntropyOnly, { steps, target: 0, together: true });
    }
    return tf.neg(tf.mean<Scalar>(tf.sum(tf.mul(sharesOf(labels, classes), tf.logSoftmax(meanLogits(logits, steps))), 1)));
  });

/** Logits averaged over time, `[T·N, C]` to `[N, C]`: what a decision is read from. */
export const meanLogits = (logits: Tensor2D, steps: number): Tensor2D =>
  tf.mean<Tensor2D>(tf.reshape(logits, [steps, -1, logits.shape[1]]), 0);

/** How the alignment coefficients w_t are had: trained as σ(η_t), left out (1), or one constant. */
export type Coefficients =
  | { readonly kind: "learned"; readonly eta: Variable | Tensor }
  | { readonly kind: "off" }
  /** `regularizer`: the λ-part of the event loss keeps σ(η), as in the reference (an oversight there). */
  | { readonly kind: "fixed"; readonly value: number; readonly regularizer?: Variable | Tensor };

export interface KnowledgeTransferConstants extends TetConstants {
  /** κ, weight of the alignment. */
  readonly kappa: number;
  /** Weight of the static classification loss, 1 in the method. */
  readonly staticWeight: number;
  /** Biased in the method, and when absent. */
  readonly estimator?: CkaEstimator;
  /** Only the mean over the steps is classified, without coefficients (N-Omniglot in the published runs). */
  readonly meanLogits?: boolean;
}

export interface KnowledgeTransferParts {
  readonly total: Scalar;
  readonly domain: Scalar;
  readonly stat: Scalar;
  readonly event: Scalar;
  /** CKA of each step, `[T]`. */
  readonly cka: Tensor;
}

/**
 * The knowledge-transfer loss (He et al., AAAI 2024, arXiv 2303.13077):
 *   L_da = (1/T)·Σ w_t·(1 − CKA(F_s[t], F_e[t]))
 *   L_s  = TET of the static stream;  L_e = (1/T)·Σ (1−w_t)·[(1−λ)·CE(o_e[t], y) + λ·MSE(o_e[t], m)]
 *   L    = L_s + L_e + κ·L_da
 * Without coefficients both w_t and (1−w_t) are 1. With κ = 0 nothing would hold w_t below 1, so they are off then.
 */
export function knowledgeTransferLoss(
  streams: {
    readonly staticLogits: Tensor2D;
    readonly eventLogits: Tensor2D;
    readonly staticFeatures: Tensor2D;
    readonly eventFeatures: Tensor2D;
    /** Labels of the static stream where they differ from those of the events. */
    readonly staticLabels?: Labels;
  },
  labels: Labels,
  steps: number,
  coefficients: Coefficients,
  { kappa, lambda, target, staticWeight, estimator, meanLogits: onlyMean = false }: KnowledgeTransferConstants,
): KnowledgeTransferParts {
  const used: Coefficients = kappa === 0 || onlyMean ? { kind: "off" } : coefficients;
  const w = used.kind === "learned" ? tf.sigmoid(used.eta) : used.kind === "fixed" ? tf.fill([steps], used.value) : undefined;
  const cka = ckaPerStep(streams.staticFeatures, streams.eventFeatures, steps, estimator);
  const distance = tf.sub(1, cka);
  const domain = tf.mean<Scalar>(w === undefined ? distance : distance.mul(w));
  const staticLabels = streams.staticLabels ?? labels;
  if (onlyMean) {
    const stat = meanLogitLoss(streams.staticLogits, staticLabels, steps);
    const event = meanLogitLoss(streams.eventLogits, labels, steps);
    const total = stat.mul<Scalar>(staticWeight).add<Scalar>(event).add<Scalar>(domain.mul(kappa));
    return { total, domain, stat, event, cka };
  }
  const stat = tetLoss(streams.staticLogits, staticLabels, steps, { lambda, target });
  const rest = w === undefined ? undefined : tf.sub(1, w);
  const restHeld = used.kind === "fixed" && used.regularizer ? tf.sub(1, tf.sigmoid(used.regularizer)) : rest;
  const event = weightedLoss(
    ...([streams.eventLogits, labels, steps, target] as const),
    rest?.mul(1 - lambda) ?? 1 - lambda,
    restHeld?.mul(lambda) ?? lambda,
  );
  const total = stat.mul<Scalar>(staticWeight).add<Scalar>(event).add<Scalar>(domain.mul(kappa));
  return { total, domain, stat, event, cka };
}

/**
 * The semantic term of the first version of knowledge transfer (arXiv 2303.13077v1), which pushes classes apart: the mean over
 * steps of |CKA(F_e[t], F_s[π][t])|, 0 up to a margin.
 * @param others for each event row a static row of another class.
 */
export const semanticLoss = (
  eventFeatures: Tensor2D,
  staticFeatures: Tensor2D,
  others: Tensor1D,
  steps: number,
  margin: number,
): Scalar =>
  tf.tidy(() => {
    const [rows, width] = staticFeatures.shape;
    const bySteps = tf.reshape(staticFeatures, [steps, rows / steps, width]);
    // A product and not `gather`, whose gradient no WebAssembly kernel computes.
    const chosen = tf.tile(tf.expandDims(tf.oneHot(others, rows / steps).toFloat(), 0), [steps, 1, 1]);
    const shuffled = tf.reshape<Rank.R2>(tf.matMul(chosen, bySteps), [rows, width]);
    const alike = tf.mean<Scalar>(tf.abs(ckaPerStep(eventFeatures, shuffled, steps)));
    return alike.mul<Scalar>(tf.step(alike.sub(margin)));
  });
