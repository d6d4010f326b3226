import type { Tensor, Variable } from "@tensorflow/tfjs";

/** Changes variables along their gradients. */
export interface Optimizer {
  /** How many updates have been made; part of a checkpoint. */
  step: number;
  /** What it remembers between updates, by name; part of a checkpoint: assign to restore. */
  readonly slots: Readonly<Record<string, Variable>>;
  /** One update of every variable that has a gradient. The tape must be over; the gradients stay the caller's. */
  apply(gradients: Readonly<Record<string, Tensor>>, learningRate: number): void;
  /** Frees what it remembers; the variables are their owner's. */
  dispose(): void;
}
