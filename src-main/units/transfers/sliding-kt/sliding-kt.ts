import { tf } from "#main/tensor/tf.ts";
import type { Tensor1D, Variable } from "@tensorflow/tfjs";
import type { ParamSpec, ParamsOf } from "#shared/units/params.ts";
import { knowledgeTransferLoss, semanticLoss, type Coefficients } from "#main/tensor/losses.ts";
import { slidingProbability, steppedProbability } from "#main/tensor/schedules.ts";
import {
  augmentationParams,
  estimatorParam,
  pictureOptions,
  EVENT_HEAD,
  labelsOf,
  lambdaParam,
  Means,
  modeParam,
  need,
  pictureLabelsOf,
  pictureParams,
  rows,
  STATIC_HEAD,
} from "../common.ts";
import { rowsOfOtherClasses } from "../other-class.ts";
import { replaceRows } from "../replace-rows.ts";
import type { Transfer, TrainPosition } from "../transfer.ts";

/** η_t at the start: w_t = σ(1) = 0.731. */
const INITIAL_ETA = 1;

const params = {
  kappa: {
    type: "number",
    default: 0.5,
    min: 0,
    max: 100,
    label: "κ",
    help: "Weight of the alignment between pictures and events.",
  },
  lambda: lambdaParam,
  coefficients: {
    type: "choice",
    default: "learned",
    options: ["learned", "off", "fixed"],
    label: "Step coefficients",
    help: "Learned: each step trades alignment against classification; off: both at full weight; fixed: one constant.",
  },
  fixedValue: {
    type: "number",
    default: 0.5,
    min: 0,
    max: 1,
    label: "Fixed coefficient",
    help: "Used when coefficients are fixed.",
  },
  sliding: {
    type: "choice",
    default: "cubic",
    options: ["cubic", "none"],
    label: "Sliding",
    help: "Cubic: pictures give way to recordings little by little; none: they are exchanged half-way.",
  },
  finish: {
    type: "number",
    default: 1,
    min: 0.05,
    max: 1,
    label: "Finish",
    help: "Share of the training after which only recordings are left.",
  },
  loss: {
    type: "choice",
    default: "tet",
    options: ["tet", "mean-logits"],
    label: "Loss",
    help: "tet: every time step is classified. mean-logits: only the mean over the steps is, without coefficients, as in the published runs on N-Omniglot.",
  },
  pictures: {
    type: "choice",
    default: "value",
    options: ["value", "blue"],
    label: "Pictures show",
    help: "value: the largest of the three colours (the method). blue: its ablation.",
  },
  staticWeight: {
    type: "number",
    default: 1,
    min: 0,
    max: 10,
    label: "Picture weight",
    help: "Weight of the picture stream's loss; 1 in the method.",
  },
  semantic: {
    type: "number",
    default: 0,
    min: 0,
    max: 10,
    label: "Semantic term",
    help: "Weight of a term of the first version that pushes different classes apart (0.5 there); the published method dropped it.",
  },
  margin: {
    type: "number",
    default: 0.2,
    min: 0,
    max: 1,
    label: "Semantic margin",
    help: "Up to this alignment of different classes the semantic term is zero.",
  },
  estimator: estimatorParam,
  ...augmentationParams,
  ...pictureParams,
  mode: modeParam,
} as const satisfies ParamSpec;

/** The coefficients, with a variable where one is trained. Without alignment nothing would hold w below 1, so they are off. */
function coefficientsOf(
  { coefficients, fixedValue, loss, mode }: ParamsOf<typeof params>,
  aligned: boolean,
  steps: number,
): { readonly kind: Coefficients; readonly eta?: Variable } {
  if (coefficients === "off" || loss === "mean-logits" || !aligned) return { kind: { kind: "off" } };
  if (coefficients === "fixed" && mode === "clean") return { kind: { kind: "fixed", value: fixedValue } };
  const eta = tf.tidy(() => tf.variable(tf.fill([steps], INITIAL_ETA), true));
  if (coefficients === "learned") return { kind: { kind: "learned", eta }, eta };
  return { kind: { kind: "fixed", value: fixedValue, regularizer: eta }, eta };
}

/**
 * Two passes through one network, pictures and events, whose potentials in the last block are aligned, while the
 * pictures are replaced by their partner recordings with a probability that grows with the cube of the progress
 * (He et al., AAAI 2024, arXiv 2303.13077).
 */
export const slidingKt = {
  id: "sliding-kt",
  label: "Knowledge transfer with sliding training",
  summary:
    "Learns pictures and clips together, aligns them step by step and slides from pictures to clips (He et al., AAAI 2024).",
  params,
  needsSource: true,
  heads: [EVENT_HEAD, STATIC_HEAD],
  pictures: (chosen) => pictureOptions(chosen, chosen.pictures),
  augmentation: ({ shift }) => ({ shift }),
  plan: (chosen, { network, steps, epochs, threshold, random }) => {
    const { kappa, lambda, sliding, finish, loss, staticWeight, semantic, margin, estimator, mode } = chosen;
    const draw = random("replacement");
    const drawOther = random("semantic");
    // The reference computes the alignment without sliding, but never adds it.
    const usedKappa = mode === "reference" && sliding === "none" ? 0 : kappa;
    const { kind: coefficients, eta } = coefficientsOf(chosen, usedKappa > 0, steps);
    const means = new Means();
    const replacement = ({ epoch, iteration, iterations, phase }: TrainPosition): number =>
      sliding === "cubic" ? slidingProbability(iteration, iterations, finish) : steppedProbability(epoch, phase.epochs);
    return {
      phases: [{ name: "training", epochs, shows: "pairs" }],
      variables: eta === undefined ? {} : { eta },
      enter: () => undefined,
      prepare: (batch, at) => {
        const probability = replacement(at);
        means.note("replacementProbability", probability);
        means.note("replaced", replaceRows(batch, probability, draw) / batch.size);
        const others = semantic > 0 ? rowsOfOtherClasses(batch.labels, drawOther) : undefined;
        return others && { others };
      },
      loss: (batch, at) => {
        const pictures = network.forward(need(batch.pictures, "pictures"), { head: STATIC_HEAD, training: true });
        const events = network.forward(need(batch.events, "events"), { head: EVENT_HEAD, training: true });
        const features = {
          staticFeatures: rows(need(pictures.features, "features")),
          eventFeatures: rows(need(events.features, "features")),
        };
        const parts = knowledgeTransferLoss(
          {
            staticLogits: rows(pictures.logits),
            eventLogits: rows(events.logits),
            staticLabels: pictureLabelsOf(batch),
            ...features,
          },
          labelsOf(batch),
          steps,
          coefficients,
          { kappa: usedKappa, lambda, target: threshold, staticWeight, estimator, meanLogits: loss === "mean-logits" },
        );
        means.add("cka", parts.cka);
        if (batch.others === undefined) return { loss: parts.total, logits: events.logits };
        const others = batch.others as Tensor1D;
        const apart = semanticLoss(features.eventFeatures, features.staticFeatures, others, steps, margin);
        return { loss: tf.add(parts.total, apart.mul(semantic * (1 - replacement(at)))), logits: events.logits };
      },
      report: async () => {
        const numbers = await means.read();
        if (eta === undefined || coefficients.kind !== "learned") return numbers;
        const w = tf.tidy(() => tf.sigmoid(eta));
        const values = await w.data();
        w.dispose();
        return { ...numbers, ...Object.fromEntries(Array.from(values, (value, t) => [`coefficient${t}`, value])) };
      },
    };
  },
} satisfies Transfer<typeof params>;
