import type { Network } from "#main/units/models/model.ts";

/** Numbers an optimizer may change, of all heads. */
export const countParameters = ({ trainable, weights }: Pick<Network, "trainable" | "weights">): number =>
  trainable.reduce((sum, name) => sum + (weights[name]?.size ?? 0), 0);
