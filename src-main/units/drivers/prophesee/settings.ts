import { AppError } from "#shared/api/errors.ts";
import { crop, genx320Masks, hdMasks, outsideOf, rateGate } from "./masks.ts";
import type { PropheseeParams } from "./params.ts";
import { registerList, type RegisterStep } from "./register-list.ts";
import { hex, regionOf, type Setting } from "./setting.ts";
import { genx320TrailTimes, hdTrailTimes, type TrailTimes } from "./trail-times.ts";

type Params = PropheseeParams;

/** Registers of IMX636 and Gen4.1 that settings write. Addresses in hexadecimal, as register lists have them. */
const hd = {
  pixels: "0004",
  window: "0034",
  windowStart: "0038",
  windowEnd: "003C",
  pads: "0044",
  rateTarget: "600C",
  rateDropping: "6050",
  eventTypes: "7004",
  timeBase: "9008",
  flicker: "C000",
  flickerThresholds: "C004",
  flickerPeriods: "C008",
  flickerClock: "C0C0",
  flickerState: "C0C4",
  trail: "D000",
  trailContrast: "D004",
  trailOnly: "D008",
  trailClock: "D00C",
  trailTimeout: "D0C0",
  trailState: "D0C4",
} as const;

/** Registers of GenX320. */
const gx = {
  pixels: "0000",
  window: "0034",
  pixelDriver: "0044",
  memoryReady: "00B8",
  memoryPower: "00BC",
  ratePower: "00C0",
  windowX: "0400",
  windowY: "0404",
  inputs: "0608",
  rate: "6000",
  rateDropping: "6014",
  ratePeriod: "6020",
  rateReserve: "6024",
  rateTarget: "602C",
  rateReports: "6034",
  rateDelay: "60A0",
  rateCounter: "60B4",
  eventTypes: "7040",
  timeBase: "9008",
  flicker: "C000",
  flickerThresholds: "C008",
  flickerPeriods: "C00C",
  flickerClock: "C0C0",
  flickerState: "C0C4",
  trail: "D000",
  trailContrast: "D008",
  trailOnly: "D00C",
  trailClock: "D010",
  trailTimeout: "D0C0",
  trailState: "D0C4",
} as const;

const HD_PERIOD_US = 200;
const GENX320_PERIOD_US = 100;
const eventsIn = (periodUs: number, { rateLimitMev }: Params): number => Math.round(rateLimitMev * periodUs);

/** Flicker periods in units of 128 µs, from frequencies; half of the period is dark. */
const INVERTED_DUTY = 8;
const STOP_THRESHOLD = 4;
const START_THRESHOLD = 6;
const flickerPeriods = ({ flickerLowHz, flickerHighHz }: Params): number => {
  const units = (hz: number): number => Math.floor(1e6 / hz) >> 7;
  return units(flickerHighHz) | (units(flickerLowHz) << 8) | (INVERTED_DUTY << 16);
};

function checkBand({ flickerLowHz, flickerHighHz }: Params): void {
  if (flickerLowHz < flickerHighHz) return;
  throw new AppError("bad-parameter", `The flicker band from ${flickerLowHz} to ${flickerHighHz} Hz is empty`, {
    hint: 'Set "flickerLowHz" below "flickerHighHz".',
  });
}

function trailTimes(times: ReadonlyMap<number, TrailTimes>, { trailThresholdMs }: Params): TrailTimes {
  const found = times.get(trailThresholdMs);
  if (found === undefined) throw new AppError("internal", `No trail filter clock for ${trailThresholdMs} ms`);
  return found;
}

const window = (turnOn: Setting["turnOn"], off: string): Setting => ({
  name: "region of interest",
  uses: ["roi", "roiX", "roiY", "roiWidth", "roiHeight"],
  isOn: ({ roi }) => roi === "window",
  turnOn,
  turnOff: () => registerList(off),
});

const flicker = (registers: { readonly flicker: string }, turnOn: Setting["turnOn"]): Setting => ({
  name: "flicker filter",
  uses: ["antiFlicker", "flickerLowHz", "flickerHighHz"],
  isOn: ({ antiFlicker }) => antiFlicker !== "off",
  turnOn: (params) => {
    checkBand(params);
    return turnOn(params);
  },
  turnOff: () => registerList(`${registers.flicker}=5`),
});

const trail = (registers: { readonly trail: string }, turnOn: Setting["turnOn"]): Setting => ({
  name: "trail filter",
  uses: ["trailFilter", "trailThresholdMs"],
  isOn: ({ trailFilter }) => trailFilter !== "off",
  turnOn,
  turnOff: () => registerList(`${registers.trail}=5`),
});

/** How the filter's two thresholds are written: the mode is which of them is used. */
function trailModes(r: { readonly trailContrast: string; readonly trailOnly: string }, params: Params): string {
  const threshold = hex(1 + ((params.trailThresholdMs * 1000) << 1));
  if (params.trailFilter === "trail") return `${r.trailContrast}:1=0 ${r.trailOnly}:FFFFF=${threshold}`;
  const keep = params.trailFilter === "keep" ? 0x100_0000 : 0;
  return `${r.trailContrast}:10FFFFF=${hex(parseInt(threshold, 16) | keep)} ${r.trailOnly}:1=0`;
}

const thresholds = (register: string, { antiFlicker }: Params): string =>
  `${register}:40=${antiFlicker === "keep" ? 40 : 0} ${register}:38=${hex(START_THRESHOLD << 3)} ${register}:7=${STOP_THRESHOLD}`;

/** Settings of IMX636 and Gen4.1; the older one has no "keep" in its trail filter. */
export const hdSettings = (sensor: "imx636" | "gen41"): readonly Setting[] => [
  window((params) => {
    const { x, y, width, height } = regionOf(params, 1280, 720);
    return registerList(`
      ${hd.windowStart}:7FF=${hex(x)} ${hd.windowStart}:3FF0000=${hex(y << 16)}
      ${hd.windowEnd}:7FF=${hex(x + width)} ${hd.windowEnd}:3FF0000=${hex((y + height) << 16)}
      ${hd.window}+1 ${hd.window}?2 ${hd.pixels}+22 ${hd.window}-1 ${hd.window}-2`);
  }, `${hd.pixels}-2 ${hd.window}-1 ${hd.window}-2`),
  outsideOf(1280, 720),
  crop(1280, 720, { on: "5", off: "0" }),
  hdMasks,
  {
    name: "event rate limit",
    uses: ["limitRate", "rateLimitMev"],
    isOn: ({ limitRate }) => limitRate,
    turnOn: (params) => registerList(`${hd.rateDropping}+1 ${hd.rateTarget}=${hex(eventsIn(HD_PERIOD_US, params))}`),
    turnOff: () => registerList(`${hd.rateDropping}-1`),
    change: (params) => registerList(`${hd.rateTarget}=${hex(eventsIn(HD_PERIOD_US, params))}`),
  },
  flicker(hd, (params) =>
    registerList(`
      ${hd.flicker}=5 ${hd.flickerState}?4 ${hd.flickerClock}:FFF=65E ${hd.flickerPeriods}:FFFFF=${hex(flickerPeriods(params))}
      ${thresholds(hd.flickerThresholds, params)} ${hd.flicker}=1`),
  ),
  trail(hd, (params) => {
    if (sensor === "gen41" && params.trailFilter === "keep") {
      throw new AppError("unsupported", `The Gen4.1 sensor has no trail filter of the kind "keep"`, {
        hint: 'Set "trailFilter" to trail or cut.',
      });
    }
    const { prescaler, multiplier, timeout } = trailTimes(hdTrailTimes, params);
    const clock = prescaler | (multiplier << 5);
    const steps = sensor === "imx636" ? `${hd.trailClock}:101FF=${hex(clock | 0x1_0000)}` : `${hd.trailClock}:1FF=${hex(clock)}`;
    return registerList(`
      ${hd.trail}=5 ${hd.trailState}+4 ${hd.trailState}+1 ${trailModes(hd, params)} ${steps}
      ${hd.trailTimeout}:FFF000=${hex(timeout << 12)} ${hd.trailState}?4 ${hd.trail}=1`);
  }),
  {
    name: "trigger input",
    uses: ["triggerIn"],
    isOn: ({ triggerIn }) => triggerIn,
    // The older sensor shares the pad between trigger and clock: it has to be an input.
    turnOn: () => registerList(`${sensor === "gen41" ? `${hd.pads}:F0000=F0000` : ""} ${hd.eventTypes}+400`),
    turnOff: () => registerList(`${hd.eventTypes}-400`),
  },
];

/** Clock of IMX636 and Gen4.1; only before the start. */
export const hdSync = ({ sync }: Params): readonly RegisterStep[] =>
  registerList(
    {
      alone: `${hd.timeBase}:E=4`,
      master: `${hd.timeBase}:E=E ${hd.pads}:F0000=C0000`,
      follower: `${hd.timeBase}:E=A ${hd.pads}:F0000=F0000`,
    }[sync],
  );

/** Settings of GenX320. */
export const genx320Settings: readonly Setting[] = [
  window((params) => {
    const { x, y, width, height } = regionOf(params, 320, 320);
    return registerList(`
      ${gx.pixelDriver}-1 ${gx.pixels}-800 ${gx.window}:FF=9 ${gx.windowX}=${hex(((x + width) << 16) | x)}
      ${gx.windowY}=${hex(((y + height) << 16) | y)} ${gx.window}+2`);
  }, `${gx.windowX}=1400000 ${gx.windowY}=1400000 ${gx.pixelDriver}-1 ${gx.pixels}-800 ${gx.window}:FF=9 ${gx.window}+2`),
  {
    name: "all but a region",
    uses: ["roi"],
    isOn: ({ roi }) => roi === "all but the window",
    turnOn: () => {
      throw new AppError("unsupported", "The GenX320 sensor cannot leave a window out", {
        hint: 'Set "roi" to window, or cut the events out with the filter "roi" afterwards.',
      });
    },
    turnOff: () => [],
  },
  crop(320, 320, { on: "5", off: "4" }),
  genx320Masks,
  rateGate,
  {
    name: "event rate limit",
    uses: ["limitRate", "rateLimitMev"],
    isOn: ({ limitRate }) => limitRate,
    turnOn: (params) => {
      const target = hex(eventsIn(GENX320_PERIOD_US, params));
      return registerList(`
        ${gx.rateDropping}+4 ${gx.rateTarget}:FFFF=${target} ${gx.rate}:7=0 ${gx.rate}:7=5 ${gx.memoryReady}+4 ${gx.ratePower}-8
        ${gx.rateDelay}-1 ${gx.ratePeriod}:103FF=10064 ${gx.rateTarget}:FFFF=${target} ${gx.rateReserve}:1FFFF=1001C
        ${gx.rateReports}+206 ${gx.rateDropping}:3FFF=2004 ${gx.rateCounter}-1 ${gx.rate}:7=1`);
    },
    turnOff: () => registerList(`${gx.rateDropping}-4`),
    change: (params) => registerList(`${gx.rateTarget}:FFFF=${hex(eventsIn(GENX320_PERIOD_US, params))}`),
  },
  flicker(gx, (params) =>
    // Its memory is powered up first. 5FFF004: five in parallel, longest timeout, shortest wait, which is what every band needs.
    registerList(`
      ${gx.flicker}=5 ${gx.memoryReady}+1 ${gx.memoryPower}-7FFF ${gx.flickerState}?4 ${gx.flickerClock}:FFFFFFF=5FFF004
      ${gx.flickerPeriods}:FFFFF=${hex(flickerPeriods(params))} ${thresholds(gx.flickerThresholds, params)} ${gx.flicker}=1`),
  ),
  trail(gx, (params) => {
    const { prescaler, multiplier, timeout } = trailTimes(genx320TrailTimes, params);
    return registerList(`
      ${gx.trail}=5 ${gx.trailState}+4 ${gx.memoryReady}+2 ${gx.memoryPower}-F8000 ${gx.trailState}+1 ${trailModes(gx, params)}
      ${gx.trailClock}:101FF=${hex(prescaler | (multiplier << 5) | 0x1_0000)} ${gx.trailTimeout}:FFF000=${hex(timeout << 12)}
      ${gx.trailState}?4 ${gx.trail}=1`);
  }),
  {
    name: "trigger input",
    uses: ["triggerIn"],
    isOn: ({ triggerIn }) => triggerIn,
    turnOn: () => registerList(`${gx.inputs}+4400 ${gx.eventTypes}+400`),
    turnOff: () => registerList(`${gx.inputs}-4000`),
  },
];

/** Clock of GenX320; only before the start. */
export const genx320Sync = ({ sync }: Params): readonly RegisterStep[] =>
  registerList(
    {
      alone: `${gx.timeBase}:7FE=194`,
      master: `${gx.timeBase}:7FE=19E ${gx.inputs}-10 ${gx.inputs}-1`,
      follower: `${gx.timeBase}:7FE=19A ${gx.inputs}+10 ${gx.inputs}+1`,
    }[sync],
  );
