import type { ParamSpec, ParamsOf } from "#shared/units/params.ts";
import type { Unit } from "#shared/units/unit.ts";
import type { LifSpec } from "#main/tensor/ops.ts";

/** Dynamics of a spiking neuron over all time steps. It never hides state: every sequence starts at rest. */
export interface Neuron<S extends ParamSpec = ParamSpec> extends Unit<S> {
  /** Its constants, less the surrogate. */
  constants(params: ParamsOf<S>): Omit<LifSpec, "surrogate" | "alpha">;
}
