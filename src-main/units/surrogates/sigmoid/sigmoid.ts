import type { ParamSpec } from "#shared/units/params.ts";
import { surrogateGradient } from "#main/tensor/surrogate-gradient.ts";
import type { Surrogate } from "../surrogate.ts";

const params = {
  alpha: { type: "number", default: 1, min: 0.1, max: 20, label: "α", help: "Steepness." },
} as const satisfies ParamSpec;

/** α·σ(αu)·(1 − σ(αu)): the derivative of a logistic function. */
export const sigmoid = {
  id: "sigmoid",
  label: "Sigmoid",
  summary: "α·σ(αu)·(1 − σ(αu)): the derivative of a logistic function.",
  params,
  constants: ({ alpha }) => ({ kind: "sigmoid", alpha }),
  gradient: (u, { alpha }) => surrogateGradient("sigmoid", alpha, u),
} satisfies Surrogate<typeof params>;
