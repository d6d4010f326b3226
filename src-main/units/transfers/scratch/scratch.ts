import type { ParamSpec } from "#shared/units/params.ts";
import { meanLogitLoss, tetLoss } from "#main/tensor/losses.ts";
import { augmentationParams, EVENT_HEAD, labelsOf, need, rows, TET_LAMBDA } from "../common.ts";
import type { Transfer } from "../transfer.ts";

const params = {
  loss: {
    type: "choice",
    default: "tet",
    options: ["tet", "mean-logits"],
    label: "Loss",
    help: "tet: every time step is classified. mean-logits: only the mean over the steps is.",
  },
  ...augmentationParams,
} as const satisfies ParamSpec;

/** Events only, one head, TET loss against the threshold: the baseline every transfer is measured against. */
export const scratch = {
  id: "scratch",
  label: "From scratch",
  summary: "Learns from the labelled clips alone: the baseline.",
  params,
  needsSource: false,
  heads: [EVENT_HEAD],
  augmentation: ({ shift }) => ({ shift }),
  plan: ({ loss: kind }, { network, steps, epochs, threshold }) => ({
    phases: [{ name: "training", epochs, shows: "events" }],
    variables: {},
    enter: () => undefined,
    loss: (batch) => {
      const { logits } = network.forward(need(batch.events, "events"), { head: EVENT_HEAD, training: true, features: false });
      const labels = labelsOf(batch);
      const loss =
        kind === "tet"
          ? tetLoss(rows(logits), labels, steps, { lambda: TET_LAMBDA, target: threshold })
          : meanLogitLoss(rows(logits), labels, steps);
      return { loss, logits };
    },
    report: () => Promise.resolve({}),
  }),
} satisfies Transfer<typeof params>;
