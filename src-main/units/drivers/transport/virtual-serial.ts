import { toAppError } from "#shared/api/errors.ts";
import { readString } from "./strings.ts";
import type { Transport } from "./transport.ts";

/** Serial numbers over USB that begin so belong to devices which a program plays: no camera of a maker has one. */
export const VIRTUAL_SERIAL = "VIRTUAL-";

/** The serial number of a device that a program plays; `undefined` for others. @throws AppError `camera-gone` */
export async function readVirtualSerial(transport: Transport): Promise<string | undefined> {
  try {
    const serial = await readString(transport, transport.device.serialString);
    return serial.startsWith(VIRTUAL_SERIAL) ? serial : undefined;
  } catch (error) {
    // A camera that does not tell its number this way is a camera.
    if (toAppError(error).code === "camera-gone") throw error;
    return undefined;
  }
}
