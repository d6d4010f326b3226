import { AppError } from "#shared/api/errors.ts";
import { createInivationDriver, type OpenControl } from "../inivation/driver.ts";
import { readCounters } from "../inivation/counters.ts";
import { waitForMessages } from "../inivation/messages.ts";
import { APS, DVS, differences, IMU, INPUT, MUX, SYSTEM, USB, values, type Registers } from "../inivation/registers.ts";
import { biasMetadata } from "./biases.ts";
import { davisParams, type DavisParams } from "./params.ts";
import { allOff, configuration, running, type DavisBoard } from "./settings.ts";
import type { DriverParts } from "../session/open-device.ts";

const EVENTS_IN = 0x82;
/** 32 × 64 KiB: 50 ms of slack at 40 MB/s. The board sends what it has after a millisecond at the latest. */
const TRANSFERS = 32;
const TRANSFER_BYTES = 64 * 1024;
const MESSAGE_READS = 4;
const SETTLE_US = 10_000;
const CHIP_START_US = 200_000;
const CLOCK_START_US = 50_000;

/** Optional parts, sides and clocks. */
async function lookAt(registers: Registers, columns: number, rows: number) {
  const has = async (module: number, parameter: number): Promise<boolean> => (await registers.read(module, parameter)) !== 0;
  const board: Omit<DavisBoard, "logicMhz" | "adcMhz" | "usbMhz"> = {
    columns,
    rows,
    has: {
      pixelFilter: await has(DVS, 10),
      noiseFilter: await has(DVS, 30),
      roi: await has(DVS, 40),
      skip: await has(DVS, 50),
      polarity: await has(DVS, 60),
      globalShutter: await has(APS, 6),
      generator: await has(INPUT, 10),
    },
    dvsOrientation: await registers.read(DVS, 2),
    apsOrientation: await registers.read(APS, 2),
  };
  const deviation = (await registers.read(SYSTEM, 6)) / 1000;
  const clock = async (parameter: number): Promise<number> => (await registers.read(SYSTEM, parameter)) * deviation;
  return {
    ...board,
    logicMhz: await clock(3),
    adcMhz: await clock(4),
    usbMhz: await clock(5),
    color: await has(APS, 3),
    imuType: await registers.read(IMU, 0),
    imuOrientation: await registers.read(IMU, 1),
  };
}

/** One request each: the second value takes back the first. */
const RESET_CLOCK = values(MUX, [[2, 1], [2, 0]]); // prettier-ignore
const SNAPSHOT = values(APS, [[4, 1], [4, 0]]); // prettier-ignore

const openControl: OpenControl<DavisParams> = async ({ registers, columns, rows }, transport, initial, pause) => {
  const board = await lookAt(registers, columns, rows);
  const wanted = configuration(initial, board);
  const side = waitForMessages(transport, MESSAGE_READS);
  try {
    await registers.run(wanted);
  } catch (error) {
    await side.stop();
    throw error;
  }
  const swap = (board.dvsOrientation & 4) !== 0;
  const { dvsOrientation, apsOrientation, imuOrientation, imuType } = board;
  return {
    sensor: swap ? { width: rows, height: columns } : { width: columns, height: rows },
    encoding: "davis-usb",
    decoderState: { dvsOrientation, apsOrientation, imuOrientation, imuType },
    endpoint: EVENTS_IN,
    transfers: TRANSFERS,
    transferBytes: TRANSFER_BYTES,
    clearFirst: true,
    metadata: (params) => ({
      sensor_name: board.color ? "DAVIS346C" : "DAVIS346B",
      ...(board.color ? { color_filter: "Bayer; frames are kept as the mosaic" } : {}),
      ...biasMetadata(params),
      frames: params.frames ? `${params.exposureUs} us every ${params.frameIntervalUs} us` : "off",
      imu: params.imu ? `${params.accelRange}, ${params.gyroRange}` : "off",
      noise_filter: params.noiseFilter ? `${params.noiseFilterUs} us` : "off",
      trigger_in: params.triggerIn,
    }),
    quiet: async () => {
      await registers.run(allOff);
      await pause(SETTLE_US);
    },
    start: async (params) => {
      await registers.run(values(MUX, [[3, 1]]));
      await pause(CHIP_START_US);
      await registers.run([...values(USB, [[0, 1]]), ...values(MUX, [[1, 1], [0, 1]])]); // prettier-ignore
      await pause(CLOCK_START_US);
      await registers.run(running(params).filter(({ value }) => value === 1));
    },
    stop: () => registers.run(allOff),
    shutDown: () => Promise.resolve(),
    change: async (next, previous, runs) => {
      const writes = differences(configuration(next, board), configuration(previous, board));
      if (next.snapshot && !previous.snapshot && next.frames) {
        throw new AppError("bad-parameter", "A single frame cannot be taken while frames are on", {
          hint: 'Set "frames" to false first, or use the frames that come.',
        });
      }
      await registers.run(writes);
      if (!runs) return;
      await registers.run(differences(running(next), running(previous)));
      if (next.snapshot && !previous.snapshot) await registers.together(SNAPSHOT);
      if (next.resetClock && !previous.resetClock) await registers.together(RESET_CLOCK);
    },
    readings: () => readCounters(registers),
    side: () => side,
  };
};

/** iniVation DAVIS346. */
export const createDavis346 = (parts: DriverParts) =>
  createInivationDriver(
    {
      id: "davis346",
      label: "iniVation DAVIS346",
      summary: "iniVation DAVIS346 (346 × 260) with events, frames, inertial readings and external edges.",
      params: davisParams,
    },
    parts,
    openControl,
  );
