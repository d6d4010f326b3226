import type { ParamSpec } from "#shared/units/params.ts";
import { normParams, normSettings, presetOf, presetParam, type PresetName } from "../common.ts";
import type { Model } from "../model.ts";
import { buildResNet } from "./network.ts";

interface Preset {
  readonly size: number;
  readonly steps: number;
  readonly channels: readonly number[];
  readonly blocksPerStage: number;
}

/** `paper` is the network that He et al. use for CEP-DVS; nano and tiny have one block a stage. */
const presets: Readonly<Record<PresetName, Preset>> = {
  nano: { size: 16, steps: 4, channels: [8, 16, 32], blocksPerStage: 1 },
  tiny: { size: 24, steps: 5, channels: [16, 32, 64, 64], blocksPerStage: 1 },
  small: { size: 32, steps: 6, channels: [32, 64, 128, 128], blocksPerStage: 2 },
  paper: { size: 48, steps: 6, channels: [64, 128, 256, 512], blocksPerStage: 2 },
};

const params = { preset: presetParam, ...normParams } as const satisfies ParamSpec;

/** A spiking ResNet-18 with pre-activation (He et al., AAAI 2024, on CEP-DVS), in four sizes. The alignment feature is what the read-out sees. */
export const resnet18 = {
  id: "resnet-18",
  label: "Spiking ResNet-18",
  summary: "Residual blocks whose neurons come before the convolutions (He et al., AAAI 2024).",
  params,
  input: ({ preset }) => ({ size: presetOf(presets, preset).size, steps: presetOf(presets, preset).steps }),
  build: (chosen, parts) => {
    const { channels, blocksPerStage } = presetOf(presets, chosen.preset);
    return buildResNet({ channels, blocksPerStage, norm: normSettings(chosen, parts.neuron.threshold) }, parts);
  },
} satisfies Model<typeof params>;
