import { mkdir, mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Writable } from "node:stream";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { explainCameras } from "#shared/api/camera-help.ts";
import type { EngineApi } from "#shared/api/engine-api.ts";
import type { DeviceInfo } from "#shared/api/devices.ts";
import { examine } from "#main/engine/doctor.ts";
import { createRealDrivers } from "#main/units/drivers/real-drivers.ts";
import { linuxSystem, type UsbSystem } from "#main/units/drivers/recognition/usb-system.ts";
import { busOf, EmulatedCamera, type EmulatorOptions } from "#main/units/drivers/testing/emulated-camera.ts";
import { madeDavis346, madeEvk4, type MadeCamera } from "#main/units/drivers/testing/made-cameras.ts";
import { usbErrno } from "#main/units/drivers/transport/usb-errors.ts";
import { virtual } from "#main/units/drivers/virtual/virtual.ts";
import type { Context } from "../command.ts";
import { Output } from "../output.ts";
import { cameras } from "./cameras.ts";
import { doctor } from "./doctor.ts";

let root: string;
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), "saccade-troubles-"));
  // A system on which a vendor's viewer holds the camera at 2-9, and the rule of the DAVIS346 is installed.
  const viewer = join(root, "proc", "4321");
  await mkdir(join(viewer, "fd"), { recursive: true });
  await writeFile(join(viewer, "comm"), "metavision_stud\n");
  await symlink(join(root, "dev/bus/usb/002/009"), join(viewer, "fd", "11"));
  await mkdir(join(root, "etc/udev/rules.d"), { recursive: true });
  await writeFile(
    join(root, "etc/udev/rules.d/65-inivation.rules"),
    'ATTR{idVendor}=="152a", ATTR{idProduct}=="841a", MODE="0666"\n',
  );
});
afterAll(() => rm(root, { recursive: true }));

const plugged = (made: MadeCamera, options: Partial<EmulatorOptions> = {}): EmulatedCamera =>
  new EmulatedCamera({ transcript: made.transcript, model: made.model(), ...options });

/** One failure: how it is produced, and what is said about it everywhere. */
interface Trouble {
  readonly name: string;
  readonly platform?: string;
  /** The cameras that are plugged in. May look once before the failure begins. */
  readonly make: () => readonly EmulatedCamera[] | Promise<readonly EmulatedCamera[]>;
  /** After a first look, which went well. */
  readonly then?: (camera: EmulatedCamera) => void;
  /** Columns of the table of `saccade cameras`: driver and state. */
  readonly state: string;
  readonly obstacle: string;
  readonly title: string | RegExp;
  readonly says: readonly (string | RegExp)[];
  /** Left out of what is said. */
  readonly never?: RegExp;
}

const troubles: readonly Trouble[] = [
  {
    name: "no camera",
    make: () => [],
    state: "",
    obstacle: "no-camera",
    title: "No camera is plugged in",
    says: [
      "No event camera that Saccade knows is on the USB of this computer.",
      /1\. Plug the camera into a USB 3 port/,
      /lsusb shows/,
    ],
  },
  {
    name: "no camera, on Windows",
    platform: "win32",
    make: () => [],
    state: "",
    obstacle: "no-camera",
    title: "No camera is plugged in",
    says: [/See whether the system lists it among its USB devices/],
    never: /lsusb/,
  },
  {
    name: "no permission",
    make: () => [plugged(madeEvk4(), { faults: { openErrno: usbErrno.access } })],
    state: "usb-recognition denied",
    obstacle: "no-permission",
    title: "You have no permission to open Prophesee EVK3 or EVK4",
    says: [
      "Linux lets only the administrator open a USB camera until a rule allows it to whoever sits at the computer.",
      "Rule (/etc/udev/rules.d/70-saccade-04b4-00f5.rules):",
      'SUBSYSTEM=="usb", ATTR{idVendor}=="04b4", ATTR{idProduct}=="00f5", MODE="0660", TAG+="uaccess"',
      /sudo tee \/etc\/udev\/rules\.d\/70-saccade-04b4-00f5\.rules && sudo udevadm control --reload-rules && sudo udevadm trigger/,
    ],
    never: /is there already/,
  },
  {
    name: "no permission, although a rule is installed",
    make: () => [plugged(madeDavis346(), { faults: { openErrno: usbErrno.access } })],
    state: "usb-recognition denied",
    obstacle: "no-permission",
    title: "You have no permission to open iniVation DAVIS346",
    says: [
      /1\. A rule for it is there already \(.*65-inivation\.rules\): unplug the camera and plug it in again\./,
      /idProduct\}=="841a"/,
    ],
  },
  {
    name: "wrong driver on Windows",
    platform: "win32",
    make: () => [plugged(madeEvk4(), { faults: { openErrno: usbErrno.notSupported } })],
    state: "usb-recognition unknown",
    obstacle: "wrong-driver",
    title: "Prophesee EVK3 or EVK4 does not have the WinUSB driver, which Windows needs to open it",
    says: [
      /1\. Run the vendor's driver installer, or Zadig/,
      /choose Prophesee EVK3 or EVK4 \(04b4 00f5\)/,
      "3. Choose WinUSB, not libusb0 and not libusbK, and press Replace Driver.",
    ],
    never: /udev/,
  },
  {
    name: "slow port",
    make: () => [plugged(madeEvk4(), { speed: "high" })],
    state: "evk4 ready",
    obstacle: "slow-port",
    title: "Prophesee EVK3 or EVK4 is on a USB 2 port or cable, which carries a tenth of what it can send",
    says: [
      /35 MB\/s, a tenth of USB 3: some 8 million single events a second/,
      /lost inside the camera/,
      /1\. Plug it into a USB 3 port/,
    ],
  },
  {
    name: "busy, by a program that can be seen",
    make: () => [plugged(madeEvk4(), { key: "2-9", faults: { claimErrno: usbErrno.busy } })],
    state: "usb-recognition busy",
    obstacle: "busy",
    title: "Another program uses Prophesee EVK3 or EVK4",
    says: ["Now it is metavision_stud (process 4321).", "1. Close metavision_stud (process 4321)."],
    never: /fuser/,
  },
  {
    name: "busy, by somebody else's program, after it was free",
    make: () => [plugged(madeEvk4())],
    then: (camera) => void (camera.faults.claimErrno = usbErrno.busy),
    state: "evk4 busy",
    obstacle: "busy",
    title: "Another program uses Prophesee EVK3 or EVK4",
    says: [/its name is hidden; this tells it: sudo fuser -v \/dev\/bus\/usb\/002\/007/],
  },
  {
    name: "busy on Windows",
    platform: "win32",
    make: () => [plugged(madeEvk4(), { faults: { openErrno: usbErrno.access } })],
    state: "usb-recognition busy",
    obstacle: "busy",
    title: "Another program uses Prophesee EVK3 or EVK4",
    says: ["1. Close the other program: a vendor's viewer, or another Saccade."],
    never: /fuser|udev/,
  },
  {
    name: "firmware that is too old",
    make: () => [plugged(madeEvk4(0x3_0700))],
    state: "usb-recognition unknown",
    obstacle: "unknown-firmware",
    title: "The firmware 3.7.0 of Prophesee EVK3 or EVK4 is too old",
    says: ["1. Update it with the vendor's tool to 3.8.0 or newer.", /2\. Record with the vendor's program meanwhile/],
  },
  {
    name: "logic of another version",
    make: () => [plugged(madeDavis346(17))],
    state: "usb-recognition unknown",
    obstacle: "unknown-firmware",
    title: "iniVation DAVIS346 has logic version 17, and this version works with logic version 18",
    says: [/1\. Update it with the vendor's program/],
  },
  {
    name: "a camera without a driver",
    make: () => [plugged(madeEvk4(), { id: "31f7:0002" })],
    state: "usb-recognition unknown",
    obstacle: "no-driver",
    title: "CenturyArks SilkyEvCam VGA is recognised, but this version has no driver for it",
    says: ["1. Record with the vendor's program meanwhile; its files open here."],
  },
  {
    name: "no answer",
    make: () => [plugged(madeEvk4(), { faults: { mute: true } })],
    state: "usb-recognition unknown",
    obstacle: "no-answer",
    title: /^Prophesee EVK3 or EVK4 did not answer while/,
    says: ["1. Unplug the camera, wait five seconds, plug it in again.", /2\. Try another port/],
  },
  {
    name: "unplugged while it is asked",
    make: () => [plugged(madeEvk4(), { faults: { unplugAtCall: 4 } })],
    state: "usb-recognition unknown",
    obstacle: "unplugged",
    title: "Prophesee EVK3 or EVK4 was unplugged",
    says: ["1. Plug it in again; it opens by itself."],
  },
  {
    name: "unplugged between two looks",
    make: () => [plugged(madeEvk4())],
    then: (camera) => camera.unplug(),
    state: "",
    obstacle: "no-camera",
    title: "No camera is plugged in",
    says: [],
  },
];

/** What the drivers list. */
async function listed({ make, then, platform = "linux" }: Trouble): Promise<readonly DeviceInfo[]> {
  const system: UsbSystem = linuxSystem(root, 1);
  const made = (await make()).map((camera) => camera);
  const bus = busOf(...made);
  const drivers = [...createRealDrivers(bus, () => Promise.resolve(), platform === "linux" ? system : undefined), virtual];
  const look = async () => (await Promise.all(drivers.map((driver) => driver.list()))).flat();
  if (then !== undefined) {
    await look();
    for (const camera of made) then(camera);
  }
  return look();
}

/** Carries a command out for people; what it writes to both of its streams. */
async function printed(command: typeof cameras, devices: readonly DeviceInfo[]): Promise<string> {
  let text = "";
  const stream = (): Writable =>
    new Writable({ write: (chunk: Buffer, _encoding, done) => (void (text += chunk.toString()), done()) });
  const workspace = { path: "/work", name: "work", demo: false, freeBytes: 1e12, readOnly: false, notices: [] };
  const report = await examine({
    probe: () => Promise.resolve([]),
    cameras: () => Promise.resolve(devices),
    workspace: () => Promise.resolve(workspace),
  });
  const context: Context = {
    out: new Output({ stdout: stream(), stderr: stream() }, false),
    signal: new AbortController().signal,
    workspace: undefined,
    worker: () =>
      Promise.resolve({ devices: () => Promise.resolve(devices) } as unknown as Awaited<ReturnType<Context["worker"]>>),
    anotherWorker: () => Promise.reject(new Error("one is enough")),
    engine: () => Promise.resolve({ doctor: () => Promise.resolve(report) } as unknown as EngineApi),
  };
  await command.run(context, [], {});
  return text;
}

describe.each(troubles)("$name", (trouble) => {
  const { platform = "linux", obstacle, title, says, never, state } = trouble;

  const own = process.platform;
  beforeEach(() => void Object.defineProperty(process, "platform", { value: platform }));
  afterEach(() => void Object.defineProperty(process, "platform", { value: own }));

  it("is told alike by the assistant, `saccade cameras` and `saccade doctor`, with the way out", async () => {
    const devices = await listed(trouble);
    const help = explainCameras(devices, platform);
    expect(help).toHaveLength(1);
    const [only] = help;
    expect(only?.obstacle).toBe(obstacle);
    expect(only?.title).toMatch(title);
    const texts = [await printed(cameras, devices), await printed(doctor, devices)];
    for (const text of texts) {
      expect(text).toContain(only!.title);
      expect(text).toContain(only!.why);
      for (const [i, step] of only!.steps.entries()) expect(text).toContain(`${i + 1}. ${step}`);
      for (const one of says) expect(text).toMatch(one);
      if (never !== undefined) expect(text).not.toMatch(never);
      // The virtual cameras are there all the same, and say that they are.
      expect(text).toContain("virtual-hands");
    }
    const row = texts[0]!.split("\n").find((line) => line.includes("usb-"));
    expect(
      row
        ?.split(/\s{2,}/)
        .filter((cell) => ["ready", "denied", "busy", "unknown"].includes(cell) || /^(evk|usb-rec)/.test(cell))
        .join(" ") ?? "",
    ).toBe(state);
    expect(texts[0]).toMatch(/Virtual camera: .*\(virtual\)/);
    expect(texts.join("\n")).not.toMatch(/undefined|\[object/);
  });
});

it("several troubles are told one after the other, and a camera in order says nothing", async () => {
  const trouble: Trouble = {
    ...troubles[0]!,
    make: () => [
      plugged(madeEvk4(), { key: "2-1" }),
      plugged(madeEvk4(), { key: "2-2", faults: { openErrno: usbErrno.access } }),
      plugged(madeDavis346(), { key: "2-3", speed: "high" }),
    ],
  };
  const help = explainCameras(await listed(trouble), "linux");
  expect(help.map((one) => one.obstacle).toSorted()).toEqual(["no-permission", "slow-port"]);
});
