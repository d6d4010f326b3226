import type { Tensor } from "@tensorflow/tfjs";
import { batchNorm, groupsOf, updateRunning, type BatchNormAttrs, type BatchNormOptions } from "./batch-norm.ts";
import { registerOperation, runMany } from "./kernel.ts";
import { lif, mostFusedSteps, type LifAttrs } from "./lif.ts";
import type { BatchNormState, LifOutput, LifSpec } from "./ops.ts";
import { tf } from "./tf.ts";

/** What the fused kernels are told. */
export type NormalizedLifAttrs = LifAttrs & BatchNormAttrs;

/**
 * Kernel names. `NormalizedLif`: `x`, `gamma`, `beta` → the neuron's output and `stats` `[2, groups, C]`.
 * `NormalizedLifGrad`: `x`, `dy`, `gamma`, `beta`, `stats` → `dx`, `dgamma`, `dbeta`.
 */
export const normalizedLifKernel = "NormalizedLif";
export const normalizedLifGradKernel = "NormalizedLifGrad";

registerOperation({
  name: normalizedLifKernel,
  gradient: {
    inputsToSave: ["x", "gamma", "beta"],
    outputsToSave: [false, true],
    gradient: ([dy], [x, gamma, beta, stats], attrs) => {
      // At once: each function below runs in a tidy of its own, which would free the other results.
      const inputs = { x: x!, dy: dy!, gamma: gamma!, beta: beta!, stats: stats! };
      const [dx, dgamma, dbeta] = runMany(normalizedLifGradKernel, inputs, attrs);
      return { x: () => dx!, gamma: () => dgamma!, beta: () => dbeta! };
    },
  },
});

/**
 * `lif(batchNorm(x))`, the same numbers, in one kernel where the backend has it: the normalized values are then neither
 * written nor kept for the gradient. As with `lif`, `potential` is computed when it is first read.
 */
export function normalizedLif(
  x: Tensor,
  steps: number,
  state: BatchNormState,
  options: BatchNormOptions,
  spec: LifSpec,
): LifOutput {
  const { training, momentum, epsilon, perStep, scale = 1 } = options;
  const fused = steps <= mostFusedSteps && tf.getKernel(normalizedLifKernel, tf.getBackend()) !== undefined;
  if (!training || !fused) {
    return lif(batchNorm(x, steps, state, options), steps, spec);
  }
  const groups = groupsOf(x, steps, perStep);
  const inputs = { x, gamma: state.gamma, beta: state.beta };
  const attrs = { ...spec, steps, groups, epsilon, scale };
  const [spikes, stats] = runMany(normalizedLifKernel, inputs, { ...attrs, output: "spikes" });
  updateRunning(state, x, stats!, groups, momentum);
  let potential: Tensor | undefined;
  return {
    spikes: spikes!,
    get potential() {
      potential ??= runMany(normalizedLifKernel, inputs, { ...attrs, output: "potential" })[0]!;
      return potential;
    },
  };
}
