import { AppError } from "#shared/api/errors.ts";
import type { RegisterStep } from "./register-list.ts";

/** An analog setting of a sensor. */
export interface Bias {
  /** Name of the parameter. */
  readonly name: BiasName;
  /** The vendor's name, as in its files and tools. */
  readonly vendorName: string;
  readonly address: number;
}
export type BiasName = "biasDiffOn" | "biasDiffOff" | "biasFo" | "biasHpf" | "biasRefr" | "biasDiff";

/** Offsets from the factory values, by name: what users set. */
export type BiasOffsets = Readonly<Record<BiasName, number>>;
/** The numbers in the chip. */
export type BiasValues = Readonly<Record<BiasName, number>>;

/** How a chip takes its biases. */
export interface BiasBank {
  readonly biases: readonly Bias[];
  /** Bits of the register that hold the value. */
  readonly mask: number;
  /** Smallest and largest value that is safe, given the factory values and what the other ones are set to. */
  range(name: BiasName, factory: BiasValues, values: BiasValues): readonly [min: number, max: number];
  /** How a value gets into the chip. */
  write(address: number, value: number): readonly RegisterStep[];
}

const hdBiases: readonly Bias[] = [
  { name: "biasFo", vendorName: "bias_fo", address: 0x1004 },
  { name: "biasHpf", vendorName: "bias_hpf", address: 0x100c },
  { name: "biasDiffOn", vendorName: "bias_diff_on", address: 0x1010 },
  { name: "biasDiff", vendorName: "bias_diff", address: 0x1014 },
  { name: "biasDiffOff", vendorName: "bias_diff_off", address: 0x1018 },
  { name: "biasRefr", vendorName: "bias_refr", address: 0x1020 },
];

/** Transfer at once, current source, buffer and multiplexer on: what both HD sensors want above the value. */
const HD_WORD = 0x11a1_0000;
const writeHd = (address: number, value: number): readonly RegisterStep[] => [{ kind: "write", address, value: HD_WORD | value }];

/** Offsets that the vendor recommends for the IMX636. */
export const imx636Offsets: Readonly<Record<BiasName, readonly [min: number, max: number]>> = {
  biasDiffOn: [-85, 140],
  biasDiffOff: [-35, 190],
  biasFo: [-35, 55],
  biasHpf: [0, 120],
  biasRefr: [-20, 235],
  biasDiff: [-25, 23],
};

export const imx636Biases: BiasBank = {
  biases: hdBiases,
  mask: 0xff,
  range: (name, factory) => {
    const [least, most] = imx636Offsets[name];
    return [Math.max(0, factory[name] + least), Math.min(255, factory[name] + most)];
  },
  write: writeHd,
};

/** Values that the vendor allows for Gen4.1; the thresholds keep a distance to `bias_diff`. */
const gen41Ranges: Readonly<Record<BiasName, readonly [min: number, max: number]>> = {
  biasFo: [0x2d, 0x6e],
  biasHpf: [0, 0x78],
  biasDiffOn: [0, 0x8c],
  biasDiff: [0x34, 0x64],
  biasDiffOff: [0x19, 255],
  biasRefr: [0x14, 0x64],
};
const GEN41_DISTANCE = 15;

export const gen41Biases: BiasBank = {
  biases: hdBiases,
  mask: 0xff,
  range: (name, _factory, values) => {
    const [least, most] = gen41Ranges[name];
    if (name === "biasDiffOn") return [values.biasDiff + GEN41_DISTANCE, most];
    if (name === "biasDiffOff") return [least, values.biasDiff - GEN41_DISTANCE];
    return [least, most];
  },
  write: writeHd,
};

const genx320Ranges: Readonly<Record<BiasName, readonly [min: number, max: number]>> = {
  biasFo: [19, 39],
  biasHpf: [0, 127],
  biasDiffOn: [24, 60],
  biasDiff: [41, 51],
  biasDiffOff: [19, 50],
  biasRefr: [0, 127],
};

export const genx320Biases: BiasBank = {
  biases: [
    { name: "biasFo", vendorName: "bias_fo", address: 0x1004 },
    { name: "biasHpf", vendorName: "bias_hpf", address: 0x1100 },
    { name: "biasDiffOn", vendorName: "bias_diff_on", address: 0x1104 },
    { name: "biasDiffOff", vendorName: "bias_diff_off", address: 0x110c },
    { name: "biasDiff", vendorName: "bias_diff", address: 0x1108 },
    { name: "biasRefr", vendorName: "bias_refr", address: 0x1114 },
  ],
  mask: 0x7f,
  range: (name) => genx320Ranges[name],
  // First the value, then the same word with the flag that hands it over.
  write: (address, value) => [
    { kind: "field", address, mask: 0x1000_007f, value },
    { kind: "field", address, mask: 0x1000_0000, value: 0x1000_0000 },
  ],
};

/** Values that belong to offsets. @throws AppError `bad-parameter` when one is outside what is safe for this chip. */
export function biasValues(bank: BiasBank, factory: BiasValues, offsets: BiasOffsets, label: string): BiasValues {
  const names = bank.biases.map(({ name }) => name);
  const values = Object.fromEntries(names.map((name) => [name, factory[name] + offsets[name]])) as BiasValues;
  for (const { name, vendorName } of bank.biases) {
    // What the factory set is not judged, unless the value it depends on was changed.
    if (offsets[name] === 0 && offsets.biasDiff === 0) continue;
    const [least, most] = bank.range(name, factory, values);
    if (values[name] >= least && values[name] <= most) continue;
    throw new AppError(
      "bad-parameter",
      `${label}: "${name}" is ${offsets[name]}, which makes ${vendorName} ${values[name]}; from ${least} to ${most} is safe`,
      { hint: `Set "${name}" from ${least - factory[name]} to ${most - factory[name]} (0 is what the factory set).` },
    );
  }
  return values;
}

/** Writes for the biases that differ. */
export const biasSteps = (bank: BiasBank, next: BiasValues, previous: BiasValues): readonly RegisterStep[] =>
  bank.biases.flatMap(({ name, address }) => (next[name] === previous[name] ? [] : bank.write(address, next[name])));
