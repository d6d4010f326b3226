import type { ParamSpec } from "#shared/units/params.ts";
import { surrogateGradient } from "#main/tensor/surrogate-gradient.ts";
import type { Surrogate } from "../surrogate.ts";

const params = {
  alpha: { type: "number", default: 2, min: 0.1, max: 10, label: "α", help: "The gate is 2/α wide." },
} as const satisfies ParamSpec;

/** 1 within 1/α of the threshold, else 0. */
export const gate = {
  id: "gate",
  label: "Gate",
  summary: "1 within 1/α of the threshold, else 0.",
  params,
  constants: ({ alpha }) => ({ kind: "gate", alpha }),
  gradient: (u, { alpha }) => surrogateGradient("gate", alpha, u),
} satisfies Surrogate<typeof params>;
