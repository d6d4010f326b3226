import { describe, expect, it } from "vitest";
import { recognise, usbRecognition, type UsbDevice } from "./usb-recognition.ts";

const device = (idVendor: number, idProduct: number, refusal?: string): UsbDevice => ({
  busNumber: 2,
  deviceAddress: 7,
  deviceDescriptor: { idVendor, idProduct },
  open: () => {
    if (refusal !== undefined) throw new Error(refusal);
  },
  close: () => undefined,
});

describe("recognising USB cameras", () => {
  it("names the ones it knows and passes over keyboards", () => {
    const found = recognise([device(0x046d, 0xc31c), device(0x152a, 0x841a)]);
    expect(found).toMatchObject([{ id: "usb-152a-841a-2-7", label: "iniVation DAVIS346", state: "unknown", virtual: false }]);
    expect(found[0]?.reason).toMatch(/no driver/);
  });

  it("gives the exact udev rule when permission is missing, and tells a busy one apart", () => {
    const [denied] = recognise([device(0x04b4, 0x00f5, "LIBUSB_ERROR_ACCESS")]);
    expect(denied).toMatchObject({ state: "denied" });
    expect(denied?.remedy).toContain('ATTR{idVendor}=="04b4", ATTR{idProduct}=="00f5"');
    expect(recognise([device(0x152a, 0x8419, "LIBUSB_ERROR_BUSY")])).toMatchObject([{ state: "busy" }]);
  });

  it("asks the real libusb, and refuses to open what it has no driver for", async () => {
    for (const one of await usbRecognition.list()) expect(one.virtual).toBe(false);
    await expect(usbRecognition.open("usb-152a-841a-2-7")).rejects.toMatchObject({ code: "unsupported" });
  });
});
