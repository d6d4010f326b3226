import { readFileSync } from "node:fs";
import { AppError } from "#shared/api/errors.ts";
import { linuxSystem } from "../recognition/usb-system.ts";
import type { EmulatedUsb } from "../transport/development-usb.ts";
import type { UsbSpeed } from "../transport/transport.ts";
import { EmulatedCamera, type EmulatedFaults } from "./emulated-camera.ts";
import { markVirtual, ownCameras, type OwnCameraId } from "./own-cameras.ts";
import { sceneFeed } from "./scene-feed.ts";

/** A plugged-in camera as the control file has it. Faults may be changed while it is open. */
export interface EmulatedPlug extends EmulatedFaults {
  readonly camera: OwnCameraId;
  /** Bus and address. */
  readonly key: string;
  readonly speed?: UsbSpeed;
  readonly eventsPerSecond?: number;
}

/** The control file. */
export interface EmulatedPlugs {
  readonly cameras: readonly EmulatedPlug[];
  /** Where `proc` and `etc` of the system lie that says who holds a camera and which rules there are. */
  readonly root?: string;
}

/** How soon a change of the file is noticed. */
const LOOK_MS = 100;

/** The USB that a file describes: who is added to it is plugged in, who is taken out is unplugged. */
export function emulatedUsb(file: string): EmulatedUsb {
  const plugged = new Map<string, EmulatedCamera>();

  const read = (): EmulatedPlugs => {
    try {
      return JSON.parse(readFileSync(file, "utf8")) as EmulatedPlugs;
    } catch (cause) {
      throw new AppError("damaged", `The emulated USB of ${file} cannot be read`, { hint: "See docs/testing.md.", cause });
    }
  };

  const look = (): void => {
    const { cameras } = read();
    const there = new Set<string>();
    for (const { camera, key, speed, eventsPerSecond = 200_000, ...faults } of cameras) {
      const own = markVirtual(ownCameras[camera], camera);
      const name = `${camera} ${key} ${speed ?? ""}`;
      there.add(name);
      const { width, height } = own.transcript.camera;
      const known =
        plugged.get(name) ??
        new EmulatedCamera({
          transcript: own.transcript,
          model: own.model(),
          key,
          feed: sceneFeed({ encoding: own.encoding, sensor: { width, height }, eventsPerSecond }),
          ...(speed !== undefined && { speed }),
        });
      for (const fault of Object.keys(known.faults)) Reflect.deleteProperty(known.faults, fault);
      Object.assign(known.faults, faults);
      plugged.set(name, known);
    }
    for (const [name, camera] of plugged) {
      if (there.has(name)) continue;
      camera.unplug();
      plugged.delete(name);
    }
  };

  // Whoever has a camera open does not list; a file that is being written is looked at again.
  setInterval(() => {
    try {
      look();
    } catch (error) {
      if (!(error instanceof AppError)) throw error;
    }
  }, LOOK_MS).unref();
  return {
    bus: {
      list: () => {
        look();
        return Promise.resolve([...plugged.values()].map(({ device }) => device));
      },
    },
    system: linuxSystem(read().root ?? "/"),
  };
}
