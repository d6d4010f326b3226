import type { FeatureReduction, PresetName } from "../common.ts";

/** Sizes of the network. Average pooling follows every second block. */
export interface Preset {
  /** Side of the square input, px. */
  readonly size: number;
  readonly steps: number;
  readonly channels: readonly number[];
  /** How alignment features are reduced when the choice is left to the preset. */
  readonly features: FeatureReduction;
}

/**
 * `paper` is the network of He et al., AAAI 2024; the others are cut to the machine. Linear CKA says little for more
 * features than samples, so the small ones pool the feature over space first.
 */
export const presets: Readonly<Record<PresetName, Preset>> = {
  nano: { size: 16, steps: 4, channels: [8, 16, 32, 32], features: "channels" },
  tiny: { size: 24, steps: 5, channels: [16, 32, 64, 64, 64, 64], features: "channels" },
  small: { size: 32, steps: 6, channels: [32, 64, 128, 128, 128, 128], features: "full" },
  paper: { size: 48, steps: 10, channels: [64, 128, 256, 256, 512, 512, 512, 512], features: "full" },
};
