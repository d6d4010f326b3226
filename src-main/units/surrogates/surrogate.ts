import type { Tensor } from "@tensorflow/tfjs";
import type { ParamSpec, ParamsOf } from "#shared/units/params.ts";
import type { Unit } from "#shared/units/unit.ts";
import type { SurrogateKind } from "#main/tensor/ops.ts";

/** The derivative used in place of the step's. Forward is always the strict step (fires for u > 0). */
export interface Surrogate<S extends ParamSpec = ParamSpec> extends Unit<S> {
  /** How fused kernels know it, and its one number. */
  constants(params: ParamsOf<S>): { readonly kind: SurrogateKind; readonly alpha: number };
  /** g'(u), u = v_pre − θ; the reference for fused kernels. */
  gradient(u: Tensor, params: ParamsOf<S>): Tensor;
}
