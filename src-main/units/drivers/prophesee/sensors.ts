import type { Sensor } from "#shared/events/sensor.ts";
import { genx320Biases, gen41Biases, imx636Biases, type BiasBank } from "./biases.ts";
import type { SensorName } from "./board.ts";
import { evt3Gaps } from "./evt3-gaps.ts";
import { genx320EsSequences, genx320MpSequences } from "./genx320-sequences.ts";
import type { PropheseeParams } from "./params.ts";
import { gen41Readings, genx320Readings, imx636Readings, type SensorReadings } from "./readings.ts";
import type { RegisterStep } from "./register-list.ts";
import { gen41LegacySequences, gen41Sequences, imx636Sequences, type Sequences } from "./sequences.ts";
import type { Setting } from "./setting.ts";
import { genx320Settings, genx320Sync, hdSettings, hdSync } from "./settings.ts";

/** All that is known of a sensor: data, no state. */
export interface SensorModel {
  readonly label: string;
  readonly sensor: Sensor;
  readonly encoding: string;
  readonly sequences: Sequences;
  readonly biases: BiasBank;
  readonly settings: readonly Setting[];
  readonly sync: (params: PropheseeParams) => readonly RegisterStep[];
  /** How the settings stand after `configure`. */
  readonly configured: Partial<PropheseeParams>;
  /** What the sensor measures besides events. */
  readonly readings: SensorReadings;
  /** Makes a watch over the bytes that notices missing time. */
  readonly gaps?: () => (chunk: Uint8Array) => readonly number[];
}

const hd = { sensor: { width: 1280, height: 720 }, encoding: "evt3", sync: hdSync, gaps: evt3Gaps } as const;
const gen41 = {
  ...hd,
  label: "Gen4.1",
  biases: gen41Biases,
  readings: gen41Readings,
  settings: hdSettings("gen41"),
  configured: { limitRate: true, rateLimitMev: 50 },
} as const;
const genx320 = {
  sensor: { width: 320, height: 320 },
  encoding: "evt21",
  biases: genx320Biases,
  readings: genx320Readings,
  settings: genx320Settings,
  sync: genx320Sync,
  // The chip comes out of its reset with the trigger input on.
  configured: { limitRate: false, triggerIn: true },
} as const;

export const sensorModels: Readonly<Record<SensorName, SensorModel>> = {
  imx636: {
    ...hd,
    label: "IMX636",
    sequences: imx636Sequences,
    biases: imx636Biases,
    readings: imx636Readings,
    settings: hdSettings("imx636"),
    configured: { limitRate: false },
  },
  gen41: { ...gen41, sequences: gen41Sequences },
  "genx320-mp": { ...genx320, label: "GenX320", sequences: genx320MpSequences },
  "genx320-es": { ...genx320, label: "GenX320 (engineering sample)", sequences: genx320EsSequences },
};

/** Gen4.1 on a board that knows 12-byte frames only; its event rate controller comes up with dropping off. */
export const legacyGen41: SensorModel = {
  ...gen41,
  sequences: gen41LegacySequences,
  sync: (params) => (params.sync === "alone" ? [] : hdSync(params)),
  configured: { limitRate: false },
};
