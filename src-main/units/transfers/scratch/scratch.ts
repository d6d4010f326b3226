import type { ParamSpec } from "#shared/units/params.ts";
import { tetLoss } from "#main/tensor/losses.ts";
import { augmentationParams, EVENT_HEAD, labelsOf, need, rows, TET_LAMBDA } from "../common.ts";
import type { Transfer } from "../transfer.ts";

const params = { ...augmentationParams } as const satisfies ParamSpec;

/** Events only, one head, TET loss against the threshold: the baseline every transfer is measured against. */
export const scratch = {
  id: "scratch",
  label: "From scratch",
  summary: "Learns from the labelled clips alone: the baseline.",
  params,
  needsSource: false,
  heads: [EVENT_HEAD],
  augmentation: ({ shift }) => ({ shift }),
  plan: (_params, { network, steps, epochs, threshold }) => ({
    phases: [{ name: "training", epochs, shows: "events" }],
    variables: {},
    enter: () => undefined,
    loss: (batch) => {
      const { logits } = network.forward(need(batch.events, "events"), { head: EVENT_HEAD, training: true, features: false });
      const loss = tetLoss(rows(logits), labelsOf(batch), steps, { lambda: TET_LAMBDA, target: threshold });
      return { loss, logits };
    },
    report: () => Promise.resolve({}),
  }),
} satisfies Transfer<typeof params>;
