import type { CameraReading } from "#shared/api/devices.ts";
import { DVS, MUX, type Registers } from "./registers.ts";

/** A count of a board: 64 bits, high word first. */
type Counter = readonly [label: string, module: number, parameter: number];

const MUX_COUNTERS: readonly Counter[] = [
  ["Triggers lost in the camera", MUX, 81],
  ["Events lost on the way to the computer", MUX, 83],
];
const DVS_COUNTERS: readonly Counter[] = [
  ["Events lost in the sensor's readout", DVS, 85],
  ["Events of silenced pixels", DVS, 87],
  ["Events taken out by the noise filter", DVS, 89],
  ["Events taken out by the refractory filter", DVS, 91],
];

/** Says where a board keeps its statistics. */
const HAS_STATISTICS = 80;

/** What an FX3 board counts; nothing where it has no statistics. */
export async function readCounters(registers: Registers): Promise<readonly CameraReading[]> {
  const there = [
    ...((await registers.read(MUX, HAS_STATISTICS)) === 0 ? [] : MUX_COUNTERS),
    ...((await registers.read(DVS, HAS_STATISTICS)) === 0 ? [] : DVS_COUNTERS),
  ];
  const readings: CameraReading[] = [];
  for (const [label, module, parameter] of there) {
    const high = await registers.read(module, parameter);
    const low = await registers.read(module, parameter + 1);
    readings.push({ label, value: high * 2 ** 32 + low, unit: "" });
  }
  return readings;
}
