import type { ParamSpec } from "#shared/units/params.ts";
import { tetLoss } from "#main/tensor/losses.ts";
import { augmentationParams, EVENT_HEAD, labelsOf, lambdaParam, need, rows } from "../common.ts";
import type { Transfer } from "../transfer.ts";

const params = {
  lambda: lambdaParam,
  target: {
    type: "number",
    default: 1,
    min: 0,
    max: 10,
    label: "Logit target",
    help: "What the regulariser pulls all logits to; 1 in the publication, whatever the threshold is.",
  },
  ...augmentationParams,
} as const satisfies ParamSpec;

/**
 * Events only, every time step classified by itself: L = (1−λ)·(1/T)·Σ CE(o[t], y) + λ·(1/T)·Σ MSE(o[t], m) (Deng et al.,
 * ICLR 2022, arXiv 2202.11946).
 */
export const tet = {
  id: "tet",
  label: "Temporal efficient training",
  summary: "Learns from the labelled clips alone with the constants of the TET publication (Deng et al., ICLR 2022): a baseline.",
  params,
  needsSource: false,
  heads: [EVENT_HEAD],
  augmentation: ({ shift }) => ({ shift }),
  plan: ({ lambda, target }, { network, steps, epochs }) => ({
    phases: [{ name: "training", epochs, shows: "events" }],
    variables: {},
    enter: () => undefined,
    loss: (batch) => {
      const { logits } = network.forward(need(batch.events, "events"), { head: EVENT_HEAD, training: true, features: false });
      return { loss: tetLoss(rows(logits), labelsOf(batch), steps, { lambda, target }), logits };
    },
    report: () => Promise.resolve({}),
  }),
} satisfies Transfer<typeof params>;
