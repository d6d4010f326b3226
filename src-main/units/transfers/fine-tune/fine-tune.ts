import { tf } from "#main/tensor/tf.ts";
import type { ParamSpec } from "#shared/units/params.ts";
import { tetLoss } from "#main/tensor/losses.ts";
import {
  augmentationParams,
  pictureOptions,
  EVENT_HEAD,
  labelsOf,
  modeParam,
  need,
  pictureLabelsOf,
  pictureParams,
  rows,
  TET_LAMBDA,
} from "../common.ts";
import type { TrainPhase, Transfer } from "../transfer.ts";

/** Range of a fresh head's weights: U(−0.1, 0.1). */
const FRESH_HEAD = 0.1;

const params = {
  freshHead: {
    type: "boolean",
    default: true,
    label: "Fresh head",
    help: "Starts the second half (or the training from a model) with a new read-out.",
  },
  ...augmentationParams,
  ...pictureParams,
  mode: modeParam,
} as const satisfies ParamSpec;

/**
 * Half of the epochs on pictures held still over all steps, then a fresh head and the other half on events (baseline
 * of He et al., AAAI 2024). From a trained model: all epochs on events. The reference shows red and green instead of V.
 */
export const fineTune = {
  id: "fine-tune",
  label: "Pre-train and fine-tune",
  summary: "Learns the pictures first (or starts from a trained model), then the clips.",
  params,
  needsSource: true,
  heads: [EVENT_HEAD],
  pictures: (chosen) => pictureOptions(chosen, chosen.mode === "reference" ? "red-green" : "value"),
  augmentation: ({ shift }) => ({ shift }),
  plan: ({ freshHead }, { network, steps, epochs, threshold, fromModel, random }) => {
    const first = Math.floor(epochs / 2);
    const training: TrainPhase = { name: "training", epochs: fromModel ? epochs : epochs - first, shows: "events" };
    const pretraining: TrainPhase = { name: "pretraining", epochs: first, shows: "pictures" };
    const draw = random("initialisation");
    return {
      phases: fromModel || first === 0 ? [training] : [pretraining, training],
      variables: {},
      enter: (phase) => {
        if (phase.name !== "training" || !freshHead) return;
        for (const part of ["weights", "bias"]) {
          const variable = network.weights[`head.${EVENT_HEAD}.${part}`];
          if (variable === undefined) continue;
          const values = Float32Array.from({ length: variable.size }, () => (2 * draw() - 1) * FRESH_HEAD);
          tf.tidy(() => variable.assign(tf.tensor(values, variable.shape)));
        }
      },
      loss: (batch, { phase }) => {
        const shown = phase.shows === "pictures" ? need(batch.pictures, "pictures") : need(batch.events, "events");
        const { logits } = network.forward(shown, { head: EVENT_HEAD, training: true, features: false });
        const labels = phase.shows === "pictures" ? pictureLabelsOf(batch) : labelsOf(batch);
        const loss = tetLoss(rows(logits), labels, steps, { lambda: TET_LAMBDA, target: threshold });
        return { loss, logits };
      },
      report: () => Promise.resolve({}),
    };
  },
} satisfies Transfer<typeof params>;
