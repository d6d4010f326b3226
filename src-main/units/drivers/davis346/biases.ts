import type { Param } from "#shared/units/params.ts";
import { CHIP, type Write } from "../inivation/registers.ts";

/** A current of the chip: which of eight ranges, and how much of it. */
interface Current {
  readonly parameter: number;
  readonly vendorName: string;
  readonly label: string;
  readonly help: string;
  /** Bits 0-3: enabled, N type, normal instead of cascode, normal current. */
  readonly flags: number;
  readonly coarse: number;
  readonly fine: number;
}

const N = 0b1111;
const P = 0b1101;
const N_OFF = 0b1110;

const current = (
  parameter: number,
  vendorName: string,
  flags: number,
  [coarse, fine]: readonly [number, number],
  label: string,
  help: string,
): Current => ({ parameter, vendorName, label, help, flags, coarse, fine });

const LEAVE = "Best left alone.";

/** Currents by the name of their parameters; those that users turn come first. */
export const currents = {
  biasOn: current(11, "OnBn", N, [5, 255], "ON threshold", "More current: a pixel needs more brightening for an ON event."),
  biasOff: current(12, "OffBn", N, [4, 1], "OFF threshold", "Less current: a pixel needs more darkening for an OFF event."),
  biasDiff: current(10, "DiffBn", N, [4, 39], "Reference of the thresholds", "Both thresholds are measured from it."),
  biasPr: current(14, "PrBp", P, [2, 58], "Photoreceptor speed", "More current: faster pixels that also see flicker and noise."),
  biasPrSf: current(15, "PrSFBp", P, [1, 16], "Photoreceptor follower", "Less current: a low-pass behind the photoreceptor."),
  biasRefr: current(16, "RefrBp", P, [4, 25], "Refractory period", "More current: a pixel is ready again sooner after an event."),
  biasLocalBuf: current(8, "LocalBufBn", N, [5, 164], "Local buffer", LEAVE),
  biasPadFoll: current(9, "PadFollBn", N_OFF, [7, 215], "Pad follower, off", LEAVE),
  biasPixInv: current(13, "PixInvBn", N, [6, 144], "Pixel inverter", LEAVE),
  biasReadoutBuf: current(17, "ReadoutBufBp", P, [6, 20], "Frame readout buffer", LEAVE),
  biasApsRoSf: current(18, "ApsROSFBn", N, [6, 219], "Frame readout follower", LEAVE),
  biasAdcComp: current(19, "AdcCompBp", P, [5, 20], "Converter comparator", LEAVE),
  biasColSelLow: current(20, "ColSelLowBn", N, [0, 1], "Column select", LEAVE),
  biasDacBuf: current(21, "DACBufBp", P, [6, 60], "Converter buffer", LEAVE),
  biasLcolTimeout: current(22, "LcolTimeoutBn", N, [5, 49], "Column timeout", LEAVE),
  biasAePd: current(23, "AEPdBn", N, [6, 91], "Request pull-down", LEAVE),
  biasAePuX: current(24, "AEPuXBp", P, [4, 80], "Column request pull-up", LEAVE),
  biasAePuY: current(25, "AEPuYBp", P, [7, 152], "Row request pull-up", LEAVE),
  biasIfRefr: current(26, "IFRefrBn", N, [5, 255], "Test neuron refractory period", LEAVE),
  biasIfThr: current(27, "IFThrBn", N, [5, 255], "Test neuron threshold", LEAVE),
  biasBuffer: current(34, "BiasBuffer", N, [5, 254], "Bias buffer", LEAVE),
} as const;

/** Voltages of the chip, 0 to 63 of the supply, with the strength of their buffer. */
export const voltages = {
  apsOverflow: { parameter: 0, vendorName: "ApsOverflowLevel", label: "Frame overflow level", voltage: 27, strength: 6 },
  apsCas: { parameter: 1, vendorName: "ApsCas", label: "Frame cascode", voltage: 21, strength: 6 },
  adcRefHigh: { parameter: 2, vendorName: "AdcRefHigh", label: "Converter: upper end", voltage: 32, strength: 7 },
  adcRefLow: { parameter: 3, vendorName: "AdcRefLow", label: "Converter: lower end", voltage: 1, strength: 7 },
  adcTest: { parameter: 4, vendorName: "AdcTestVoltage", label: "Converter: test voltage", voltage: 21, strength: 7 },
} as const;

/** Shifted sources. */
export const sources = {
  biasSsp: { parameter: 35, vendorName: "SSP", label: "Shifted source P" },
  biasSsn: { parameter: 36, vendorName: "SSN", label: "Shifted source N" },
} as const;
const SOURCE_REFERENCE = 1;
const SOURCE_REGULATOR = 33;

type IntegerParam = Extract<Param, { type: "number" | "integer" }> & { readonly type: "integer" };
type CurrentName = keyof typeof currents;
type VoltageName = keyof typeof voltages;
type SourceName = keyof typeof sources;
type Name =
  | `${CurrentName}Coarse`
  | `${CurrentName}Fine`
  | `${VoltageName}Voltage`
  | `${VoltageName}Strength`
  | `${SourceName}Reference`
  | `${SourceName}Regulator`;

const integer = (value: number, max: number, label: string, help: string): IntegerParam => ({
  type: "integer",
  default: value,
  min: 0,
  max,
  label,
  help,
});

const COARSE_HELP = "Range: each step is eight times as much.";

/** All biases as parameters. */
export const biasParams = Object.fromEntries([
  ...Object.entries(currents).flatMap(([name, { vendorName, label, help, coarse, fine }]) => [
    [`${name}Coarse`, integer(coarse, 7, `${label}: coarse (${vendorName})`, `${help} ${COARSE_HELP}`)],
    [`${name}Fine`, integer(fine, 255, `${label}: fine (${vendorName})`, `${help} Share of the range, of 255.`)],
  ]),
  ...Object.entries(voltages).flatMap(([name, { vendorName, label, voltage, strength }]) => [
    [`${name}Voltage`, integer(voltage, 63, `${label}: voltage (${vendorName})`, `${LEAVE} Share of the supply, of 63.`)],
    [`${name}Strength`, integer(strength, 7, `${label}: strength (${vendorName})`, LEAVE)],
  ]),
  ...Object.entries(sources).flatMap(([name, { vendorName, label }]) => [
    [`${name}Reference`, integer(SOURCE_REFERENCE, 63, `${label}: reference (${vendorName})`, LEAVE)],
    [`${name}Regulator`, integer(SOURCE_REGULATOR, 63, `${label}: regulator (${vendorName})`, LEAVE)],
  ]),
]) as Readonly<Record<Name, IntegerParam>>;

export type BiasParams = Readonly<Record<Name, number>>;

/** The chip's values of all biases, in the order of their numbers. */
export function biasWrites(params: BiasParams): readonly Write[] {
  const write = (parameter: number, value: number): Write => ({ module: CHIP, parameter, value });
  const all = [
    ...Object.entries(voltages).map(([name, { parameter }]) =>
      write(parameter, params[`${name as VoltageName}Voltage`] | (params[`${name as VoltageName}Strength`] << 6)),
    ),
    ...Object.entries(currents).map(([name, { parameter, flags }]) =>
      write(parameter, flags | (params[`${name as CurrentName}Fine`] << 4) | (params[`${name as CurrentName}Coarse`] << 12)),
    ),
    ...Object.entries(sources).map(([name, { parameter }]) =>
      write(parameter, (params[`${name as SourceName}Reference`] << 4) | (params[`${name as SourceName}Regulator`] << 10)),
    ),
  ];
  return all.sort((a, b) => a.parameter - b.parameter);
}

/** What is written down with a recording: vendor names and what is set. */
export function biasMetadata(params: BiasParams): Readonly<Record<string, string>> {
  return Object.fromEntries([
    ...Object.entries(currents).map(([name, { vendorName }]) => [
      vendorName,
      `coarse ${params[`${name as CurrentName}Coarse`]} fine ${params[`${name as CurrentName}Fine`]}`,
    ]),
    ...Object.entries(voltages).map(([name, { vendorName }]) => [
      vendorName,
      `voltage ${params[`${name as VoltageName}Voltage`]} current ${params[`${name as VoltageName}Strength`]}`,
    ]),
  ]) as Readonly<Record<string, string>>;
}
