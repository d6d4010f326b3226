import type { CameraReading } from "#shared/api/devices.ts";
import { toAppError } from "#shared/api/errors.ts";
import type { Pause } from "../session/open-device.ts";
import { registerList, runRegisters, type Registers } from "./register-list.ts";

/** Asks a sensor for what it measures. */
export type SensorReadings = (registers: Registers, pause: Pause, label: string) => Promise<readonly CameraReading[]>;

/** Registers of the converter behind the thermometer. */
const CONVERTER = "004C";
const CONVERTER_RESULT = 0x50;
const CONVERTED = "0050?800";
const CONVERTER_BITS = 0x3ff;

const LIGHT = 0x10;
const DEAD_TIME = 0x20;

/** A measurement that does not come about is left out: the others still count. */
async function orNone(measure: () => Promise<CameraReading>): Promise<readonly CameraReading[]> {
  try {
    return [await measure()];
  } catch (error) {
    if (toAppError(error).code !== "io") throw error;
    return [];
  }
}

const rounded = (value: number, digits: number): number => Number(value.toFixed(digits));
const temperature = (celsius: number): CameraReading => ({ label: "Temperature", value: rounded(celsius, 1), unit: "°C" });
const light = (lux: number): CameraReading => ({
  label: "Light on the sensor",
  value: rounded(lux, lux < 10 ? 2 : 0),
  unit: "lx",
});
const deadTime = (us: number): CameraReading => ({ label: "Dead time of a pixel", value: rounded(us, 1), unit: "µs" });

/** Brightness of IMX636 and Gen4.1, from the count of their photocurrent (vendor's formula). */
const hdLight: SensorReadings = (registers, pause, label) =>
  orNone(async () => {
    await runRegisters(registerList("0010?20000000"), registers, pause, label);
    const count = (await registers.read(LIGHT)) & 0x7ff_ffff;
    return light(10 ** (3.5 - Math.log10((Math.max(1, count) / 100) * 0.37)));
  });

export const gen41Readings: SensorReadings = hdLight;

export const imx636Readings: SensorReadings = async (registers, pause, label) => {
  const run = (list: string): Promise<void> => runRegisters(registerList(list), registers, pause, label);
  return [
    ...(await orNone(async () => {
      await run(`${CONVERTER}+2 0054+1000 ${CONVERTER}+4 ${CONVERTED}`);
      const value = (await registers.read(CONVERTER_RESULT)) & CONVERTER_BITS;
      await run(`${CONVERTER}-2`);
      return temperature(value * 0.19 - 56);
    })),
    ...(await hdLight(registers, pause, label)),
    ...(await orNone(async () => {
      await run("0020:C0000000=C0000000 0020?10000000");
      return deadTime(((await registers.read(DEAD_TIME)) & 0xfff_ffff) / 200);
    })),
  ];
};

const CONVERSIONS = 3;
const LIGHT_US = 200_000;

export const genx320Readings: SensorReadings = async (registers, pause, label) => {
  const run = (list: string): Promise<void> => runRegisters(registerList(list), registers, pause, label);
  return [
    ...(await orNone(async () => {
      await run(`${CONVERTER}+2`);
      let sum = 0;
      for (let i = 0; i < CONVERSIONS; i++) {
        await run(`${CONVERTER}+4 ${CONVERTED}`);
        sum += (await registers.read(CONVERTER_RESULT)) & CONVERTER_BITS;
      }
      await run(`${CONVERTER}-2`);
      return temperature((sum / CONVERSIONS) * 0.216 - 54);
    })),
    ...(await orNone(async () => {
      await run(`0008+3 @${LIGHT_US}`);
      const count = (await registers.read(LIGHT)) & 0xfff_ffff;
      await run("0008-1");
      return light(Math.exp(11.97 - 0.98 * Math.log(Math.max(1, count))));
    })),
    ...(await orNone(async () => {
      await run("0020:C0000000=C0000000 0020+20000000 0020?10000000");
      return deadTime(((await registers.read(DEAD_TIME)) & 0xfff_ffff) / 50);
    })),
  ];
};
