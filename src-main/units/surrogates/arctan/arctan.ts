import type { ParamSpec } from "#shared/units/params.ts";
import { surrogateGradient } from "#main/tensor/surrogate-gradient.ts";
import type { Surrogate } from "../surrogate.ts";

const params = {
  alpha: { type: "number", default: 2, min: 0.1, max: 20, label: "α", help: "Twice its height at the threshold." },
} as const satisfies ParamSpec;

/** α / (2·(1 + (π·α·u/2)²)) (Fang et al., ICCV 2021, doi 10.1109/ICCV48922.2021.00266). */
export const arctan = {
  id: "arctan",
  label: "Arctangent",
  summary: "α / (2·(1 + (π·α·u/2)²)) (Fang et al., ICCV 2021, doi 10.1109/ICCV48922.2021.00266).",
  params,
  constants: ({ alpha }) => ({ kind: "arctan", alpha }),
  gradient: (u, { alpha }) => surrogateGradient("arctan", alpha, u),
} satisfies Surrogate<typeof params>;
