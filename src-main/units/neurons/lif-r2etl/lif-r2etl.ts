import type { ParamSpec } from "#shared/units/params.ts";
import type { Neuron } from "../neuron.ts";

const params = {
  decay: { type: "number", default: 0.5, min: 0, max: 1, label: "Decay", help: "Share of the potential kept from step to step." },
  threshold: { type: "number", default: 1, min: 0.01, max: 10, label: "Threshold", help: "Fires strictly above it." },
  detachReset: { type: "boolean", default: false, label: "Reset without gradient" },
} as const satisfies ParamSpec;

/**
 * v_pre[t] = decay·v[t-1] + x[t]; s[t] = 1 if v_pre[t] > θ; v[t] = (1 − s[t])·v_pre[t].
 * Gradient flows through the reset; the recorded potential is the one before it (Deng et al., ICLR 2022; Zhan et
 * al., IEEE TIP 2024, doi 10.1109/TIP.2024.3430043).
 */
export const lifR2etl = {
  id: "lif-r2etl",
  label: "Leaky integrate-and-fire, plain input",
  summary: "Input added as it is, gradient through the reset, as in R2ETL and TET (Zhan et al., IEEE TIP 2024).",
  params,
  constants: ({ decay, threshold, detachReset }) => ({ keep: decay, gain: 1, threshold, detachReset, potential: "pre" }),
} satisfies Neuron<typeof params>;
