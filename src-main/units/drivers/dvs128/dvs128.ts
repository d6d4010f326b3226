import type { Param, ParamSpec, ParamsOf } from "#shared/units/params.ts";
import { commonParams, createInivationDriver, type OpenControl } from "../inivation/driver.ts";
import { inSections } from "../sections.ts";
import type { DriverParts } from "../session/open-device.ts";

const EVENTS_IN = 0x86;
const TRANSFERS = 32;
const TRANSFER_BYTES = 4 * 1024;

const START = 0xb3;
const STOP = 0xb4;
const BIASES = 0xb8;
const RESET_CLOCK = 0xbb;
const RESET_PIXELS = 0xbd;
const MASTER = 0xbe;
const BIAS_BYTES = 3;

const bias = (value: number, label: string, help: string) =>
  ({ type: "integer", default: value, min: 0, max: 0xff_ffff, label, help }) as const satisfies Param;
const LEAVE = "Best left alone. Share of the master current, of 16777215.";
const SHARE = "Share of the master current, of 16777215.";

/** Biases in the order in which the board takes them. */
const order = [
  "biasCas",
  "biasInjGnd",
  "biasReqPd",
  "biasPuX",
  "biasDiffOff",
  "biasReq",
  "biasRefr",
  "biasPuY",
  "biasDiffOn",
  "biasDiff",
  "biasFoll",
  "biasPr",
] as const;

const all = {
  biasDiffOn: bias(209_996, "ON threshold (diffOn)", `More: a pixel needs more brightening for an ON event. ${SHARE}`),
  biasDiffOff: bias(132, "OFF threshold (diffOff)", `Less: a pixel needs more darkening for an OFF event. ${SHARE}`),
  biasDiff: bias(13_125, "Reference of the thresholds (diff)", `Both thresholds are measured from it. ${SHARE}`),
  biasPr: bias(217, "Photoreceptor speed (pr)", `More: faster pixels that also see flicker and noise. ${SHARE}`),
  biasFoll: bias(271, "Photoreceptor follower (foll)", `Less: slower changes only. ${SHARE}`),
  biasRefr: bias(969, "Refractory period (refr)", `More: a pixel is ready again sooner after an event. ${SHARE}`),
  biasCas: bias(1992, "Cascode (cas)", LEAVE),
  biasInjGnd: bias(1_108_364, "Injected ground (injGnd)", LEAVE),
  biasReq: bias(309_590, "Request (req)", LEAVE),
  biasReqPd: bias(16_777_215, "Request pull-down (reqPd)", LEAVE),
  biasPuX: bias(8_159_221, "Column request pull-up (puX)", LEAVE),
  biasPuY: bias(16_777_215, "Row request pull-up (puY)", LEAVE),
  clock: {
    type: "choice",
    default: "master",
    options: ["master", "follower"],
    label: "Clock",
    help: "Cameras that are wired together share the master's clock.",
  },
  resetPixels: {
    type: "boolean",
    default: false,
    label: "Reset all pixels",
    help: "Switching it on resets the array once. Switch it off and on to do it again.",
  },
  ...commonParams,
} as const satisfies ParamSpec;

const dvs128Params = inSections(all, [
  ["Biases", "basic", "biasDiffOn", "biasDiffOff", "biasPr", "biasFoll", "biasRefr"],
  ["Trigger and clock", "advanced", "clock", "resetClock"],
  ["Pixels", "advanced", "resetPixels"],
  ["Biases", "expert", "bias*"],
]);

type Dvs128Params = ParamsOf<typeof dvs128Params>;

function biasBytes(params: Dvs128Params): Uint8Array {
  const bytes = new Uint8Array(BIAS_BYTES * order.length);
  for (const [i, name] of order.entries()) {
    const value = params[name];
    bytes.set([value >> 16, (value >> 8) & 0xff, value & 0xff], BIAS_BYTES * i);
  }
  return bytes;
}

const openControl: OpenControl<Dvs128Params> = async ({ registers }, _transport, initial) => {
  await registers.command(BIASES, biasBytes(initial));
  const none = new Uint8Array(0);
  const setClock = (params: Dvs128Params): Promise<void> => registers.command(MASTER, none, params.clock === "master" ? 1 : 0);
  if (initial.clock !== "master") await setClock(initial);
  return {
    sensor: { width: 128, height: 128 },
    encoding: "dvs128-usb",
    decoderState: {},
    endpoint: EVENTS_IN,
    transfers: TRANSFERS,
    transferBytes: TRANSFER_BYTES,
    clearFirst: false,
    metadata: (params) => ({
      sensor_name: "DVS128",
      ...Object.fromEntries(order.map((name) => [name.charAt(4).toLowerCase() + name.slice(5), String(params[name])])),
      clock: params.clock,
    }),
    quiet: () => Promise.resolve(),
    start: () => registers.command(START),
    stop: () => registers.command(STOP),
    shutDown: () => Promise.resolve(),
    change: async (next, previous) => {
      if (order.some((name) => next[name] !== previous[name])) await registers.command(BIASES, biasBytes(next));
      if (next.clock !== previous.clock) await setClock(next);
      if (next.resetPixels && !previous.resetPixels) await registers.command(RESET_PIXELS);
      if (next.resetClock && !previous.resetClock) await registers.command(RESET_CLOCK);
    },
  };
};

/** iniVation DVS128. */
export const createDvs128 = (parts: DriverParts) =>
  createInivationDriver(
    {
      id: "dvs128",
      label: "iniVation DVS128",
      summary: "iniVation DVS128 (128 × 128), with events and external edges.",
      params: dvs128Params,
    },
    parts,
    openControl,
  );
