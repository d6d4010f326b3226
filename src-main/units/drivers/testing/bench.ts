import { parseParams, type ParamsOf, type ParamSpec } from "#shared/units/params.ts";
import type { Camera, Driver } from "../driver.ts";
import { identifyInivation } from "../inivation/identify.ts";
import { identifyProphesee } from "../prophesee/identify.ts";
import { createRecognition } from "../recognition/recognition.ts";
import type { DriverParts } from "../session/open-device.ts";
import { EmulatedCamera, type EmulatorOptions } from "./emulated-camera.ts";

/** Makes a driver from its parts. */
export type Create<S extends ParamSpec> = (parts: DriverParts) => Driver<S>;

/** A driver with an emulated camera on its bus. */
export interface Bench<S extends ParamSpec> {
  readonly camera: EmulatedCamera;
  readonly driver: Driver<S>;
  /** Values of all parameters, given some. */
  readonly params: (some?: Readonly<Record<string, unknown>>) => ParamsOf<S>;
  /** Lists, takes the first camera of the driver and opens it. What was sent until then is forgotten. */
  readonly open: (some?: Readonly<Record<string, unknown>>) => Promise<Camera<S>>;
}

/** Puts an emulated camera and a driver together. */
export function bench<S extends ParamSpec>(create: Create<S>, options: EmulatorOptions): Bench<S> {
  const camera = new EmulatedCamera(options);
  const families = { prophesee: identifyProphesee(camera.pause), inivation: identifyInivation };
  const driver = create({ recognition: createRecognition(camera.bus, families), pause: camera.pause });
  const params = (some: Readonly<Record<string, unknown>> = {}): ParamsOf<S> => parseParams(driver.params, some, driver.id);
  return {
    camera,
    driver,
    params,
    open: async (some) => {
      const [device] = await driver.list();
      if (device === undefined) throw new Error(`${driver.id} lists no camera`);
      camera.traffic.length = 0;
      return driver.open(device.id, params(some));
    },
  };
}

/** Longest wait for something that should happen at once, ms: a busy machine is no failure, a hang is. */
const PATIENCE_MS = 20_000;

/** Lets turns of the event loop pass until something is so. */
export async function until(done: () => boolean, what: string): Promise<void> {
  const end = performance.now() + PATIENCE_MS;
  while (!done()) {
    if (performance.now() > end) throw new Error(`never happened: ${what}`);
    await new Promise(setImmediate);
  }
}
