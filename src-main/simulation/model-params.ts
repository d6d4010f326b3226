import type { ParamSpec, ParamsOf } from "#shared/units/params.ts";

/**
 * Parameters of the simulated pixels. Defaults are those of an ordinary sensor in an ordinary room: thresholds and
 * mismatch as in Hu, Liu, Delbruck, "v2e: From Video Frames to Realistic DVS Events", CVPRW 2021, table 1.
 */
export const modelParams = {
  thresholdOn: {
    type: "number",
    default: 0.25,
    min: 0.01,
    max: 2,
    label: "ON threshold",
    help: "Rise of the natural logarithm of light that makes one ON event.",
  },
  thresholdOff: {
    type: "number",
    default: 0.25,
    min: 0.01,
    max: 2,
    label: "OFF threshold",
    help: "Fall of the natural logarithm of light that makes one OFF event.",
  },
  mismatch: {
    type: "number",
    default: 0.03,
    min: 0,
    max: 0.5,
    label: "Threshold mismatch",
    help: "Standard deviation of the thresholds from pixel to pixel.",
  },
  refractoryUs: {
    type: "integer",
    default: 250,
    min: 0,
    max: 1_000_000,
    unit: "µs",
    label: "Refractory time",
    help: "After an event a pixel is held in reset for this long.",
  },
  leakHz: {
    type: "number",
    default: 0.05,
    min: 0,
    max: 100,
    unit: "Hz",
    label: "Leak rate",
    help: "ON events per pixel and second that come without any change of light.",
  },
  shotNoiseHz: {
    type: "number",
    default: 0.3,
    min: 0,
    max: 1000,
    unit: "Hz",
    label: "Shot noise",
    help: "Noise events per pixel and second in the dark; a quarter of it in full light.",
  },
  hotPixels: {
    type: "number",
    default: 0,
    min: 0,
    max: 0.1,
    label: "Hot pixels",
    help: "Share of the pixels that fire without end.",
  },
  readoutUs: {
    type: "integer",
    default: 1,
    min: 1,
    max: 10_000,
    unit: "µs",
    label: "Readout interval",
    help: "Rows are read this often; events in between get the time at which it began.",
  },
  bandwidthHz: {
    type: "number",
    default: 0,
    min: 0,
    max: 100_000,
    unit: "Hz",
    label: "Photoreceptor bandwidth",
    help: "Corner frequency in full light; in the dark it is a tenth. 0 means that pixels follow at once.",
  },
} satisfies ParamSpec;

export type ModelParams = ParamsOf<typeof modelParams>;
