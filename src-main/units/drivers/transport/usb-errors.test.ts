import { describe, expect, it } from "vitest";
import { knownCamera } from "./known-cameras.ts";
import { slowPort, usbErrno, usbFailure } from "./usb-errors.ts";

const camera = knownCamera(0x152a, 0x841a)!;

describe("USB failures in words", () => {
  it.each([
    [
      usbErrno.access,
      "linux",
      "denied",
      /no permission to open iniVation DAVIS346/,
      /ATTR\{idVendor\}=="152a", ATTR\{idProduct\}=="841a", MODE="0660", TAG\+="uaccess"$/,
    ],
    [usbErrno.access, "win32", "busy", /Another program uses iniVation DAVIS346/, /Close/],
    [usbErrno.busy, "darwin", "busy", /Another program uses/, /Close/],
    [usbErrno.noDevice, "linux", "camera-gone", /DAVIS346 was unplugged/, /Plug it in/],
    [usbErrno.transferNoDevice, "linux", "camera-gone", /was unplugged/, /Plug it in/],
    [usbErrno.notSupported, "win32", "unsupported", /does not have the WinUSB driver/, /not libusb0 or libusbK/],
    [usbErrno.notFound, "linux", "unsupported", /lacks what it was asked for while testing it \(USB error -5\)/, /firmware/],
    [usbErrno.noMemory, "linux", "out-of-memory", /no memory left/, /usbfs_memory_mb/],
    [usbErrno.noMemory, "win32", "out-of-memory", /no memory left/, /Close other cameras/],
    [usbErrno.timeout, "linux", "io", /did not answer while testing it/, /Unplug it/],
    [usbErrno.transferTimedOut, "linux", "io", /did not answer/, /Unplug it/],
    [usbErrno.pipe, "linux", "io", /refused a transfer while testing it/, /Open it again/],
    [usbErrno.transferStall, "linux", "io", /refused a transfer/, /Open it again/],
    [usbErrno.transferOverflow, "linux", "io", /sent more than it was asked for/, /another cable or port/],
    [
      usbErrno.transferError,
      "linux",
      "io",
      /The connection to iniVation DAVIS346 failed while testing it \(USB error 1\)/,
      /Check cable and plug/,
    ],
  ] as const)("%i on %s: %s", (errno, platform, code, message, hint) => {
    const failure = usbFailure(camera, errno, "testing it", platform);
    expect(failure.code).toBe(code);
    expect(failure.message).toMatch(message);
    expect(failure.hint).toMatch(hint);
  });

  it("names the slow port and the way around it", () => {
    expect(slowPort(camera)).toMatchObject({ code: "unsupported" });
    expect(slowPort(camera).message).toMatch(/USB 2 port or cable/);
    expect(slowPort(camera).hint).toMatch(/USB 3 cable, or set "allowSlowPort"/);
  });
});
