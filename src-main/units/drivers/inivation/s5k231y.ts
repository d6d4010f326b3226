import { AppError } from "#shared/api/errors.ts";
import type { Param, ParamSpec, ParamsOf } from "#shared/units/params.ts";
import type { Section } from "../sections.ts";
import { chip, chipBits, chipBytes, IMU, values, type Write } from "./registers.ts";

/** Modes of the readout, in the order in which the newest boards number them. */
const READOUTS = [
  "constant 100/s",
  "constant 200/s",
  "constant 500/s",
  "constant 1000/s",
  "constant 2000/s, lossy",
  "constant 5000/s, lossy",
  "constant 10000/s, lossy",
  "variable 2000/s",
  "variable 5000/s",
  "variable 10000/s",
  "variable 15000/s",
] as const;

const THRESHOLD_HELP = "0: most sensitive, 17: least. Higher: fewer events, less noise.";
const DEFAULT_THRESHOLD = 9;
const LAST_LOW_THRESHOLD = 8;

const threshold = (label: string) =>
  ({ type: "integer", default: DEFAULT_THRESHOLD, min: 0, max: 17, label, help: THRESHOLD_HELP }) as const satisfies Param;
const SUBSAMPLES = ["off", "half", "fourth", "eighth"] as const;
const subsample = (label: string) =>
  ({
    type: "choice",
    default: "off",
    options: SUBSAMPLES,
    label,
    help: "Reads only a part of the pixels.",
  }) as const satisfies Param;

/** What can be set on every camera with the Samsung S5K231Y. */
export const sensorParams = {
  thresholdOn: threshold("ON threshold (BIAS_CURRENT_ON)"),
  thresholdOff: threshold("OFF threshold (BIAS_CURRENT_OFF)"),
  readout: {
    type: "choice",
    default: "standard",
    options: ["standard", ...READOUTS],
    label: "Readouts of the array",
    help: "variable: as soon as there are events. constant: at this rate; lossy ones leave events out. standard: as the vendor's driver sets it.",
  },
  roi: {
    type: "choice",
    default: "off",
    options: ["off", "window"],
    label: "Region of interest (CROPPER)",
    help: "Events outside the window cost no bandwidth.",
  },
  roiX: { type: "integer", default: 0, min: 0, max: 639, unit: "px", label: "Window: left edge" },
  roiY: { type: "integer", default: 0, min: 0, max: 479, unit: "px", label: "Window: top edge" },
  roiWidth: { type: "integer", default: 640, min: 1, max: 640, unit: "px", label: "Window: width" },
  roiHeight: { type: "integer", default: 480, min: 1, max: 480, unit: "px", label: "Window: height" },
  subsampleX: subsample("Columns that are read (SUBSAMPLE_RATIO, horizontal)"),
  subsampleY: subsample("Rows that are read (SUBSAMPLE_RATIO, vertical)"),
  flatten: { type: "boolean", default: false, label: "All events ON (flatten)" },
  globalHold: {
    type: "boolean",
    default: true,
    label: "Global hold",
    help: "All pixels are held while they are read: events of one readout have one time.",
  },
  globalReset: { type: "boolean", default: false, label: "Global reset", help: "All pixels are reset after each readout." },
  imu: { type: "boolean", default: true, label: "Inertial readings (IMU.RUN)", help: "Acceleration, rotation and temperature." },
  accelRange: {
    type: "choice",
    default: "4 g",
    options: ["2 g", "4 g", "8 g", "16 g"],
    label: "Accelerometer: range (ACCEL_RANGE)",
  },
  gyroRange: {
    type: "choice",
    default: "500 °/s",
    options: ["2000 °/s", "1000 °/s", "500 °/s", "250 °/s", "125 °/s"],
    label: "Gyroscope: range (GYRO_RANGE)",
  },
} as const satisfies ParamSpec;

/** Where they stand in the form; what else a board has comes after them. */
export const sensorSections: readonly Section[] = [
  ["Thresholds", "basic", "thresholdOn", "thresholdOff"],
  ["Readout", "basic", "readout"],
  ["Region", "basic", "roi*"],
  ["Inertial readings", "basic", "imu"],
  ["Readout", "advanced", "subsample*", "flatten"],
  ["Inertial readings", "advanced", "accelRange", "gyroRange"],
  ["Readout", "expert", "globalHold", "globalReset"],
];

export type SensorParams = ParamsOf<typeof sensorParams>;

/** Number of a readout mode on the newest boards. */
export const readoutNumber = (readout: SensorParams["readout"]): number =>
  (READOUTS as readonly string[]).indexOf(readout === "standard" ? "variable 5000/s" : readout);

/** Code of a subsampling: one less than how many pixels are one. */
export const subsampleCode = (value: (typeof SUBSAMPLES)[number]): number => [0, 1, 3, 7][SUBSAMPLES.indexOf(value)] ?? 0;

export interface Window {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

/** The window that is read: the whole array while it is off. @throws AppError `bad-parameter` */
export function windowOf({ roi, roiX, roiY, roiWidth, roiHeight }: SensorParams, columns: number, rows: number): Window {
  if (roi === "off") return { x: 0, y: 0, width: columns, height: rows };
  const window = { x: roiX, y: roiY, width: Math.min(roiWidth, columns), height: Math.min(roiHeight, rows) };
  if (window.x + window.width > columns || window.y + window.height > rows) {
    throw new AppError("bad-parameter", `The window leaves the sensor of ${columns} × ${rows} pixels`, {
      hint: `Set "roiX" + "roiWidth" to at most ${columns} and "roiY" + "roiHeight" to at most ${rows}.`,
    });
  }
  return window;
}

/** Registers of the thresholds, range and level bits included. */
export function thresholdWrites(on: number, off: number): readonly Write[] {
  const below = (v: number): boolean => v <= LAST_LOW_THRESHOLD;
  const rest = (v: number): number => (below(v) ? v : v - DEFAULT_THRESHOLD);
  return [
    chipBits(0x0b, 0x02, below(on) ? 0 : 2),
    chipBits(0x12, 0x02, below(off) ? 2 : 0),
    ...chipBytes(0x1c, rest(on), 1),
    ...chipBytes(0x1e, LAST_LOW_THRESHOLD - rest(off), 1),
  ];
}

/** Clock cycles of a µs in the registers of the readout. */
const CLOCK = 50;

/** Registers of a readout mode: length of a fixed readout (µs), whether it is fixed, hold (ms, µs), next selection, most events. */
function readoutWrites(readout: SensorParams["readout"]): readonly Write[] {
  const modes: Readonly<Record<SensorParams["readout"], readonly [number, number, number, number, number, number]>> = {
    standard: [900, 0, 0, 2, 15, 10],
    "constant 100/s": [900, 1, 9, 100, 15, 10],
    "constant 200/s": [900, 1, 4, 100, 15, 10],
    "constant 500/s": [900, 1, 1, 100, 15, 10],
    "constant 1000/s": [900, 1, 0, 100, 15, 10],
    "constant 2000/s, lossy": [499, 1, 0, 1, 5, 0],
    "constant 5000/s, lossy": [199, 1, 0, 1, 5, 0],
    "constant 10000/s, lossy": [99, 1, 0, 1, 5, 0],
    "variable 2000/s": [900, 0, 0, 307, 15, 10],
    "variable 5000/s": [900, 0, 0, 7, 15, 10],
    "variable 10000/s": [900, 0, 0, 10, 7, 2],
    "variable 15000/s": [900, 0, 0, 1, 5, 0],
  };
  const [lengthUs, fixed, holdMs, holdUs, select, most] = modes[readout];
  return [
    ...chipBytes(0x325d, lengthUs * CLOCK, 2),
    ...chipBytes(0x325c, fixed, 1),
    ...chipBytes(0x3240, holdMs, 1),
    ...chipBytes(0x3241, holdUs, 2),
    ...chipBytes(0x3261, select, 2),
    ...chipBytes(0x3251, most, 1),
  ];
}

/** Settings of the chip, in groups: what differs in a group is written between its brackets. */
export interface ChipSetting {
  readonly writes: readonly Write[];
  readonly before?: readonly Write[];
  readonly after?: readonly Write[];
}

const flag = (on: boolean): number => (on ? 1 : 0);

/** What the parameters mean for the chip's registers. @throws AppError `bad-parameter` */
export function chipSettings(params: SensorParams, columns: number, rows: number): readonly ChipSetting[] {
  const { x, y, width, height } = windowOf(params, columns, rows);
  const bottom = y + height - 1;
  const horizontal = subsampleCode(params.subsampleX);
  const vertical = subsampleCode(params.subsampleY);
  return [
    { writes: thresholdWrites(params.thresholdOn, params.thresholdOff) },
    { before: chip("3201=0"), writes: readoutWrites(params.readout), after: chip("3201=1") },
    {
      writes: [
        ...chipBytes(0x3305, x, 2),
        ...chipBytes(0x3301, y >> 3, 1),
        ...chipBytes(0x3302, (0xff << (y & 7)) & 0xff, 1),
        ...chipBytes(0x3303, bottom >> 3, 1),
        ...chipBytes(0x3304, (2 << (bottom & 7)) - 1, 1),
        ...chipBytes(0x3307, x + width - 1, 2),
        ...chipBytes(0x3300, flag(params.roi === "off"), 1),
      ],
    },
    {
      writes: [
        chipBits(0x3204, 0x07, horizontal),
        chipBits(0x3204, 0x38, vertical << 3),
        chipBits(0x3200, 0x04, horizontal + vertical === 0 ? 4 : 0),
      ],
    },
    { writes: [chipBits(0x3067, 0x40, params.flatten ? 0x40 : 0)] },
    { writes: [chipBits(0x3255, 0x01, flag(params.globalHold)), chipBits(0x3255, 0x02, params.globalReset ? 2 : 0)] },
  ];
}

const places = (options: readonly string[], value: string): number => options.indexOf(value);

/** Ranges of the inertial sensor, and its data rates and filters as the vendor sets them (800 Hz). */
export const imuWrites = (params: SensorParams, rates: readonly [accel: number, gyro: number]): readonly Write[] =>
  values(IMU, [
    [5, rates[0]],
    [6, 2],
    [7, places(sensorParams.accelRange.options, params.accelRange)],
    [8, rates[1]],
    [9, 2],
    [10, places(sensorParams.gyroRange.options, params.gyroRange)],
  ]);

export const imuRunning = (on: boolean): readonly Write[] => values(IMU, [[2, flag(on)], [3, flag(on)], [4, flag(on)]]); // prettier-ignore

/** What is written down with a recording. */
export const sensorMetadata = (params: SensorParams): Readonly<Record<string, string>> => ({
  threshold_on: String(params.thresholdOn),
  threshold_off: String(params.thresholdOff),
  readout: params.readout,
  ...(params.roi === "off" ? {} : { region_of_interest: `${params.roiX} ${params.roiY} ${params.roiWidth} ${params.roiHeight}` }),
  imu: params.imu ? `${params.accelRange}, ${params.gyroRange}` : "off",
});

/** First registers after the power-up of the chip of boards with an FX3. */
export const chipStart: readonly Write[] = chip(`
  D=24 F=7 10=FF 13=3 14=7F 15=0 18=4 C=14 B=6 12=7D 1C=0 1E=8 3011=A0 3019=0 301E=1 3067=80 3255=C 3266=8 3235=3 3236=E7 3234=31
  323D=32 3243=32 3247=32 3259=32 3600=1`);

/** The chip's registers as the vendor's driver sets them, some of them twice. They are what the defaults of the parameters mean. */
export const chipDefaults = (columns: number, rows: number): readonly Write[] => {
  const right = columns - 1;
  const group = (rows - 1) >> 3;
  const mask = (2 << ((rows - 1) & 7)) - 1;
  return [
    ...chip("18=4 C=14 B=6 12=7D 1C=0 1E=8 3260=0 3255:1=1 3255:2=0 3248=0 325C=0 3067:40=0 3067:20=0 3067:10=0"),
    ...chip("3200:4=4 3200:2=2 3202=0 3204:7=0 3204:38=0"),
    ...Array.from({ length: 20 }, (_, i) => chipBytes(0x3205 + 2 * i, 0x7fff, 2)).flat(),
    ...chip("3240=0 3241=0 3242=2 3244=0 3245=0 3246=0 3256=0 3257=0 3258=1 323C=4 324C=6 324E=4 324F=6 3253=8 3254=A"),
    ...chip("3261=0 3262=F 3251=A 324B=4 325D=AF 325E=C8 3300=1 3305=0 3306=0 3301=0 3302=FF 3303=0 3304=1"),
    ...chipBytes(0x3307, right, 2),
    ...chip("3301=0 3302=FF"),
    ...chipBytes(0x3303, group, 1),
    ...chipBytes(0x3304, mask, 1),
    ...chip("3500=1 3501=1 3502=2C 3503=0 3504=14 3505=1 3506=3 3513=1 3514=2C 3201=2"),
  ];
};

/** The chip's clock set back, and its stream switched on and off. */
export const resetChipClock = chip("3238=1 3238=0");
export const streamOn = chip("3000=2");
export const streamOff = chip("3000=0");
