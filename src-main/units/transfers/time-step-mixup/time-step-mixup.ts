import { tf } from "#main/tensor/tf.ts";
import type { Scalar } from "@tensorflow/tfjs";
import type { ParamSpec } from "#shared/units/params.ts";
import { alignmentLoss } from "#main/tensor/alignment.ts";
import { tetLoss } from "#main/tensor/losses.ts";
import { guidanceLoss, ratioLoss } from "#main/tensor/modality.ts";
import {
  augmentationParams,
  estimatorParam,
  EVENT_HEAD,
  labelsOf,
  lambdaParam,
  Means,
  need,
  pictureLabelsOf,
  pictureOptions,
  pictureParams,
  rows,
  STATIC_HEAD,
} from "../common.ts";
import type { Transfer, TrainPosition } from "../transfer.ts";
import { createAuxiliary } from "./auxiliary.ts";
import { mixTimeSteps, switchProbability } from "./switching.ts";

/** Ends of the ramp of the mix ratio. */
const RAMP = [0.3, 0.9] as const;

const params = {
  ratio: {
    type: "number",
    default: 0.5,
    min: 0,
    max: 1,
    label: "Mix ratio",
    help: "Wanted share of event frames in the mixed stream, on average. Its published value is not known; 0.5 is our reading.",
  },
  schedule: {
    type: "choice",
    default: "constant",
    options: ["constant", "ramp"],
    label: "Mix schedule",
    help: "constant: the mix ratio throughout. ramp: from 0.3 to 0.9 over the epochs (our reading).",
  },
  objectives: {
    type: "choice",
    default: "all",
    options: ["all", "mixup", "mixup-guidance", "mixup-ratio"],
    label: "Objectives",
    help: "Beside classes and alignment: telling event frames from picture frames (guidance, MAG) and the share of them (ratio, MRP). Fewer for ablations.",
  },
  lambdaAlignment: {
    type: "number",
    default: 0.5,
    min: 0,
    max: 100,
    label: "λ alignment",
    help: "Weight of the alignment of the mixed and the event stream; our reading.",
  },
  lambdaGuidance: {
    type: "number",
    default: 0.1,
    min: 0,
    max: 100,
    label: "λ guidance",
    help: "Weight of telling event frames from picture frames; our reading.",
  },
  lambdaRatio: {
    type: "number",
    default: 0.1,
    min: 0,
    max: 100,
    label: "λ ratio",
    help: "Weight of estimating the share of event frames; our reading.",
  },
  lambda: lambdaParam,
  estimator: estimatorParam,
  ...augmentationParams,
  ...pictureParams,
} as const satisfies ParamSpec;

/**
 * Picture sequences turn into their partner recordings at a random step, while the network also learns which frames are
 * events and how many (TMKT; Xie et al. 2025, arXiv 2509.12959 and 2511.12150). The mixing rule is the published one; the
 * papers' code is not public, and which streams and heads there are, the forms and weights of the auxiliary losses and the
 * mix ratio are our reading:
 *   L = TET(o_m) + TET(o_e) + λ_da·(1/T)·Σ_t (1 − CKA(F_m[t], F_e[t])) + λ_g·L_MAG + λ_p·L_MRP
 */
export const timeStepMixup = {
  id: "time-step-mixup",
  label: "Time-step mixup",
  summary:
    "Turns picture sequences into recordings at a random time step and learns to tell which frames are events (Xie et al. 2025; losses and weights are our reading).",
  params,
  needsSource: true,
  heads: [EVENT_HEAD, STATIC_HEAD],
  pictures: ({ border, scale }) => pictureOptions({ border, scale, mode: "clean" }, "value"),
  augmentation: ({ shift }) => ({ shift }),
  plan: (chosen, { network, steps, epochs, threshold, random }) => {
    const { ratio, schedule, objectives, lambdaAlignment, lambdaGuidance, lambdaRatio, lambda, estimator } = chosen;
    const guided = (objectives === "all" || objectives === "mixup-guidance") && lambdaGuidance > 0;
    const perceived = (objectives === "all" || objectives === "mixup-ratio") && lambdaRatio > 0;
    const auxiliary = createAuxiliary(network, { modality: guided, ratio: perceived }, random("initialisation"));
    const draw = random("replacement");
    const means = new Means();
    const ratioAt = ({ epoch, phase }: TrainPosition): number =>
      schedule === "constant" ? ratio : RAMP[0] + ((RAMP[1] - RAMP[0]) * epoch) / Math.max(1, phase.epochs - 1);
    return {
      phases: [{ name: "training", epochs, shows: "pairs" }],
      variables: auxiliary.variables,
      enter: () => undefined,
      prepare: (batch, at) => {
        const wanted = ratioAt(at);
        const probability = switchProbability(wanted, steps);
        means.note("wantedRatio", wanted);
        means.note("switchProbability", probability);
        return { marks: mixTimeSteps(batch, probability, draw) };
      },
      loss: (batch) => {
        const spikes = guided || perceived;
        const mixed = network.forward(need(batch.pictures, "pictures"), { head: STATIC_HEAD, training: true, spikes });
        const events = network.forward(need(batch.events, "events"), { head: EVENT_HEAD, training: true });
        const tet = { lambda, target: threshold };
        const marks = need(batch.marks, "marks of its event frames");
        means.add("mixRatio", marks);
        const [m, e] = [need(mixed.features, "features"), need(events.features, "features")];
        const distance = alignmentLoss("tcka", m, e, steps, estimator);
        means.add("cka", tf.sub(1, distance));
        const terms: Scalar[] = [
          tetLoss(rows(mixed.logits), pictureLabelsOf(batch), steps, tet),
          tetLoss(rows(events.logits), labelsOf(batch), steps, tet),
          distance.mul(lambdaAlignment),
        ];
        if (spikes) {
          const pooled = auxiliary.pooled(mixed.spikes);
          if (guided) {
            const loss = guidanceLoss(auxiliary.modality(pooled), marks);
            means.add("guidanceLoss", loss);
            terms.push(loss.mul(lambdaGuidance));
          }
          if (perceived) {
            const loss = ratioLoss(auxiliary.ratio(pooled, steps), tf.mean(tf.reshape(marks, [steps, -1]), 0));
            means.add("ratioLoss", loss);
            terms.push(loss.mul(lambdaRatio));
          }
        }
        return { loss: tf.addN<Scalar>(terms), logits: events.logits };
      },
      report: () => means.read(),
    };
  },
} satisfies Transfer<typeof params>;
