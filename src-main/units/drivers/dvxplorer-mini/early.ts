import { chipChanges } from "../inivation/chip-changes.ts";
import type { OpenControl } from "../inivation/driver.ts";
import { waitForMessages } from "../inivation/messages.ts";
import { differences, DVS, values, type Write } from "../inivation/registers.ts";
import { chipDefaults, chipSettings, imuRunning, imuWrites, resetChipClock, streamOff, streamOn } from "../inivation/s5k231y.ts";
import { defaultSensor } from "./defaults.ts";
import { miniControl } from "./common.ts";
import type { MiniParams } from "./dvxplorer-mini.ts";
import { createReadingWeaver } from "./readings.ts";

const MESSAGE_READS = 4;
const SETTLE_US = 10_000;
/** Codes of 800 Hz. */
const IMU_RATES = [6, 5] as const;

const allOff: readonly Write[] = [...values(DVS, [[3, 0]]), ...imuRunning(false)];

/** Boards with firmware before 10: the chip's registers are set one by one. */
export const openEarly: OpenControl<MiniParams> = async (board, transport, initial, pause) => {
  const { registers, columns, rows } = board;
  const wanted = [
    ...imuWrites(initial, IMU_RATES),
    ...chipDefaults(columns, rows),
    ...chipChanges(chipSettings(initial, columns, rows), chipSettings(defaultSensor, columns, rows)),
  ];
  const weaver = createReadingWeaver();
  const side = waitForMessages(transport, MESSAGE_READS, (packet) => weaver.add(packet));
  try {
    await registers.run(wanted);
  } catch (error) {
    await side.stop();
    throw error;
  }
  return {
    ...miniControl(board, weaver),
    decoderState: { imuReversed: 1 },
    clearFirst: true,
    quiet: async () => {
      await registers.run(allOff);
      await pause(SETTLE_US);
    },
    start: async (params) => {
      if (params.imu) await registers.run(imuRunning(true));
      await registers.run([...resetChipClock, ...streamOn]);
    },
    stop: () => registers.run([...streamOff, ...allOff]),
    shutDown: () => Promise.resolve(),
    change: async (next, previous, runs) => {
      const writes = [
        ...differences(imuWrites(next, IMU_RATES), imuWrites(previous, IMU_RATES)),
        ...chipChanges(chipSettings(next, columns, rows), chipSettings(previous, columns, rows)),
      ];
      await registers.run(writes);
      if (!runs) return;
      await registers.run(differences(imuRunning(next.imu), imuRunning(previous.imu)));
      if (next.resetClock && !previous.resetClock) await registers.run(resetChipClock);
    },
    side: () => side,
  };
};
