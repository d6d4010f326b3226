import type { Tensor } from "@tensorflow/tfjs";
import { AppError } from "#shared/api/errors.ts";
import type { ParamSpec } from "#shared/units/params.ts";
import type { BatchNormOptions } from "#main/tensor/batch-norm.ts";
import { avgPool2 } from "#main/tensor/layers.ts";
import { tf } from "#main/tensor/tf.ts";

/** PyTorch's convention: weight of the new batch in the running averages, and ε, as in all published networks. */
const MOMENTUM = 0.1;
const EPSILON = 1e-5;

/** Names of sizes as they are written into run files; every model has them. */
export const presetNames = ["nano", "tiny", "small", "paper"] as const;
export type PresetName = (typeof presetNames)[number];

/** The entry of a table of presets. */
export function presetOf<T>(presets: Readonly<Record<PresetName, T>>, name: string): T {
  return presets[presetNames.find((candidate) => candidate === name) ?? ("tiny" satisfies PresetName)];
}

/** The size of a model. */
export const presetParam = {
  type: "choice",
  default: "tiny",
  options: presetNames,
  label: "Size",
  help: "nano: seconds; tiny: minutes on a processor; small: a graphics card or patience; paper: the published network, a large graphics card.",
} as const;

/** Parameters of every model with batch norm. */
export const normParams = {
  runningAverages: {
    type: "choice",
    default: "shared",
    options: ["shared", "per-stream"],
    label: "Running averages",
    help: "Whether pictures and events move the same averages of batch norm (the methods) or each their own.",
  },
  normalization: {
    type: "choice",
    default: "per-step",
    options: ["per-step", "sequence", "tdbn"],
    label: "Batch norm",
    help: "Statistics of each time step (He et al.), of the whole sequence (Zhan et al.), or of the whole sequence with the result scaled by the threshold (tdBN, Zheng et al., AAAI 2021).",
  },
} as const satisfies ParamSpec;

/** How batch norm is done in one network. */
export interface NormSettings {
  /** Running averages of their own for each head's stream, instead of one set that all move. */
  readonly perStream: boolean;
  readonly perStep: boolean;
  /** Factor on the normalized value: the threshold for tdBN, else 1. */
  readonly scale: number;
}

/** The settings that the parameters mean. */
export const normSettings = (
  { runningAverages, normalization }: { readonly runningAverages: string; readonly normalization: string },
  threshold: number,
): NormSettings => ({
  perStream: runningAverages === "per-stream",
  perStep: normalization === "per-step",
  scale: normalization === "tdbn" ? threshold : 1,
});

/** The settings as an operation wants them. */
export const normOptions = ({ perStep, scale }: NormSettings, training: boolean): BatchNormOptions => ({
  training,
  momentum: MOMENTUM,
  epsilon: EPSILON,
  perStep,
  scale,
});

/** How alignment features `[T·N, H, W, C]` are reduced to `[T·N, D]`. */
export type FeatureReduction = "full" | "pooled" | "channels";

/** The choice of it; the preset decides when left to it. */
export const featuresParam = {
  type: "choice",
  default: "auto",
  options: ["auto", "full", "pooled", "channels"],
  label: "Alignment feature",
  help: "Potentials of the last block: all of them (the method), pooled 2×2, or averaged over space. auto: full for small and paper, channels below.",
} as const;

/** Linear CKA says little for more features than samples, so small networks pool the feature over space first. */
export function reduceFeatures(potential: Tensor, reduction: FeatureReduction): Tensor {
  if (reduction === "channels") return tf.mean(potential, [1, 2]);
  return tf.reshape(reduction === "pooled" ? avgPool2(potential) : potential, [potential.shape[0] ?? 0, -1]);
}

/** Refuses an input that the network's strides and pooling would use up. */
export function checkInput(height: number, width: number, smallest: number): void {
  if (height >= smallest && width >= smallest) return;
  throw new AppError("bad-spec", `The network needs an input of at least ${smallest}×${smallest}, got ${width}×${height}`, {
    hint: "Choose a smaller preset, or a representation with a larger frame.",
  });
}
