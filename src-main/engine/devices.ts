import type { DeviceInfo } from "#shared/api/devices.ts";
import { createCameraAccess, type CameraAccess } from "./camera-access.ts";
import type { Streams } from "./streams/streams.ts";
import { pause } from "./topic.ts";
import type { Workers } from "./workers.ts";

/** A plugged camera shows up within this time; asking costs a few milliseconds in the worker. */
const POLL_MS = 2000;

export interface Devices extends CameraAccess {
  list(): Promise<readonly DeviceInfo[]>;
  watch(signal?: AbortSignal): AsyncGenerator<readonly DeviceInfo[], void, undefined>;
}

export function createDevices(workers: Workers, streams: Streams): Devices {
  const list = async (): Promise<readonly DeviceInfo[]> => {
    const found = await workers.files((api) => api.devices());
    const open = streams.openCameras();
    // What is open here looks busy to another process; several streams of a camera that exists in memory only are fine.
    return found.map((device): DeviceInfo => {
      if (!open.has(device.id) || (device.virtual && device.state === "ready")) return device;
      const { driver, id, label, serial, sensor, virtual, usb } = device;
      const known = { ...(sensor !== undefined && { sensor }), ...(usb !== undefined && { usb }) };
      return { driver, id, label, serial, virtual, ...known, state: "open" };
    });
  };
  return {
    list,
    ...createCameraAccess(list),
    async *watch(signal) {
      for (let last = ""; signal?.aborted !== true; await pause(POLL_MS, signal)) {
        const devices = await list();
        const now = JSON.stringify(devices);
        if (now !== last) yield devices;
        last = now;
      }
    },
  };
}
