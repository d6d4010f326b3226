import type { Tensor, Variable } from "@tensorflow/tfjs";
import { tf } from "./tf.ts";

/*
 * Updates that write into variables instead of replacing them. They are no tfjs kernels, since a kernel may not change
 * its inputs; a backend offers its own here when it starts, all others use the composed ones beside the callers.
 */

/** What one variable's AdamW update needs beside gradient and moments. */
export interface AdamWUpdate {
  readonly beta1: number;
  readonly beta2: number;
  readonly epsilon: number;
  /** lr / (1 − β1^t) */
  readonly rate: number;
  /** 1 / √(1 − β2^t) */
  readonly rootCorrection: number;
  /** 1 − lr·wd, or 1 where nothing decays. */
  readonly decay: number;
}

/** How running averages of batch norm move: group after group, `rows` values behind each statistic. */
export interface RunningUpdate {
  readonly groups: number;
  readonly rows: number;
  readonly momentum: number;
}

/** What a backend does in place. A variable whose data somebody else holds as well must be copied first. */
export interface InPlace {
  readonly adamW: (update: AdamWUpdate, parameter: Variable, gradient: Tensor, m: Variable, v: Variable) => void;
  /** @param stats `[2, groups, C]`: means, biased variances. */
  readonly running: (update: RunningUpdate, mean: Variable, variance: Variable, stats: Tensor) => void;
}

const offered = new Map<string, InPlace>();

/** Gives a backend its own in-place updates. */
export function offerInPlace(backendName: string, updates: InPlace): void {
  offered.set(backendName, updates);
}

/** Those of the current backend, if it has any. */
export const offeredInPlace = (): InPlace | undefined => offered.get(tf.getBackend());
