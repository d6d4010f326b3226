import type { ParamSpec } from "#shared/units/params.ts";
import { normParams, normSettings, presetOf, presetParam, type PresetName } from "../common.ts";
import type { Model } from "../model.ts";
import { buildR2etl } from "./network.ts";

interface Preset {
  readonly size: number;
  readonly steps: number;
  readonly encoder: number;
  readonly trunk: readonly number[];
  readonly bottleneck: number;
}

/** `paper` is the network of Zhan et al.; the others are cut to the machine. */
const presets: Readonly<Record<PresetName, Preset>> = {
  nano: { size: 16, steps: 4, encoder: 8, trunk: [16, 32, 32], bottleneck: 32 },
  tiny: { size: 24, steps: 5, encoder: 16, trunk: [32, 32, 64, 64, 64], bottleneck: 64 },
  small: { size: 32, steps: 6, encoder: 32, trunk: [64, 64, 128, 128, 128], bottleneck: 128 },
  paper: { size: 48, steps: 10, encoder: 64, trunk: [128, 256, 256, 512, 512, 512, 512], bottleneck: 256 },
};

const params = {
  preset: presetParam,
  variant: {
    type: "choice",
    default: "strided",
    options: ["strided", "pooling"],
    label: "Variant",
    help: "How every second layer halves the frame: with stride 2 (as the published runs do), or by average pooling.",
  },
  bottleneck: {
    type: "choice",
    default: "one-neuron",
    options: ["one-neuron", "two-neurons"],
    label: "Bottleneck",
    help: "two-neurons: spikes of the bottleneck pass through a second neuron, as in the published code of the strided variant, by accident.",
  },
  ...normParams,
  normalization: { ...normParams.normalization, default: "sequence" },
} as const satisfies ParamSpec;

/** The spiking VGG of R2ETL (Zhan et al., IEEE TIP 2024, doi 10.1109/TIP.2024.3430043), in four sizes. */
export const vggR2etl = {
  id: "vgg-r2etl",
  label: "Spiking VGG with bottleneck",
  summary: "Encoder, strided or pooled trunk and a narrow last layer whose potentials are aligned (Zhan et al., IEEE TIP 2024).",
  params,
  input: ({ preset }) => ({ size: presetOf(presets, preset).size, steps: presetOf(presets, preset).steps }),
  build: (chosen, parts) => {
    const { encoder, trunk, bottleneck } = presetOf(presets, chosen.preset);
    const norm = normSettings(chosen, parts.neuron.threshold);
    const second = chosen.bottleneck === "two-neurons";
    return buildR2etl({ encoder, trunk, bottleneck, variant: chosen.variant, second, norm }, parts);
  },
} satisfies Model<typeof params>;
