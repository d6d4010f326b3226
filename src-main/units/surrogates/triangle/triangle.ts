import type { ParamSpec } from "#shared/units/params.ts";
import { surrogateGradient } from "#main/tensor/surrogate-gradient.ts";
import type { Surrogate } from "../surrogate.ts";

const params = {
  gamma: { type: "number", default: 1, min: 0.1, max: 10, label: "γ", help: "Half its width; the area is 1." },
} as const satisfies ParamSpec;

/** max(0, γ − |u|)/γ² (Deng et al., ICLR 2022; Zhan et al., IEEE TIP 2024). */
export const triangle = {
  id: "triangle",
  label: "Triangle",
  summary: "max(0, γ − |u|)/γ² (Deng et al., ICLR 2022; Zhan et al., IEEE TIP 2024).",
  params,
  constants: ({ gamma }) => ({ kind: "triangle", alpha: gamma }),
  gradient: (u, { gamma }) => surrogateGradient("triangle", gamma, u),
} satisfies Surrogate<typeof params>;
