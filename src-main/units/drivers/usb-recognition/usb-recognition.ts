import { AppError } from "#shared/api/errors.ts";
import type { DeviceInfo } from "#shared/api/stream-api.ts";
import type { Driver } from "../driver.ts";

/** A connected USB device, as far as recognising it needs. */
export interface UsbDevice {
  readonly busNumber: number;
  readonly deviceAddress: number;
  readonly deviceDescriptor: { readonly idVendor: number; readonly idProduct: number };
  open(): void;
  close(): void;
}

const key = (vendor: number, product: number): number => vendor * 0x1_0000 + product;

/** Event cameras by vendor and product number. Boards that share one are named together. */
const known: ReadonlyMap<number, string> = new Map([
  [key(0x04b4, 0x00f4), "Prophesee EVK3 or EVK4"],
  [key(0x04b4, 0x00f5), "Prophesee EVK3 or EVK4"],
  [key(0x31f7, 0x0002), "CenturyArks SilkyEvCam"],
  [key(0x31f7, 0x0003), "CenturyArks SilkyEvCam HD"],
  [key(0x31f7, 0x0004), "CenturyArks SilkyEvCam HD Lite"],
  [key(0x1409, 0x8e00), "IDS uEye XCP-E"],
  [key(0x152a, 0x8400), "iniVation DVS128"],
  [key(0x152a, 0x8419), "iniVation DVXplorer"],
  [key(0x152a, 0x841a), "iniVation DAVIS346"],
  [key(0x152a, 0x841b), "iniVation DAVIS240"],
]);

const hex = (value: number): string => value.toString(16).padStart(4, "0");

/** Why it cannot be opened, in libusb's words; undefined when it can. */
function obstacle(device: UsbDevice): string | undefined {
  try {
    device.open();
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
  device.close();
  return undefined;
}

function describe(device: UsbDevice, label: string): DeviceInfo {
  const { idVendor, idProduct } = device.deviceDescriptor;
  const base = {
    id: `usb-${hex(idVendor)}-${hex(idProduct)}-${device.busNumber}-${device.deviceAddress}`,
    driver: "usb-recognition",
    label,
    serial: "",
    virtual: false,
  } as const;
  const why = obstacle(device);
  if (why !== undefined && /ACCESS/.test(why)) {
    const rule = `SUBSYSTEM=="usb", ATTR{idVendor}=="${hex(idVendor)}", ATTR{idProduct}=="${hex(idProduct)}", MODE="0660", TAG+="uaccess"`;
    return {
      ...base,
      state: "denied",
      reason: "You have no permission to open it",
      remedy: `Put this line into /etc/udev/rules.d/70-saccade.rules, then plug the camera in again: ${rule}`,
    };
  }
  if (why !== undefined && /BUSY/.test(why)) {
    return { ...base, state: "busy", reason: "Another program uses it", remedy: "Close the other program." };
  }
  return {
    ...base,
    state: "unknown",
    reason: why ?? "It is recognised, but this version has no driver for it",
    remedy: "Record with the vendor's program and open the file here, or use a virtual camera.",
  };
}

/** The event cameras among connected devices. */
export const recognise = (devices: readonly UsbDevice[]): readonly DeviceInfo[] =>
  devices.flatMap((device) => {
    const label = known.get(key(device.deviceDescriptor.idVendor, device.deviceDescriptor.idProduct));
    return label === undefined ? [] : [describe(device, label)];
  });

/** Tells which event cameras are plugged in and whether they may be opened. It opens none for streaming. */
export const usbRecognition = {
  id: "usb-recognition",
  label: "USB cameras",
  summary: "Recognises Prophesee, CenturyArks, IDS and iniVation cameras by their USB numbers and tests the permission.",
  params: {},
  list: async () => {
    // Loaded when asked for: a system without libusb still has its virtual cameras.
    const { getDeviceList } = await import("usb");
    return recognise(
      getDeviceList().map((device) => ({
        busNumber: device.busNumber,
        deviceAddress: device.deviceAddress,
        deviceDescriptor: device.deviceDescriptor,
        open: () => device.open(),
        close: () => device.close(),
      })),
    );
  },
  open: (id) =>
    Promise.reject(
      new AppError("unsupported", `The camera ${id} is recognised, but this version has no driver for it`, {
        hint: "Record with the vendor's program and open the file here, or use a virtual camera.",
      }),
    ),
} satisfies Driver;
