import type { Param, ParamSpec, ParamsOf } from "#shared/units/params.ts";
import { commonParams, slowPortParam } from "../inivation/driver.ts";
import { inputParams } from "../inivation/input-params.ts";
import { inSections } from "../sections.ts";
import { biasParams } from "./biases.ts";

const WIDTH = 346;
const HEIGHT = 260;
/** Pixels that can be silenced one by one. */
export const HOT_PIXELS = 8;

/** A window: `name` and `prefix` tell the one of the events from that of the frames. */
const windowParams = <const P extends string>(prefix: P, of: string, vendorName?: string) => {
  const edge = (value: number, max: number, label: string, least = 0) =>
    ({
      type: "integer",
      default: value,
      min: least,
      max,
      unit: "px",
      label: `${of}: ${label}`,
      ...(vendorName !== undefined && { vendorName }),
    }) as const satisfies Param;
  return {
    [`${prefix}X`]: edge(0, WIDTH - 1, "left edge"),
    [`${prefix}Y`]: edge(0, HEIGHT - 1, "top edge"),
    [`${prefix}Width`]: edge(WIDTH, WIDTH, "width", 1),
    [`${prefix}Height`]: edge(HEIGHT, HEIGHT, "height", 1),
  } as Readonly<Record<`${P}X` | `${P}Y` | `${P}Width` | `${P}Height`, ReturnType<typeof edge>>>;
};

type HotPixelName = `hotPixel${1 | 2 | 3 | 4 | 5 | 6 | 7 | 8}${"X" | "Y"}`;
const hotPixel = (axis: string, number: number, max: number) =>
  ({
    type: "integer",
    default: -1,
    min: -1,
    max,
    unit: "px",
    label: `Silenced pixel ${number}: ${axis} (FILTER_PIXEL_${number - 1})`,
    help: "A pixel that fires all the time. −1 is none.",
  }) as const satisfies Param;

const hotPixelParams = Object.fromEntries(
  Array.from({ length: HOT_PIXELS }, (_, i) => [
    [`hotPixel${i + 1}X`, hotPixel("column", i + 1, WIDTH - 1)],
    [`hotPixel${i + 1}Y`, hotPixel("row", i + 1, HEIGHT - 1)],
  ]).flat(),
) as Readonly<Record<HotPixelName, ReturnType<typeof hotPixel>>>;

const lowPass = (what: string, name: string) =>
  ({
    type: "integer",
    default: 1,
    min: 0,
    max: 6,
    label: `${what}: low-pass (${name})`,
    help: "0: widest band, 6: narrowest.",
  }) as const satisfies Param;

const all = {
  frames: {
    type: "boolean",
    default: true,
    label: "Frames (APS.RUN)",
    help: "Ordinary pictures beside the events: 9 MB/s more.",
  },
  exposureUs: {
    type: "integer",
    default: 4000,
    min: 1,
    max: 1_000_000,
    unit: "µs",
    label: "Frames: exposure (EXPOSURE)",
  },
  frameIntervalUs: {
    type: "integer",
    default: 40_000,
    min: 1000,
    max: 8_000_000,
    unit: "µs",
    label: "Frames: time from frame to frame (FRAME_INTERVAL)",
  },
  globalShutter: {
    type: "boolean",
    default: true,
    label: "Frames: all pixels at once (GLOBAL_SHUTTER)",
    help: "Off: row after row, with less noise, and skewed where something moves.",
  },
  ...windowParams("frameRoi", "Frames, region"),
  framesWait: {
    type: "boolean",
    default: true,
    label: "Frames: wait when the computer is slow (WAIT_ON_TRANSFER_STALL)",
    help: "Off: samples are lost, and with them the frame.",
  },
  snapshot: {
    type: "boolean",
    default: false,
    label: "Frames: take one",
    help: "Switching it on takes a single frame, while frames are off. Switch it off and on for another.",
  },
  imu: { type: "boolean", default: true, label: "Inertial readings (IMU.RUN)", help: "Acceleration, rotation and temperature." },
  accelRange: {
    type: "choice",
    default: "4 g",
    options: ["2 g", "4 g", "8 g", "16 g"],
    label: "Accelerometer: range (ACCEL_FULL_SCALE)",
  },
  gyroRange: {
    type: "choice",
    default: "500 °/s",
    options: ["250 °/s", "500 °/s", "1000 °/s", "2000 °/s"],
    label: "Gyroscope: range (GYRO_FULL_SCALE)",
  },
  imuDivider: {
    type: "integer",
    default: 0,
    min: 0,
    max: 255,
    label: "Inertial readings: divider of the rate (SAMPLE_RATE_DIVIDER)",
  },
  accelLowPass: lowPass("Accelerometer", "ACCEL_DLPF"),
  gyroLowPass: lowPass("Gyroscope", "GYRO_DLPF"),
  ...windowParams("roi", "Events, region", "FILTER_ROI"),
  noiseFilter: {
    type: "boolean",
    default: true,
    label: "Noise filter (FILTER_BACKGROUND_ACTIVITY)",
    help: "Leaves out events of pixels whose neighbours were silent.",
  },
  noiseFilterUs: {
    type: "integer",
    default: 2000,
    min: 250,
    max: 1_000_000,
    unit: "µs",
    label: "Noise filter: longest silence (FILTER_BACKGROUND_ACTIVITY_TIME)",
    help: "In steps of 250 µs.",
  },
  refractoryFilter: {
    type: "boolean",
    default: false,
    label: "Refractory filter (FILTER_REFRACTORY_PERIOD)",
    help: "Leaves out events of a pixel that follow too soon.",
  },
  refractoryFilterUs: {
    type: "integer",
    default: 250,
    min: 250,
    max: 1_000_000,
    unit: "µs",
    label: "Refractory filter: shortest pause (FILTER_REFRACTORY_PERIOD_TIME)",
    help: "In steps of 250 µs.",
  },
  skip: { type: "boolean", default: false, label: "Leave out every n-th event (FILTER_SKIP_EVENTS)" },
  skipEvery: { type: "integer", default: 5, min: 1, max: 255, label: "Leave out every n-th event: n (FILTER_SKIP_EVENTS_EVERY)" },
  flatten: { type: "boolean", default: false, label: "All events ON (FILTER_POLARITY_FLATTEN)" },
  polarity: {
    type: "choice",
    default: "both",
    options: ["both", "ON only", "OFF only"],
    label: "Polarities (FILTER_POLARITY_SUPPRESS)",
  },
  ...biasParams,
  ...hotPixelParams,
  ...inputParams,
  dropTriggers: {
    type: "boolean",
    default: true,
    label: "Slow computer: lose triggers (DROP_EXTINPUT_ON_TRANSFER_STALL)",
    help: "Off: the camera waits, and times are late.",
  },
  dropEvents: {
    type: "boolean",
    default: true,
    label: "Slow computer: lose events (DROP_DVS_ON_TRANSFER_STALL)",
    help: "Off: the camera waits, and times are late.",
  },
  waitEvents: { type: "boolean", default: false, label: "Slow computer: pixels wait (DVS.WAIT_ON_TRANSFER_STALL)" },
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

/** What can be set on a DAVIS346. */
export const davisParams = inSections(all, [
  ["Biases", "basic", "biasOn*", "biasOff*", "biasRefr*", "biasPrC*", "biasPrF*"],
  ["Frames", "basic", "frames", "exposureUs", "frameIntervalUs"],
  ["Inertial readings", "basic", "imu"],
  ["Region", "basic", "roi*"],
  ["Filters in the camera", "basic", "noiseFilter", "noiseFilterUs"],
  ["Frames", "advanced", "globalShutter", "snapshot", "frameRoi*"],
  ["Inertial readings", "advanced", "accelRange", "gyroRange"],
  ["Filters in the camera", "advanced", "refractory*", "skip*", "flatten", "polarity"],
  ["Silenced pixels", "advanced", "hotPixel*"],
  ["Trigger and clock", "advanced", "trigger*", "resetClock"],
  ["Connection", "advanced", "allowSlowPort"],
  ["Biases", "expert", "bias*", "aps*", "adc*"],
  ["Inertial readings", "expert", "imuDivider", "accelLowPass", "gyroLowPass"],
  ["Connection", "expert", "framesWait", "dropTriggers", "dropEvents", "waitEvents", "packetDelayUs"],
]);

export type DavisParams = ParamsOf<typeof davisParams>;
