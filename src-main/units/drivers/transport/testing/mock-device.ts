import type { Transcript } from "#main/units/drivers/testing/transcript.ts";

/** Where the mocked device lies in /sys. */
export const sysPath = "/devices/pci0000:00/0000:00:14.0/usb2/2-1";
export const busNumber = 2;
export const deviceNumber = 7;

const le16 = (hex: string, at: number): string => hex.slice(2 * at + 2, 2 * at + 4) + hex.slice(2 * at, 2 * at + 2);

/** A device for `umockdev-run -d`, from the descriptors of a camera. */
export function mockDevice({ usb }: Transcript): string {
  const device = usb.deviceDescriptor;
  return [
    `P: ${sysPath}`,
    `N: bus/usb/002/007`,
    `E: DEVNAME=/dev/bus/usb/002/007`,
    `E: DEVTYPE=usb_device`,
    `E: BUSNUM=002`,
    `E: DEVNUM=007`,
    `E: SUBSYSTEM=usb`,
    `A: busnum=${busNumber}\\n`,
    `A: devnum=${deviceNumber}\\n`,
    `A: idVendor=${le16(device, 8)}\\n`,
    `A: idProduct=${le16(device, 10)}\\n`,
    `A: bConfigurationValue=1\\n`,
    `A: speed=${usb.speed === "super" ? 5000 : 480}\\n`,
    `H: descriptors=${device}${usb.configDescriptor}`,
    "",
  ].join("\n");
}
