import type { ParamSpec, ParamsOf } from "#shared/units/params.ts";
import { INPUT, values, type Write } from "./registers.ts";

/** The connectors of the boards with an FX3: input with its detector, output with its generator. */
export const inputParams = {
  triggerIn: {
    type: "choice",
    default: "off",
    options: ["off", "rising", "falling", "both", "pulses"],
    label: "Trigger input (DETECT_…)",
    help: "What at the input connector is written into the stream with its time: edges, or pulses of a least length.",
  },
  triggerPulseHigh: {
    type: "boolean",
    default: true,
    label: "Trigger input: pulses are high (DETECT_PULSE_POLARITY)",
  },
  triggerPulseUs: {
    type: "integer",
    default: 10,
    min: 1,
    max: 10_000,
    unit: "µs",
    label: "Trigger input: shortest pulse (DETECT_PULSE_LENGTH)",
  },
  triggerOut: {
    type: "boolean",
    default: false,
    label: "Trigger output (RUN_GENERATOR)",
    help: "Sends pulses at the output connector.",
  },
  triggerOutHigh: { type: "boolean", default: true, label: "Trigger output: pulses are high (GENERATE_PULSE_POLARITY)" },
  triggerOutIntervalUs: {
    type: "integer",
    default: 10,
    min: 2,
    max: 10_000_000,
    unit: "µs",
    label: "Trigger output: from pulse to pulse (GENERATE_PULSE_INTERVAL)",
  },
  triggerOutPulseUs: {
    type: "integer",
    default: 5,
    min: 1,
    max: 5_000_000,
    unit: "µs",
    label: "Trigger output: length of a pulse (GENERATE_PULSE_LENGTH)",
    help: "Shorter than the time from pulse to pulse.",
  },
  triggerOutRising: {
    type: "boolean",
    default: false,
    label: "Trigger output: note beginnings (GENERATE_INJECT_ON_RISING_EDGE)",
    help: "Rising edges of the output are written into the stream, on channel 1.",
  },
  triggerOutFalling: {
    type: "boolean",
    default: false,
    label: "Trigger output: note ends (GENERATE_INJECT_ON_FALLING_EDGE)",
    help: "Falling edges of the output are written into the stream, on channel 1.",
  },
} as const satisfies ParamSpec;

export type InputParams = ParamsOf<typeof inputParams>;

const flag = (on: boolean): number => (on ? 1 : 0);

/** Values of both connectors. @param generator whether the board has one */
export function inputWrites(params: InputParams, logicMhz: number, generator: boolean): readonly Write[] {
  const { triggerIn } = params;
  const cycles = (us: number): number => Math.round(us * logicMhz);
  const off = triggerIn === "off";
  return values(INPUT, [
    [1, flag(triggerIn === "rising" || triggerIn === "both")],
    [2, flag(triggerIn === "falling" || triggerIn === "both")],
    [3, flag(triggerIn === "pulses" || off)],
    [4, flag(params.triggerPulseHigh)],
    [5, cycles(params.triggerPulseUs)],
    ...(generator
      ? ([
          [11, flag(params.triggerOut)],
          [12, flag(params.triggerOutHigh)],
          [13, cycles(params.triggerOutIntervalUs)],
          [14, cycles(params.triggerOutPulseUs)],
          [15, flag(params.triggerOutRising)],
          [16, flag(params.triggerOutFalling)],
        ] as const)
      : []),
  ]);
}
