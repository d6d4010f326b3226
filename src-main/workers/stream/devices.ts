import { AppError, toAppError } from "#shared/api/errors.ts";
import type { DeviceInfo } from "#shared/api/devices.ts";
import type { Driver } from "#main/units/drivers/driver.ts";
import { drivers } from "#main/units/drivers/index.ts";

/** Every camera that is there. A driver that cannot look is listed with its reason instead of hiding the others. */
export async function listDevices(): Promise<readonly DeviceInfo[]> {
  const lists = await Promise.all(
    drivers.map(async (driver): Promise<readonly DeviceInfo[]> => {
      try {
        return await driver.list();
      } catch (error) {
        const { message, hint } = toAppError(error);
        return [
          {
            id: `${driver.id}-unknown`,
            driver: driver.id,
            label: driver.label,
            serial: "",
            state: "unknown",
            virtual: false,
            obstacle: "no-usb",
            reason: message,
            ...(hint === undefined ? {} : { remedy: hint }),
          },
        ];
      }
    }),
  );
  return lists.flat();
}

/** The camera of that id and who knows how to open it. @throws AppError `not-found`. */
export async function findDevice(id: string): Promise<{ readonly driver: Driver; readonly device: DeviceInfo }> {
  const devices = await listDevices();
  const device = devices.find((candidate) => candidate.id === id);
  const driver = drivers.find((candidate) => candidate.id === device?.driver);
  if (device === undefined || driver === undefined) {
    throw new AppError("not-found", `There is no camera called "${id}"`, {
      hint: `Connected: ${devices.map((candidate) => candidate.id).join(", ")}.`,
    });
  }
  return { driver, device };
}
