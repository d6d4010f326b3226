import { toAppError } from "#shared/api/errors.ts";
import type { Recognition } from "../recognition/recognition.ts";
import type { Transport } from "../transport/transport.ts";
import { slowPort } from "../transport/usb-errors.ts";

/** Waits so many µs. */
export type Pause = (us: number) => Promise<void>;

/** What a driver of real cameras is made from. */
export interface DriverParts {
  readonly recognition: Recognition;
  readonly pause: Pause;
}

const ATTEMPTS = 4;
const PAUSE_US = 150_000;

/**
 * Opens the plugged-in device of an id and hands it to `use`; when that fails it is closed again. Whoever lists cameras holds their
 * interface for a moment, so "busy" is tried again.
 * @param allowSlowPort for cameras made for USB 3: false refuses slower ports. Left out for cameras that are slower themselves.
 */
export async function openDevice<T>(
  { recognition, pause }: DriverParts,
  deviceId: string,
  use: (transport: Transport) => Promise<T>,
  allowSlowPort = true,
): Promise<T> {
  const device = await recognition.find(deviceId);
  if (!allowSlowPort && device.speed !== undefined && device.speed !== "super") throw slowPort(device);
  for (let attempt = 1; ; attempt++) {
    try {
      const transport = await device.open();
      try {
        return await use(transport);
      } catch (error) {
        await transport.close();
        throw error;
      }
    } catch (error) {
      if (attempt === ATTEMPTS || toAppError(error).code !== "busy") throw error;
      await pause(PAUSE_US);
    }
  }
}
