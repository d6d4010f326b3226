import { AppError } from "#shared/api/errors.ts";
import type { ParamSpec, ParamsOf } from "#shared/units/params.ts";
import { parseParams } from "#shared/units/params.ts";
import { chipChanges } from "../inivation/chip-changes.ts";
import { commonParams, createInivationDriver, slowPortParam, type OpenControl } from "../inivation/driver.ts";
import { inputParams, inputWrites } from "../inivation/input-params.ts";
import { waitForMessages } from "../inivation/messages.ts";
import {
  chipBits,
  chipBytes,
  differences,
  DVS,
  IMU,
  INPUT,
  MUX,
  SYSTEM,
  USB,
  values,
  type Write,
} from "../inivation/registers.ts";
import {
  chipDefaults,
  chipSettings,
  chipStart,
  imuRunning,
  imuWrites,
  resetChipClock,
  sensorMetadata,
  sensorParams,
  sensorSections,
  streamOff,
  streamOn,
  type ChipSetting,
} from "../inivation/s5k231y.ts";
import { inSections } from "../sections.ts";
import type { DriverParts } from "../session/open-device.ts";

const EVENTS_IN = 0x82;
/** 32 × 64 KiB: 50 ms of slack at 40 MB/s. The board sends what it has after a millisecond at the latest. */
const TRANSFERS = 32;
const TRANSFER_BYTES = 64 * 1024;
const MESSAGE_READS = 4;
const SETTLE_US = 10_000;
const CLOCK_START_US = 50_000;
const PACKET_STEP_US = 125;
/** Codes of 800 Hz. */
const IMU_RATES = [6, 5] as const;

const range = (label: string, options: readonly [string, string], on: 0 | 1) =>
  ({ type: "choice", default: options[on], options, label, help: "Best left alone." }) as const;

const all = {
  ...sensorParams,
  polarity: { type: "choice", default: "both", options: ["both", "ON only", "OFF only"], label: "Polarities (PACKET_FORMAT)" },
  areaMasks: {
    type: "text",
    default: "",
    label: "Areas that are read (AREA_BLOCK)",
    help: "Up to 20 words of 15 bits in hexadecimal with spaces in between; a cleared bit blocks an area. 7FFF, and what is left out: all of it. Which area a bit stands for the vendor does not say.",
  },
  dualBinning: { type: "boolean", default: false, label: "Dual binning (DUAL_BINNING)" },
  chipTrigger: {
    type: "choice",
    default: "reset the clock",
    options: ["reset the clock", "take one readout"],
    label: "Trigger of the chip (EXTERNAL_TRIGGER)",
    help: "What a signal at the chip's own trigger pin does.",
  },
  biasAmp: {
    type: "integer",
    default: 4,
    min: 0,
    max: 8,
    label: "Amplifier (BIAS_CURRENT_AMP)",
    help: "Best left alone: both thresholds are measured from it.",
  },
  biasRangeLog: range("Range of LOG", ["5 µA", "50 µA"], 0),
  biasRangeSf: range("Range of SF", ["0.5 µA", "5 µA"], 1),
  biasRangeNrst: range("Range of nRST", ["0.5 µA", "5 µA"], 0),
  biasRangeLoga: range("Range of LOGA", ["5 µA", "50 µA"], 1),
  biasRangeLogd: {
    type: "choice",
    default: "50 µA",
    options: ["5 µA", "50 µA", "500 µA"],
    label: "Range of LOGD",
    help: "Best left alone.",
  },
  biasLevelSf: range("Level of SF", ["× 0.1", "× 1"], 1),
  ...inputParams,
  dropTriggers: {
    type: "boolean",
    default: true,
    label: "Slow computer: lose triggers (DROP_EXTINPUT_ON_TRANSFER_STALL)",
    help: "Off: the camera waits, and times are late.",
  },
  dropEvents: {
    type: "boolean",
    default: false,
    label: "Slow computer: lose events (DROP_DVS_ON_TRANSFER_STALL)",
    help: "Off: the camera waits, and the chip leaves out whole readouts.",
  },
  packetDelayUs: {
    type: "integer",
    default: 1000,
    min: 125,
    max: 8000,
    unit: "µs",
    label: "Longest wait of a packet (EARLY_PACKET_DELAY)",
    help: "In steps of 125 µs. Shorter: less delay, more load.",
  },
  ...commonParams,
  ...slowPortParam,
} as const satisfies ParamSpec;

const dvxplorerParams = inSections(all, [
  ...sensorSections,
  ["Readout", "advanced", "polarity", "dualBinning"],
  ["Readout", "expert", "areaMasks"],
  ["Trigger and clock", "advanced", "trigger*", "resetClock"],
  ["Connection", "advanced", "allowSlowPort"],
  ["Biases", "expert", "bias*"],
  ["Trigger and clock", "expert", "chipTrigger"],
  ["Connection", "expert", "dropTriggers", "dropEvents", "packetDelayUs"],
]);

type DvxplorerParams = ParamsOf<typeof dvxplorerParams>;

const flag = (on: boolean): number => (on ? 1 : 0);
const bit = (name: keyof DvxplorerParams & `bias${string}`, value: string): number =>
  (dvxplorerParams[name] as { readonly options: readonly string[] }).options.indexOf(value);

const AREA_WORDS = 20;
const ALL_AREAS = 0x7fff;

/** Which areas are read. @throws AppError `bad-parameter` */
function areaWrites({ areaMasks }: DvxplorerParams): readonly Write[] {
  const given = areaMasks.split(/[\s,;]+/).filter((part) => part !== "");
  const wrong = given.find((part) => !/^(0x)?[0-9a-f]{1,4}$/i.test(part) || parseInt(part, 16) > ALL_AREAS);
  if (wrong !== undefined || given.length > AREA_WORDS) {
    throw new AppError(
      "bad-parameter",
      wrong === undefined ? `${given.length} words of area masks are too many` : `"${wrong}" is no word of 15 bits`,
      { hint: 'Write "areaMasks" as up to 20 hexadecimal words from 0 to 7FFF: 00FF 7FFF.' },
    );
  }
  const words = Array.from({ length: AREA_WORDS }, (_, i) => (given[i] === undefined ? ALL_AREAS : parseInt(given[i], 16)));
  return [...words.flatMap((word, i) => chipBytes(0x3205 + 2 * i, word, 2)), chipBits(0x3200, 0x02, given.length === 0 ? 2 : 0)];
}

/** Settings of the chip that only this board lets through. */
const ownSettings = (params: DvxplorerParams): readonly ChipSetting[] => [
  {
    writes: [
      chipBits(0x3067, 0x20, params.polarity === "ON only" ? 0x20 : 0),
      chipBits(0x3067, 0x10, params.polarity === "OFF only" ? 0x10 : 0),
    ],
  },
  { writes: areaWrites(params) },
  { writes: chipBytes(0x3202, flag(params.dualBinning), 1) },
  { writes: chipBytes(0x3260, flag(params.chipTrigger === "take one readout"), 1) },
  { writes: chipBytes(0x18, params.biasAmp, 1) },
  {
    writes: [
      chipBits(0x0b, 0x01, bit("biasRangeNrst", params.biasRangeNrst)),
      chipBits(0x0b, 0x04, bit("biasRangeSf", params.biasRangeSf) << 2),
      chipBits(0x0b, 0x08, bit("biasRangeLog", params.biasRangeLog) << 3),
      chipBits(0x0c, 0x0c, bit("biasRangeLogd", params.biasRangeLogd) << 2),
      chipBits(0x0c, 0x10, bit("biasRangeLoga", params.biasRangeLoga) << 4),
      chipBits(0x12, 0x10, bit("biasLevelSf", params.biasLevelSf) << 4),
    ],
  },
];

const allOff: readonly Write[] = [
  ...values(DVS, [[3, 0]]),
  ...imuRunning(false),
  ...values(INPUT, [[0, 0]]),
  ...values(MUX, [[0, 0], [1, 0]]), // prettier-ignore
  ...values(USB, [[0, 0]]),
];

/** The parts that send while the camera runs. */
const running = (params: DvxplorerParams): readonly Write[] => [
  ...values(DVS, [[3, 1]]),
  ...imuRunning(params.imu),
  ...values(INPUT, [[0, flag(params.triggerIn !== "off")]]),
];

const defaults = parseParams(dvxplorerParams, {}, "dvxplorer");

const openControl: OpenControl<DvxplorerParams> = async (board, transport, initial, pause) => {
  const { registers, columns, rows } = board;
  const read = (module: number, parameter: number): Promise<number> => registers.read(module, parameter);
  const dvsOrientation = await read(DVS, 2);
  const generator = (await read(INPUT, 10)) !== 0;
  const imuOrientation = await read(IMU, 1);
  const deviation = (await read(SYSTEM, 6)) / 1000;
  const logicMhz = (await read(SYSTEM, 3)) * deviation;
  const usbMhz = (await read(SYSTEM, 5)) * deviation;

  /** Values of the board's own modules. */
  const board0 = (params: DvxplorerParams): readonly Write[] => [
    ...values(MUX, [[4, flag(params.dropTriggers)], [5, flag(params.dropEvents)]]), // prettier-ignore
    ...imuWrites(params, IMU_RATES),
    ...inputWrites(params, logicMhz, generator),
    ...values(USB, [[1, Math.round(Math.max(1, Math.round(params.packetDelayUs / PACKET_STEP_US)) * PACKET_STEP_US * usbMhz)]]),
  ];
  const chipOf = (params: DvxplorerParams): readonly ChipSetting[] => [
    ...chipSettings(params, columns, rows),
    ...ownSettings(params),
  ];
  const wanted = [
    ...board0(initial),
    ...chipDefaults(columns, rows),
    ...chipChanges(chipOf(initial), chipOf({ ...defaults, roi: "off" })),
  ];

  await registers.run(values(MUX, [[3, 1]]));
  await pause(SETTLE_US);
  await registers.run(chipStart);
  const side = waitForMessages(transport, MESSAGE_READS);
  try {
    await registers.run(wanted);
  } catch (error) {
    await side.stop();
    throw error;
  }
  const swap = (dvsOrientation & 4) !== 0;
  return {
    sensor: swap ? { width: rows, height: columns } : { width: columns, height: rows },
    encoding: "dvxplorer-usb",
    decoderState: { dvsOrientation, imuOrientation },
    endpoint: EVENTS_IN,
    transfers: TRANSFERS,
    transferBytes: TRANSFER_BYTES,
    clearFirst: true,
    metadata: (params) => ({ ...sensorMetadata(params), sensor_name: "S5K231Y", trigger_in: params.triggerIn }),
    quiet: async () => {
      await registers.run(allOff);
      await pause(SETTLE_US);
    },
    start: async (params) => {
      await registers.run([...values(USB, [[0, 1]]), ...values(MUX, [[1, 1], [0, 1]])]); // prettier-ignore
      await pause(CLOCK_START_US);
      await registers.run(running(params).filter(({ value }) => value === 1));
      await registers.run([...resetChipClock, ...streamOn]);
    },
    stop: () => registers.run([...streamOff, ...allOff]),
    shutDown: () => registers.run(values(MUX, [[3, 0]])),
    change: async (next, previous, runs) => {
      const writes = [...differences(board0(next), board0(previous)), ...chipChanges(chipOf(next), chipOf(previous))];
      await registers.run(writes);
      if (!runs) return;
      await registers.run(differences(running(next), running(previous)));
      if (next.resetClock && !previous.resetClock) await registers.together(values(MUX, [[2, 1], [2, 0]])); // prettier-ignore
    },
    side: () => side,
  };
};

/** iniVation DVXplorer and DVXplorer Lite. */
export const createDvxplorer = (parts: DriverParts) =>
  createInivationDriver(
    {
      id: "dvxplorer",
      label: "iniVation DVXplorer",
      summary: "iniVation DVXplorer (640 × 480) and DVXplorer Lite (320 × 240), with inertial readings and external edges.",
      params: dvxplorerParams,
    },
    parts,
    openControl,
  );
