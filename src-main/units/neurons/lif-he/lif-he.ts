import type { ParamSpec } from "#shared/units/params.ts";
import type { Neuron } from "../neuron.ts";

const params = {
  tau: { type: "number", default: 2, min: 1, max: 100, unit: "steps", label: "τ", help: "Membrane time constant." },
  threshold: { type: "number", default: 0.5, min: 0.01, max: 10, label: "Threshold", help: "Fires strictly above it." },
} as const satisfies ParamSpec;

/**
 * v_pre[t] = v[t-1] + (x[t] − v[t-1])/τ; s[t] = 1 if v_pre[t] > θ; v[t] = v_pre[t]·(1 − s[t]).
 * The reset carries no gradient; the recorded potential is the one after it (He et al., AAAI 2024, arXiv 2303.13077).
 */
export const lifHe = {
  id: "lif-he",
  label: "Leaky integrate-and-fire, scaled input",
  summary: "Input scaled by 1/τ, hard reset without gradient, as in knowledge-transfer training (He et al., AAAI 2024).",
  params,
  constants: ({ tau, threshold }) => ({
    keep: 1 - 1 / tau,
    gain: 1 / tau,
    threshold,
    detachReset: true,
    potential: "post",
  }),
} satisfies Neuron<typeof params>;
