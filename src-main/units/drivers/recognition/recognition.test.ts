import { describe, expect, it } from "vitest";
import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { AppError } from "#shared/api/errors.ts";
import { rootDir } from "#main/lib/paths.ts";
import { createRealDrivers } from "../real-drivers.ts";
import { busOf, EmulatedCamera } from "../testing/emulated-camera.ts";
import { markVirtual, ownCameraIds, ownCameras } from "../testing/own-cameras.ts";
import { hasTranscripts, loadTranscript, type TranscriptId } from "../testing/transcript.ts";
import { knownCameras, usbLabel } from "../transport/known-cameras.ts";
import type { UsbBus, UsbDevice } from "../transport/transport.ts";
import { udevRule, usbErrno, usbFailure } from "../transport/usb-errors.ts";

const pause = (): Promise<void> => Promise.resolve();
const listAll = async (bus: UsbBus) => (await Promise.all(createRealDrivers(bus, pause).map((driver) => driver.list()))).flat();

/** A device that is only plugged in. */
const device = (vendorId: number, productId: number, errno: number = usbErrno.access, platform = "linux"): UsbDevice => {
  const described: UsbDevice = {
    key: "2-7",
    label: usbLabel(vendorId, productId),
    vendorId,
    productId,
    release: 0,
    speed: "super",
    serialString: 0,
    open: () => Promise.reject(usbFailure(described, errno, "opening it", platform)),
  };
  return described;
};
const listOf = (...devices: readonly UsbDevice[]) => listAll({ list: () => Promise.resolve(devices) });

describe("recognising USB cameras", () => {
  it("passes over keyboards, and says of cameras without a driver that they have none", async () => {
    const found = await listOf(device(0x046d, 0xc31c), device(0x31f7, 0x0002));
    expect(found).toMatchObject([
      {
        id: "usb-31f7-0002-2-7",
        driver: "usb-recognition",
        label: "CenturyArks SilkyEvCam VGA",
        state: "unknown",
        virtual: false,
      },
    ]);
    expect(found[0]?.reason).toMatch(/no driver/);
  });

  it.each([
    [
      usbErrno.access,
      "linux",
      "denied",
      /no permission to open Prophesee EVK3 or EVK4/,
      /ATTR\{idVendor\}=="04b4", ATTR\{idProduct\}=="00f5"/,
    ],
    [usbErrno.access, "win32", "busy", /Another program uses/, /Close the other program/],
    [usbErrno.access, "darwin", "busy", /Another program uses/, /Close the other program/],
    [usbErrno.busy, "linux", "busy", /Another program uses/, /Close the other program/],
    [usbErrno.notSupported, "win32", "unknown", /does not have the WinUSB driver/, /Zadig \(choose WinUSB/],
    [usbErrno.notFound, "win32", "unknown", /does not have the WinUSB driver/, /Zadig \(choose WinUSB/],
    [usbErrno.noDevice, "linux", "unknown", /was unplugged/, /Plug it in/],
  ] as const)("tells of error %i on %s: %s", async (errno, platform, state, reason, remedy) => {
    const [found] = await listOf(device(0x04b4, 0x00f5, errno, platform));
    expect(found?.state).toBe(state);
    expect(found?.reason).toMatch(reason);
    expect(found?.remedy).toMatch(remedy);
    expect(found?.driver).toBe("usb-recognition");
  });

  it("opens nothing of what it lists as unusable, with the same reason", async () => {
    const bus: UsbBus = { list: () => Promise.resolve([device(0x04b4, 0x00f5)]) };
    const leftovers = createRealDrivers(bus, pause).find(({ id }) => id === "usb-recognition");
    await expect(leftovers?.open("usb-04b4-00f5-2-7", {})).rejects.toMatchObject({
      code: "denied",
      message: expect.stringMatching(/no permission/) as string,
      hint: expect.stringMatching(/70-saccade-04b4-00f5\.rules/) as string,
    });
    await expect(leftovers?.open("usb-04b4-00f5-1-1", {})).rejects.toMatchObject({ code: "not-found" });
  });

  it("tells once that the USB cannot be looked at, not for every driver", async () => {
    const bus: UsbBus = { list: () => Promise.reject(new AppError("unsupported", "The USB library cannot be loaded")) };
    const results = await Promise.allSettled(createRealDrivers(bus, pause).map((driver) => driver.list()));
    expect(results.filter(({ status }) => status === "rejected")).toHaveLength(1);
  });

  it("ships the udev rule of every camera it knows", () => {
    const rules = readFileSync(resolve(rootDir, "packaging/linux/70-saccade.rules"), "utf8").split("\n");
    for (const camera of knownCameras) expect(rules).toContain(udevRule(camera).line);
  });
});

describe("cameras that a program plays", () => {
  it.each(ownCameraIds)("%s: marked as virtual where its serial number says so, and only there", async (id) => {
    const own = ownCameras[id];
    const [real] = await listAll(new EmulatedCamera({ transcript: own.transcript, model: own.model() }).bus);
    expect(real).toMatchObject({ driver: own.driver, state: "ready", virtual: false, serial: "00000042" });
    const marked = markVirtual(own, id);
    const camera = new EmulatedCamera({ transcript: marked.transcript, model: marked.model() });
    const drivers = createRealDrivers(camera.bus, pause);
    const look = async () => (await Promise.all(drivers.map((driver) => driver.list()))).flat();
    const label = `Virtual camera: ${real!.label}, at kernel level`;
    const said = { driver: own.driver, virtual: true, label, serial: `VIRTUAL-${id.toUpperCase()}` };
    expect(await look()).toMatchObject([{ ...said, state: "ready" }]);
    camera.faults.openErrno = usbErrno.busy;
    expect(await look()).toMatchObject([{ ...said, state: "busy" }]);
  });

  it("takes a device that does not tell its serial number for a camera", async () => {
    const own = ownCameras.evk4;
    const { "3": _none, ...strings } = own.transcript.usb.strings;
    const transcript = { ...own.transcript, usb: { ...own.transcript.usb, strings } };
    const camera = new EmulatedCamera({ transcript, model: own.model() });
    expect(await listAll(camera.bus)).toMatchObject([{ driver: "evk4", state: "ready", virtual: false }]);
  });
});

describe.skipIf(!hasTranscripts)("asking cameras who they are (the dialogues are not at hand: skipped)", () => {
  it.each([
    ["prophesee-evk4-imx636", undefined, "evk4", "Prophesee EVK4 HD (IMX636)"],
    ["prophesee-evk4-imx636", "1409:8e00", "evk4", "Prophesee EVK4 HD (IMX636)"],
    ["prophesee-evk3-hd-gen41", undefined, "evk3-hd", "Prophesee EVK3 HD (Gen4.1)"],
    ["prophesee-evk3-320-genx320mp", undefined, "evk3-320", "Prophesee EVK3 320 (GenX320)"],
    ["prophesee-evk3-320-genx320es", undefined, "evk3-320", "Prophesee EVK3 320 (GenX320 (engineering sample))"],
  ] as const)("%s as %s", async (id: TranscriptId, numbers, driver, label) => {
    const camera = new EmulatedCamera({ transcript: loadTranscript(id), ...(numbers === undefined ? {} : { id: numbers }) });
    for (let look = 0; look < 2; look++) {
      expect(await listAll(camera.bus)).toMatchObject([{ driver, label, serial: "00abcdef", state: "ready", virtual: false }]);
    }
    expect(camera.held()).toEqual([]);
    expect(camera.violations).toEqual([]);
  });

  it("asks a camera once while it stays plugged in, and still notices when another program takes it", async () => {
    const camera = new EmulatedCamera({ transcript: loadTranscript("prophesee-evk4-imx636") });
    const drivers = createRealDrivers(busOf(camera), pause);
    const look = async () => (await Promise.all(drivers.map((driver) => driver.list()))).flat();
    await look();
    const first = camera.traffic.length;
    expect(await look()).toMatchObject([{ driver: "evk4", state: "ready" }]);
    expect(camera.traffic.length - first).toBeLessThan(5);
    camera.faults.claimErrno = usbErrno.busy;
    expect(await look()).toMatchObject([
      { driver: "evk4", serial: "00abcdef", state: "busy", reason: expect.stringMatching(/Another program/) as string },
    ]);
    camera.unplug();
    expect(await look()).toEqual([]);
  });

  it("tells several cameras apart, of one kind and of several", async () => {
    const kinds = ["prophesee-evk4-imx636", "prophesee-evk4-imx636", "prophesee-evk3-320-genx320mp"] as const;
    const cameras = kinds.map((id, at) => new EmulatedCamera({ transcript: loadTranscript(id), key: `1-${at}` }));
    const found = await listAll(busOf(...cameras));
    expect(found.map(({ id, driver }) => [id, driver])).toEqual([
      ["usb-04b4-00f5-1-0", "evk4"],
      ["usb-04b4-00f5-1-1", "evk4"],
      ["usb-04b4-00f4-1-2", "evk3-320"],
    ]);
  });

  it("says that a camera is on a slow port", async () => {
    const slow = new EmulatedCamera({ transcript: loadTranscript("prophesee-evk4-imx636"), speed: "high" });
    expect(await listAll(slow.bus)).toMatchObject([
      {
        state: "ready",
        reason: expect.stringMatching(/USB 2 port/) as string,
        remedy: expect.stringMatching(/USB 3 port/) as string,
      },
    ]);
  });
});
