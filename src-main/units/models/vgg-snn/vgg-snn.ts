import type { ParamSpec } from "#shared/units/params.ts";
import type { Model } from "../model.ts";
import { buildVgg } from "./network.ts";
import { presetNames, presets, type PresetName } from "./presets.ts";

const params = {
  preset: {
    type: "choice",
    default: "tiny",
    options: presetNames,
    label: "Size",
    help: "nano: seconds; tiny: minutes on a processor; small: a graphics card or patience; paper: the published network, a large graphics card.",
  },
  features: {
    type: "choice",
    default: "auto",
    options: ["auto", "full", "pooled", "channels"],
    label: "Alignment feature",
    help: "Potentials of the last block: all of them (the method), pooled 2×2, or averaged over space. auto: full for small and paper, channels below.",
  },
  runningAverages: {
    type: "choice",
    default: "shared",
    options: ["shared", "per-stream"],
    label: "Running averages",
    help: "Whether pictures and events move the same averages of batch norm (the method) or each their own.",
  },
  normalization: {
    type: "choice",
    default: "per-step",
    options: ["per-step", "sequence"],
    label: "Batch norm",
    help: "Statistics of each time step (the method), or of the whole sequence.",
  },
} as const satisfies ParamSpec;

const presetOf = (name: string) => {
  const known = presetNames.find((candidate) => candidate === name);
  return presets[known ?? ("tiny" satisfies PresetName)];
};

/** The spiking VGG of He et al., AAAI 2024, in four sizes. */
export const vggSnn = {
  id: "vgg-snn",
  label: "Spiking VGG",
  summary: "Convolution, batch norm and spiking neurons in pairs with pooling after each pair (He et al., AAAI 2024).",
  params,
  input: ({ preset }) => ({ size: presetOf(preset).size, steps: presetOf(preset).steps }),
  build: ({ preset, features, runningAverages, normalization }, parts) => {
    const { channels, features: natural } = presetOf(preset);
    return buildVgg(
      {
        channels,
        features: features === "auto" ? natural : features,
        perStream: runningAverages === "per-stream",
        perStep: normalization === "per-step",
      },
      parts,
    );
  },
} satisfies Model<typeof params>;
