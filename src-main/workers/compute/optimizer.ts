import type { Variable } from "@tensorflow/tfjs";
import { AdamW } from "#main/tensor/adam-w.ts";
import type { Optimizer } from "#main/tensor/optimizer.ts";
import { constantRate, cosine, stairs, warmUpCosine, warmUpStep, withWarmUp, type LearningRate } from "#main/tensor/schedules.ts";
import { Sgd, withL2 } from "#main/tensor/sgd.ts";
import type { OptimizerSettings } from "./spec.ts";

/** Variables of the transfer itself (alignment coefficients) are never decayed. */
const OF_THE_PLAN = "plan.";

/** What changes the weights of a training. AdamW decays matrices only; the others decay all weights, as PyTorch's do. */
export function optimizerOf(
  { kind, weightDecay, momentum }: OptimizerSettings,
  variables: Readonly<Record<string, Variable>>,
): Optimizer {
  if (kind === "adamw") return new AdamW(variables, { weightDecay });
  const inner = kind === "sgd" ? new Sgd(variables, momentum) : new AdamW(variables, { weightDecay: 0 });
  return withL2(inner, variables, weightDecay, (name) => !name.startsWith(OF_THE_PLAN));
}

/** The learning rate of each epoch of a phase. In short phases the warm-up takes a quarter of them at most. */
export function rateOf(settings: OptimizerSettings, epochs: number): LearningRate {
  const { schedule, learningRate: rate, stepEpochs, gamma } = settings;
  const warmUp = Math.min(settings.warmupEpochs, Math.floor(epochs / 4));
  switch (schedule) {
    case "cosine":
      return warmUpCosine(rate, epochs, warmUp);
    case "cosine-to-zero":
      return withWarmUp(rate, warmUp, cosine(rate, epochs));
    case "stairs":
      return withWarmUp(rate, warmUp, stairs(rate, stepEpochs, gamma));
    case "step":
      return warmUpStep(rate, stepEpochs, gamma, warmUp);
    case "constant":
      return withWarmUp(rate, warmUp, constantRate(rate));
  }
}
