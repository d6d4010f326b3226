import type { ParamSpec } from "#shared/units/params.ts";
import { surrogateGradient } from "#main/tensor/surrogate-gradient.ts";
import type { Surrogate } from "../surrogate.ts";

const params = {
  alpha: { type: "number", default: 2, min: 0.1, max: 10, label: "α", help: "Height at the threshold; the gate is 2/α wide." },
} as const satisfies ParamSpec;

/** max(0, α − α²·|u|): the default of knowledge-transfer training (He et al., AAAI 2024, arXiv 2303.13077). */
export const quadraticGate = {
  id: "quadratic-gate",
  label: "Quadratic gate",
  summary: "max(0, α − α²·|u|): the default of knowledge-transfer training (He et al., AAAI 2024, arXiv 2303.13077).",
  params,
  constants: ({ alpha }) => ({ kind: "quadratic-gate", alpha }),
  gradient: (u, { alpha }) => surrogateGradient("quadratic-gate", alpha, u),
} satisfies Surrogate<typeof params>;
