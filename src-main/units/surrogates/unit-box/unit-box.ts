import type { ParamSpec } from "#shared/units/params.ts";
import { surrogateGradient } from "#main/tensor/surrogate-gradient.ts";
import type { Surrogate } from "../surrogate.ts";

const params = {} as const satisfies ParamSpec;

/** 1 within half a unit of the threshold, else 0 (He et al., AAAI 2024, on N-Omniglot). */
export const unitBox = {
  id: "unit-box",
  label: "Unit box",
  summary: "1 within half a unit of the threshold, else 0 (He et al., AAAI 2024, on N-Omniglot).",
  params,
  constants: () => ({ kind: "unit-box", alpha: 1 }),
  gradient: (u) => surrogateGradient("unit-box", 1, u),
} satisfies Surrogate<typeof params>;
