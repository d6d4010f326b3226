import type { ParamSpec, ParamsOf } from "#shared/units/params.ts";
import type { Unit } from "#shared/units/unit.ts";

/** Training clips of one batch, changed in place. */
export interface ClipBatch {
  /** `[T, N, H, W, C]`, T slowest. */
  readonly values: Float32Array;
  readonly shape: readonly [steps: number, size: number, height: number, width: number, channels: number];
  /** Shares of the classes, `[N, classes]`. */
  readonly targets: Float32Array;
}

/** Changes the clips of a batch. Everything random comes from `random`, uniform in [0, 1), so that a run can be repeated. */
export type Augment = (batch: ClipBatch, random: () => number) => void;

/** A random variation of training clips; clips for validation, test and use never see it. */
export interface Augmentation<S extends ParamSpec = ParamSpec> extends Unit<S> {
  /** Whether clips of different classes are mixed, so that a label becomes shares of classes. */
  readonly mixes: boolean;
  create(params: ParamsOf<S>): Augment;
}
