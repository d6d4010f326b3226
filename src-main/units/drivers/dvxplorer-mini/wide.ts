import { AppError } from "#shared/api/errors.ts";
import type { OpenControl } from "../inivation/driver.ts";
import { askForMessages, type Side } from "../inivation/messages.ts";
import { differences, DVS, values, type Write } from "../inivation/registers.ts";
import { imuRunning, imuWrites, readoutNumber, subsampleCode, windowOf, type SensorParams } from "../inivation/s5k231y.ts";
import { miniControl } from "./common.ts";
import type { MiniParams } from "./dvxplorer-mini.ts";
import { createReadingWeaver } from "./readings.ts";

/** Code of 800 Hz in the numbers of the inertial chip. */
const IMU_RATES = [11, 11] as const;
const MIPI_TIMEOUT_US = 2000;
const STOP_US = 100_000;

const flag = (on: boolean): number => (on ? 1 : 0);

/** Values of the sensor's module. @throws AppError `bad-parameter` */
function sensorWrites(params: SensorParams, columns: number, rows: number): readonly Write[] {
  const { x, y, width, height } = windowOf(params, columns, rows);
  return values(DVS, [
    [4, flag(params.flatten)],
    [5, subsampleCode(params.subsampleX)],
    [6, subsampleCode(params.subsampleY)],
    [8, flag(params.globalHold)],
    [9, flag(params.globalReset)],
    [10, 0],
    [11, 1],
    [12, MIPI_TIMEOUT_US],
    [13, readoutNumber(params.readout)],
    [14, params.thresholdOn],
    [15, params.thresholdOff],
    [19, x],
    [20, y],
    [21, width],
    [22, height],
    [23, flag(params.roi !== "off")],
  ]);
}

/** Whether the array has to be turned round along an axis, by its letter. */
const flips = (orientation: number, shift: number, letter: string): number =>
  flag(String.fromCharCode((orientation >> shift) & 0xff).toUpperCase() === letter);

/** Boards with firmware 10 or newer: they set the chip's registers themselves, and must not be reset over USB. */
export const openWide: OpenControl<MiniParams> = async (board, transport, initial, pause) => {
  const { registers, columns, rows } = board;
  const wanted = sensorWrites(initial, columns, rows);
  await registers.run(wanted);
  const orientation = await registers.read(DVS, 2);
  await registers.run(values(DVS, [[24, flips(orientation, 8, "X")], [25, flips(orientation, 0, "Y")]])); // prettier-ignore
  await registers.run(imuWrites(initial, IMU_RATES));
  const weaver = createReadingWeaver();
  let side: Side | undefined;
  const endSide = async (): Promise<void> => {
    await side?.stop();
    side = undefined;
  };
  return {
    ...miniControl(board, weaver),
    decoderState: { imuReversed: 0 },
    clearFirst: false,
    quiet: () => Promise.resolve(),
    start: async (params) => {
      side = askForMessages(transport, (packet) => weaver.add(packet));
      await registers.run([...values(DVS, [[3, 1]]), ...imuRunning(params.imu).filter(({ value }) => value === 1)]);
    },
    stop: async () => {
      await registers.run([...values(DVS, [[3, 0]]), ...imuRunning(false)]);
      await pause(STOP_US);
      await endSide();
    },
    shutDown: () => Promise.resolve(),
    change: async (next, previous, runs) => {
      if (next.resetClock && !previous.resetClock) {
        throw new AppError("unsupported", "The clock of a DVXplorer Mini with firmware 10 or newer cannot be set back", {
          hint: "Close the camera and open it again: its clock then begins anew.",
        });
      }
      const writes = [
        ...differences(sensorWrites(next, columns, rows), sensorWrites(previous, columns, rows)),
        ...differences(imuWrites(next, IMU_RATES), imuWrites(previous, IMU_RATES)),
      ];
      await registers.run(writes);
      if (runs) await registers.run(differences(imuRunning(next.imu), imuRunning(previous.imu)));
    },
    side: () => side,
  };
};
