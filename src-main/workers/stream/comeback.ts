import type { Sensor } from "#shared/events/sensor.ts";
import type { ParamsOf, ParamSpec } from "#shared/units/params.ts";
import type { Camera, Driver } from "#main/units/drivers/driver.ts";
import { toAppError } from "#shared/api/errors.ts";
import { log } from "#main/lib/log.ts";

/** A camera that is plugged in again is found within this time, ms. */
const LOOK_MS = 500;

const pause = (ms: number, signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    const done = (): void => {
      clearTimeout(timer);
      signal.removeEventListener("abort", done);
      resolve();
    };
    const timer = setTimeout(done, ms);
    signal.addEventListener("abort", done);
    if (signal.aborted) done();
  });

export interface Lost<S extends ParamSpec> {
  readonly driver: Driver<S>;
  readonly id: string;
  readonly serial: string;
  readonly sensor: Sensor;
  /** What it is to be set to, when it is there again. */
  readonly params: () => ParamsOf<S>;
}

/**
 * Waits for a camera that was unplugged and opens it again. Its address on the bus is another one then: it is known by its serial
 * number, or by its id where it has none or exists in memory only. `undefined` when the signal was aborted.
 */
export async function comeback<S extends ParamSpec>(
  { driver, id, serial, sensor, params }: Lost<S>,
  signal: AbortSignal,
  lookMs = LOOK_MS,
): Promise<Camera<S> | undefined> {
  let told = "";
  while (!signal.aborted) {
    await pause(lookMs, signal);
    if (signal.aborted) return undefined;
    try {
      const found = (await driver.list()).find(
        (one) => one.state === "ready" && (serial === "" || one.usb === undefined ? one.id === id : one.serial === serial),
      );
      if (found === undefined) continue;
      const camera = await driver.open(found.id, params());
      const { width, height } = camera.info.sensor;
      if (!signal.aborted && width === sensor.width && height === sensor.height) return camera;
      await camera.stop();
    } catch (error) {
      // Not there yet, or not ready: it is looked for again. Each reason is told once.
      const { message } = toAppError(error);
      if (message !== told) log("info", "stream", message);
      told = message;
    }
  }
  return undefined;
}
