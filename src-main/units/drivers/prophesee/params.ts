import type { Param, ParamSpec, ParamsOf } from "#shared/units/params.ts";
import { inSections, type Section } from "../sections.ts";
import type { BiasName } from "./biases.ts";

type Range = readonly [min: number, max: number];

/** A bias as a parameter: an offset from what the factory set, within what is safe. */
const bias = (label: string, [min, max]: Range, help: string) =>
  ({
    type: "integer",
    default: 0,
    min,
    max,
    label,
    help: `${help} Offset from the factory value; 0 leaves it.`,
  }) as const satisfies Param;

const biasParams = (ranges: Readonly<Record<BiasName, Range>>) =>
  ({
    biasDiffOn: bias(
      "ON threshold (bias_diff_on)",
      ranges.biasDiffOn,
      "Higher: a pixel needs more brightening for an ON event; fewer events, less noise.",
    ),
    biasDiffOff: bias(
      "OFF threshold (bias_diff_off)",
      ranges.biasDiffOff,
      "Higher: a pixel needs more darkening for an OFF event; fewer events, less noise.",
    ),
    biasFo: bias(
      "Low-pass (bias_fo)",
      ranges.biasFo,
      "Higher: faster pixels that also see flicker and noise. Lower: slow changes only.",
    ),
    biasHpf: bias("High-pass (bias_hpf)", ranges.biasHpf, "Higher: slow changes are left out."),
    biasRefr: bias("Dead time (bias_refr)", ranges.biasRefr, "Higher: a pixel is ready again sooner after an event."),
    biasDiff: bias(
      "Reference of the thresholds (bias_diff)",
      ranges.biasDiff,
      "Best left alone: both thresholds are measured from it.",
    ),
  }) as const;

const roiParams = (width: number, height: number) =>
  ({
    roi: {
      type: "choice",
      default: "off",
      options: ["off", "window", "all but the window"],
      label: "Region of interest",
      help: "window: pixels outside are switched off in the sensor and cost no bandwidth. all but the window: those inside are (not on GenX320).",
    },
    roiX: { type: "integer", default: 0, min: 0, max: width - 1, unit: "px", label: "Window: left edge" },
    roiY: { type: "integer", default: 0, min: 0, max: height - 1, unit: "px", label: "Window: top edge" },
    roiWidth: { type: "integer", default: width, min: 1, max: width, unit: "px", label: "Window: width" },
    roiHeight: { type: "integer", default: height, min: 1, max: height, unit: "px", label: "Window: height" },
    crop: {
      type: "boolean",
      default: false,
      label: "Digital crop",
      help: "Events outside are dropped behind the array. They still take part in the event rate limit.",
    },
    cropX: { type: "integer", default: 0, min: 0, max: width - 1, unit: "px", label: "Crop: left edge" },
    cropY: { type: "integer", default: 0, min: 0, max: height - 1, unit: "px", label: "Crop: top edge" },
    cropWidth: { type: "integer", default: width, min: 1, max: width, unit: "px", label: "Crop: width" },
    cropHeight: { type: "integer", default: height, min: 1, max: height, unit: "px", label: "Crop: height" },
    maskedPixels: {
      type: "text",
      default: "",
      label: "Masked pixels",
      help: "Pixels that fire all the time, as column,row with spaces in between: 10,20 300,400. Sources disagree on which way rows are counted: look whether the right ones fall silent.",
    },
  }) as const;

const otherParams = (rate: { readonly default: number; readonly max: number }) =>
  ({
    limitRate: {
      type: "boolean",
      default: true,
      label: "Limit the event rate",
      help: "The sensor leaves out events, evenly, so that no more than the limit leave it. Without it a flicker can swamp the connection.",
    },
    rateLimitMev: {
      type: "number",
      default: rate.default,
      min: 0.1,
      max: rate.max,
      unit: "Mev/s",
      label: "Largest event rate",
    },
    antiFlicker: {
      type: "choice",
      default: "off",
      options: ["off", "remove", "keep"],
      label: "Flicker filter",
      help: "Removes events of lamps and screens that flicker within the band, or keeps nothing else.",
    },
    flickerLowHz: { type: "integer", default: 90, min: 50, max: 520, unit: "Hz", label: "Flicker: lowest frequency" },
    flickerHighHz: {
      type: "integer",
      default: 130,
      min: 50,
      max: 520,
      unit: "Hz",
      label: "Flicker: highest frequency",
      help: "Lamps flicker with twice the frequency of the mains: 100 or 120 Hz.",
    },
    triggerIn: {
      type: "boolean",
      default: false,
      label: "Trigger input",
      help: "Edges at the trigger connector are written into the stream with their time. These boards have no trigger output.",
    },
    sync: {
      type: "choice",
      default: "alone",
      options: ["alone", "master", "follower"],
      label: "Clock",
      help: "Cameras that share a clock: one master, and followers that are opened before it. Set when the camera is opened.",
    },
    allowSlowPort: {
      type: "boolean",
      default: false,
      label: "Open on a USB 2 port",
      help: "A USB 2 port carries a tenth of what the sensor can send: limit the event rate to about 5 million events/s.",
    },
  }) as const;

const trailParams = (options: readonly ["off", "trail", "cut", "keep"]) =>
  ({
    trailFilter: {
      type: "choice",
      default: "off",
      options,
      label: "Trail filter",
      help: "trail: of a burst of one pixel in one direction only the first event. cut: only the second (noise comes alone). keep: the second and all after it.",
    },
    trailThresholdMs: {
      type: "integer",
      default: 10,
      min: 1,
      max: 100,
      unit: "ms",
      label: "Trail filter: longest pause within a burst",
    },
  }) as const;

const gateParams = {
  rateGate: {
    type: "boolean",
    default: false,
    label: "Event rate gate (NFL)",
    help: "Nothing leaves the sensor while the event rate, over a millisecond, is below or above the bounds.",
  },
  rateGateMinMev: {
    type: "number",
    default: 0,
    min: 0,
    max: 200,
    unit: "Mev/s",
    label: "Rate gate: lower bound",
  },
  rateGateMaxMev: {
    type: "number",
    default: 100,
    min: 0.001,
    max: 1600,
    unit: "Mev/s",
    label: "Rate gate: upper bound",
  },
} as const satisfies ParamSpec;

const filters = ["off", "trail", "cut", "keep"] as const;

const sections: readonly Section[] = [
  ["Biases", "basic", "biasDiffOn", "biasDiffOff", "biasFo", "biasHpf", "biasRefr"],
  ["Region", "basic", "roi*"],
  ["Event rate", "basic", "limitRate", "rateLimitMev"],
  ["Filters in the sensor", "basic", "antiFlicker", "trailFilter", "trailThresholdMs"],
  ["Filters in the sensor", "advanced", "flicker*"],
  ["Filters in the sensor", "advanced", "rateGate*"],
  ["Region", "advanced", "crop*", "maskedPixels"],
  ["Trigger and clock", "advanced", "triggerIn", "sync"],
  ["Connection", "advanced", "allowSlowPort"],
  ["Biases", "expert", "bias*"],
];

/** What can be set on cameras of 1280 × 720. */
export const hdParams = (ranges: Readonly<Record<BiasName, Range>>) =>
  inSections(
    {
      ...biasParams(ranges),
      ...roiParams(1280, 720),
      ...otherParams({ default: 50, max: 1000 }),
      ...trailParams(filters),
    } as const satisfies ParamSpec,
    sections,
  );

/** What can be set on cameras of 320 × 320. */
export const genx320Params = (ranges: Readonly<Record<BiasName, Range>>) =>
  inSections(
    {
      ...biasParams(ranges),
      ...roiParams(320, 320),
      ...otherParams({ default: 10, max: 200 }),
      ...gateParams,
      ...trailParams(filters),
    } as const satisfies ParamSpec,
    sections,
  );

/** All drivers of Prophesee cameras have the same names. */
export type PropheseeParamSpec = ReturnType<typeof hdParams>;
export type PropheseeParams = ParamsOf<PropheseeParamSpec> & Partial<ParamsOf<typeof gateParams>>;
