import { parseParams, type ParamsOf, type ParamSpec } from "#shared/units/params.ts";
import type { Camera, Driver } from "#main/units/drivers/driver.ts";
import { createRecognition } from "#main/units/drivers/recognition/recognition.ts";
import { EmulatedCamera, type EmulatorOptions } from "#main/units/drivers/testing/emulated-camera.ts";
import type { DriverParts } from "#main/units/drivers/session/open-device.ts";
import { identifyInivation } from "../identify.ts";

/** A driver with an emulated camera on its bus. */
export interface Bench<S extends ParamSpec> {
  readonly camera: EmulatedCamera;
  readonly driver: Driver<S>;
  /** Values of all parameters, given some. */
  readonly params: (some?: Readonly<Record<string, unknown>>) => ParamsOf<S>;
  /** Lists, takes the first camera of the driver and opens it. What was sent until then is forgotten. */
  readonly open: (some?: Readonly<Record<string, unknown>>) => Promise<Camera<S>>;
}

/** Makes a driver from its parts. */
export type Create<S extends ParamSpec> = (parts: DriverParts) => Driver<S>;

/** Puts an emulated iniVation camera and a driver together. */
export function bench<S extends ParamSpec>(create: Create<S>, options: EmulatorOptions): Bench<S> {
  const camera = new EmulatedCamera(options);
  const driver = create({
    recognition: createRecognition(camera.bus, { inivation: identifyInivation }),
    pause: camera.pause,
  });
  const params = (some: Readonly<Record<string, unknown>> = {}): ParamsOf<S> => parseParams(driver.params, some, driver.id);
  return {
    camera,
    driver,
    params,
    open: async (some) => {
      const [device] = await driver.list();
      if (device?.state !== "ready") throw new Error(`${driver.id} lists no camera`);
      camera.traffic.length = 0;
      return driver.open(device.id, params(some));
    },
  };
}

/** Lets turns of the event loop pass until something is so. */
export async function until(done: () => boolean, what: string, turns = 50_000): Promise<void> {
  for (let turn = 0; turn < turns; turn++) {
    if (done()) return;
    await new Promise(setImmediate);
  }
  throw new Error(`never happened: ${what}`);
}
