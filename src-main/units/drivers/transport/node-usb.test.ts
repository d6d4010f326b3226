import { execFile } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { existsSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { promisify } from "node:util";
import { describe, expect, it } from "vitest";
import { rootDir } from "#main/lib/paths.ts";
import { parseParams } from "#shared/units/params.ts";
import { createRealDrivers } from "../real-drivers.ts";
import { EmulatedCamera } from "../testing/emulated-camera.ts";
import { bytesOf, hasTranscripts, loadTranscript } from "../testing/transcript.ts";
import { onceFeed } from "../testing/wire-feed.ts";
import { systemUsb } from "./node-usb.ts";
import { busNumber, deviceNumber, mockDevice, sysPath } from "./testing/mock-device.ts";
import { UsbMonitor } from "./testing/usbmon.ts";

const umockdev = "/usr/bin/umockdev-run";
const run = promisify(execFile);

describe("the USB of this machine", () => {
  it("is listed by the real library, without opening anything", async () => {
    for (const device of await systemUsb.list()) {
      expect(device.key).toMatch(/^\d+-\d+$/);
      expect(device.label).not.toBe("");
    }
  });
});

const possible = existsSync(umockdev) && hasTranscripts;
describe.skipIf(!possible)("the real USB library (umockdev or the dialogues are not at hand: skipped)", () => {
  it("drives an EVK4 that the system's calls are mocked for, from listing to closing", async () => {
    const recorded = loadTranscript("prophesee-evk4-imx636");
    // An older board: the mock cannot set interfaces, which boards before 3.7 are not asked to.
    const usb = {
      ...recorded.usb,
      bcdDevice: "0x0306",
      deviceDescriptor: recorded.usb.deviceDescriptor.replace("f5000903", "f5000603"),
    };
    const transcript = { ...recorded, usb };
    const sample = bytesOf(transcript.steps.find(({ kind }) => kind === "complete")?.reply ?? "");
    const camera = new EmulatedCamera({ transcript, feed: onceFeed(sample) });
    const monitor = new UsbMonitor();
    // First against the emulator, writing down every transfer; then the same driver over libusb against what was written.
    const drivers = createRealDrivers(monitor.watch(camera.bus), () => Promise.resolve());
    const listed = (await Promise.all(drivers.map((driver) => driver.list()))).flat();
    const driver = drivers.find(({ id }) => id === "evk4")!;
    const opened = await driver.open(listed[0]!.id, parseParams(driver.params, {}, "test"));
    let received = 0;
    await new Promise<void>((done) => {
      opened.start(
        (chunk) => {
          received += chunk.length;
          if (received >= sample.length) done();
        },
        () => done(),
      );
    });
    await opened.stop();

    const folder = await mkdtemp(join(tmpdir(), "saccade-usb-"));
    try {
      const device = join(folder, "device.umockdev");
      const capture = join(folder, "capture.pcap");
      await writeFile(device, mockDevice(transcript));
      await writeFile(capture, monitor.capture(busNumber, deviceNumber));
      const script = resolve(rootDir, "src-main/units/drivers/transport/testing/mocked-run.ts");
      const command = [
        "-d",
        device,
        "-p",
        `/sys${sysPath}=${capture}`,
        "--",
        process.execPath,
        script,
        "evk4",
        String(sample.length),
      ];
      const { stdout } = await run(umockdev, command, { timeout: 60_000, cwd: rootDir });
      const seen = JSON.parse(stdout) as { bytes: string; end?: string; metadata: unknown; listed: unknown };
      expect(seen.end).toBeUndefined();
      expect(bytesOf(seen.bytes)).toEqual(sample);
      expect(seen.metadata).toEqual(opened.metadata);
      expect(seen.listed).toEqual(listed);
    } finally {
      await rm(folder, { recursive: true });
    }
  });
});
