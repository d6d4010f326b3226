import { tf } from "#main/tensor/tf.ts";
import type { Tensor, Variable } from "@tensorflow/tfjs";
import type { ParamSpec, ParamsOf } from "#shared/units/params.ts";
import { knowledgeTransferLoss, type Coefficients } from "#main/tensor/losses.ts";
import { slidingProbability, steppedProbability } from "#main/tensor/schedules.ts";
import {
  augmentationParams,
  pictureOptions,
  EVENT_HEAD,
  labelsOf,
  modeParam,
  need,
  pictureParams,
  rows,
  STATIC_HEAD,
  TET_LAMBDA,
} from "../common.ts";
import type { Transfer } from "../transfer.ts";
import { replaceRows } from "./replace-rows.ts";

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
  lambda: { type: "number", default: TET_LAMBDA, min: 0, max: 1, label: "λ", help: "Weight of the regulariser in the TET loss." },
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
  staticWeight: {
    type: "number",
    default: 1,
    min: 0,
    max: 10,
    label: "Picture weight",
    help: "Weight of the picture stream's loss; 1 in the method.",
  },
  ...augmentationParams,
  ...pictureParams,
  mode: modeParam,
} as const satisfies ParamSpec;

function coefficientsOf({ coefficients, fixedValue, mode }: ParamsOf<typeof params>, eta: Variable): Coefficients {
  if (coefficients === "learned") return { kind: "learned", eta };
  if (coefficients === "off") return { kind: "off" };
  return mode === "reference" ? { kind: "fixed", value: fixedValue, regularizer: eta } : { kind: "fixed", value: fixedValue };
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
  pictures: (chosen) => pictureOptions(chosen, "value"),
  augmentation: ({ shift }) => ({ shift }),
  plan: (chosen, { network, steps, epochs, threshold, random }) => {
    const { kappa, lambda, sliding, finish, staticWeight, mode } = chosen;
    const eta = tf.tidy(() => tf.variable(tf.fill([steps], INITIAL_ETA), true));
    const coefficients = coefficientsOf(chosen, eta);
    const draw = random("replacement");
    // The reference computes the alignment without sliding, but never adds it.
    const usedKappa = mode === "reference" && sliding === "none" ? 0 : kappa;
    let replaced = 0;
    let shown = 0;
    let alignments: Tensor[] = [];
    return {
      phases: [{ name: "training", epochs, shows: "pairs" }],
      variables: coefficients.kind === "learned" && usedKappa > 0 ? { eta } : {},
      enter: () => undefined,
      prepare: (batch, { epoch, iteration, iterations, phase }) => {
        const p =
          sliding === "cubic" ? slidingProbability(iteration, iterations, finish) : steppedProbability(epoch, phase.epochs);
        replaced += replaceRows(batch, p, draw);
        shown += batch.size;
      },
      loss: (batch) => {
        const pictures = network.forward(need(batch.pictures, "pictures"), { head: STATIC_HEAD, training: true });
        const events = network.forward(need(batch.events, "events"), { head: EVENT_HEAD, training: true });
        const parts = knowledgeTransferLoss(
          {
            staticLogits: rows(pictures.logits),
            eventLogits: rows(events.logits),
            staticFeatures: rows(need(pictures.features, "features")),
            eventFeatures: rows(need(events.features, "features")),
          },
          labelsOf(batch),
          steps,
          coefficients,
          { kappa: usedKappa, lambda, target: threshold, staticWeight },
        );
        alignments.push(tf.keep(parts.cka.clone()));
        return { loss: parts.total, logits: events.logits };
      },
      report: async () => {
        const taken = alignments;
        alignments = [];
        const numbers: Record<string, number> = { replaced: shown === 0 ? 0 : replaced / shown };
        replaced = 0;
        shown = 0;
        if (taken.length > 0) {
          const mean = tf.tidy(() => tf.mean(tf.stack(taken)));
          for (const tensor of taken) tensor.dispose();
          numbers["cka"] = (await mean.data())[0] ?? 0;
          mean.dispose();
        }
        const w = tf.tidy(() => tf.sigmoid(eta));
        const values = await w.data();
        w.dispose();
        if (coefficients.kind === "learned") values.forEach((value, t) => (numbers[`coefficient${t}`] = value));
        return numbers;
      },
    };
  },
} satisfies Transfer<typeof params>;
