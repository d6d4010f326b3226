import { AppError, toAppError } from "#shared/api/errors.ts";
import type { CameraObstacle, DeviceInfo, UsbPlace } from "#shared/api/devices.ts";
import type { Sensor } from "#shared/events/sensor.ts";
import { knownCamera, usbNumber, type KnownCamera } from "../transport/known-cameras.ts";
import type { Transport, UsbBus, UsbDevice } from "../transport/transport.ts";
import { CameraError } from "../transport/usb-errors.ts";
import { readVirtualSerial } from "../transport/virtual-serial.ts";
import { noSystem, type UsbSystem } from "./usb-system.ts";

/** Who a camera turned out to be. */
export interface Identity {
  /** Id of the driver for it. */
  readonly driver: string;
  readonly label: string;
  readonly serial: string;
  readonly sensor?: Sensor;
  /** A program plays it: its serial number says so. */
  readonly virtual?: boolean;
  /** Its port or cable carries less than it sends. */
  readonly advice?: { readonly reason: string; readonly remedy: string };
}

/** Asks an open device who it is. It may claim an interface and has to release it. @throws AppError, for what cannot be used. */
export type Identify = (transport: Transport) => Promise<Identity>;

type Family = Exclude<KnownCamera["family"], "none">;

/** The event cameras on a bus: one look serves all drivers. */
export interface Recognition {
  /** The cameras of a driver. Those that cannot be used, or have no driver, belong to `leftovers`. */
  list(driver: string): Promise<readonly DeviceInfo[]>;
  /** The plugged-in device behind an id from `list`. @throws AppError `not-found`. */
  find(deviceId: string): Promise<UsbDevice>;
}

/** Driver id under which cameras are listed that no driver can open just now. */
export const leftovers = "usb-recognition";

const idOf = ({ vendorId, productId, key }: UsbDevice): string => `usb-${usbNumber(vendorId)}-${usbNumber(productId)}-${key}`;

const noDriver = (label: string): CameraError =>
  new CameraError("no-driver", "unsupported", `${label} is recognised, but this version has no driver for it`, {
    hint: "Record with the vendor's program and open the file here, or use a virtual camera.",
  });

const placeOf = ({ vendorId, productId, key, speed }: UsbDevice, identity?: Identity): UsbPlace => ({
  vendorId: usbNumber(vendorId),
  productId: usbNumber(productId),
  key,
  ...(speed !== undefined && { speed }),
  ...(identity?.advice !== undefined && { slow: true }),
});

const obstacleOf = (error: AppError): CameraObstacle => (error instanceof CameraError ? error.obstacle : "failed");

/** What else the system knows of a trouble, for the explanation. */
async function findingsOf(
  device: UsbDevice,
  obstacle: CameraObstacle,
  system: UsbSystem,
): Promise<Pick<DeviceInfo, "ruleFile" | "holders">> {
  if (obstacle === "busy") {
    const holders = await system.holdersOf(device.key);
    return holders.length > 0 ? { holders } : {};
  }
  if (obstacle !== "no-permission") return {};
  const ruleFile = await system.ruleFileFor(usbNumber(device.vendorId), usbNumber(device.productId));
  return ruleFile === undefined ? {} : { ruleFile };
}

const stateOf = ({ code }: AppError): DeviceInfo["state"] => (code === "denied" || code === "busy" ? code : "unknown");

/**
 * Recognises cameras by their numbers, and asks those of a family with a driver who they are. Looks that begin at the same time are
 * one: two must not claim the same interface. Who a camera is does not change while it stays plugged in and is asked once.
 */
export function createRecognition(
  bus: UsbBus,
  families: Readonly<Partial<Record<Family, Identify>>>,
  system: UsbSystem = noSystem,
): Recognition {
  const identities = new Map<string, Identity>();
  let looking: Promise<readonly DeviceInfo[]> | undefined;

  const identify = async (device: UsbDevice, known: KnownCamera): Promise<Identity> => {
    const ask = known.family === "none" ? undefined : families[known.family];
    if (ask === undefined) throw noDriver(known.label);
    const transport = await device.open();
    try {
      const identity = await ask(transport);
      const serial = await readVirtualSerial(transport);
      if (serial === undefined) return identity;
      return { ...identity, virtual: true, label: `Virtual camera: ${identity.label}, at kernel level`, serial };
    } finally {
      await transport.close();
    }
  };

  /** Whether a camera that is known already may be opened just now. */
  const tryOpen = async (device: UsbDevice): Promise<void> => {
    const transport = await device.open();
    try {
      await transport.claim(0);
      await transport.release(0);
    } finally {
      await transport.close();
    }
  };

  const describe = async (device: UsbDevice): Promise<DeviceInfo | undefined> => {
    const known = knownCamera(device.vendorId, device.productId);
    if (known === undefined) return undefined;
    const id = idOf(device);
    const remembered = identities.get(id);
    try {
      if (remembered !== undefined) await tryOpen(device);
      const identity = remembered ?? (await identify(device, known));
      identities.set(id, identity);
      const { driver, label, serial, sensor, virtual = false, advice } = identity;
      const usb = placeOf(device, identity);
      const slow = advice !== undefined && ({ ...advice, obstacle: "slow-port" } as const);
      return { id, driver, label, serial, state: "ready", virtual, usb, ...(sensor && { sensor }), ...slow };
    } catch (error) {
      const failure = toAppError(error);
      const { driver, label, serial } = remembered ?? { driver: leftovers, label: known.label, serial: "" };
      const obstacle = obstacleOf(failure);
      return {
        ...{
          id,
          driver,
          label,
          serial,
          state: stateOf(failure),
          virtual: remembered?.virtual ?? false,
          usb: placeOf(device, remembered),
          obstacle,
        },
        ...(remembered?.sensor && { sensor: remembered.sensor }),
        reason: failure.message,
        ...(failure.hint !== undefined && { remedy: failure.hint }),
        ...(await findingsOf(device, obstacle, system)),
      };
    }
  };

  const look = async (): Promise<readonly DeviceInfo[]> => {
    const devices = await bus.list();
    const present = new Set(devices.map(idOf));
    for (const id of identities.keys()) if (!present.has(id)) identities.delete(id);
    const described = await Promise.all(devices.map(describe));
    return described.filter((one) => one !== undefined);
  };

  return {
    list: async (driver) => {
      looking ??= look().finally(() => {
        looking = undefined;
      });
      try {
        return (await looking).filter((one) => one.driver === driver);
      } catch (error) {
        // A bus that cannot be looked at is told once, not by every driver.
        if (driver === leftovers) throw error;
        return [];
      }
    },
    find: async (deviceId) => {
      const device = (await bus.list()).find((one) => idOf(one) === deviceId);
      if (device !== undefined) return device;
      throw new AppError("not-found", `The camera "${deviceId}" is not plugged in`, {
        hint: "Plug it in, and choose it from the list of cameras.",
      });
    },
  };
}
