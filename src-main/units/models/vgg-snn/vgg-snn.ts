import type { ParamSpec } from "#shared/units/params.ts";
import { featuresParam, normParams, normSettings, presetOf, presetParam } from "../common.ts";
import type { Model } from "../model.ts";
import { buildVgg } from "./network.ts";
import { presets } from "./presets.ts";

const params = { preset: presetParam, features: featuresParam, ...normParams } as const satisfies ParamSpec;

/** The spiking VGG of He et al., AAAI 2024, in four sizes. */
export const vggSnn = {
  id: "vgg-snn",
  label: "Spiking VGG",
  summary: "Convolution, batch norm and spiking neurons in pairs with pooling after each pair (He et al., AAAI 2024).",
  params,
  input: ({ preset }) => ({ size: presetOf(presets, preset).size, steps: presetOf(presets, preset).steps }),
  build: (chosen, parts) => {
    const { channels, features: natural } = presetOf(presets, chosen.preset);
    const features = chosen.features === "auto" ? natural : chosen.features;
    return buildVgg({ channels, features, norm: normSettings(chosen, parts.neuron.threshold) }, parts);
  },
} satisfies Model<typeof params>;
