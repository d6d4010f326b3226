import { describe, expect, it } from "vitest";
import { createDavis346 } from "../davis346/davis346.ts";
import { createDvs128 } from "../dvs128/dvs128.ts";
import { createDvxplorer } from "../dvxplorer/dvxplorer.ts";
import { createDvxplorerMini } from "../dvxplorer-mini/dvxplorer-mini.ts";
import { createRealDrivers } from "../real-drivers.ts";
import { EmulatedCamera } from "../testing/emulated-camera.ts";
import { inivationModel } from "../testing/inivation-model.ts";
import { hasTranscripts, loadTranscript, type Transcript, type TranscriptId } from "../testing/transcript.ts";
import { madeFeed } from "../testing/wire-feed.ts";
import { usbErrno } from "../transport/usb-errors.ts";
import { bench, until } from "../testing/bench.ts";

const davis = () => loadTranscript("inivation-davis346");
const pause = (): Promise<void> => Promise.resolve();
const listAll = async (camera: EmulatedCamera) =>
  (await Promise.all(createRealDrivers(camera.bus, pause).map((driver) => driver.list()))).flat();

/** The dialogue with another release, and with other values of the system module. */
function variant(id: TranscriptId, bcdDevice: string | undefined, system: Readonly<Record<string, number>> = {}): Transcript {
  const transcript = loadTranscript(id);
  const reset = { ...transcript.registerModel?.reset };
  for (const [name, value] of Object.entries(system)) reset[name] = { name, value };
  return {
    ...transcript,
    usb: { ...transcript.usb, ...(bcdDevice === undefined ? {} : { bcdDevice }) },
    registerModel: { reset },
  };
}

describe.skipIf(!hasTranscripts)(
  "what goes wrong with iniVation cameras, in words (the dialogues are not at hand: skipped)",
  () => {
    it.each([
      [
        "no permission",
        { openErrno: usbErrno.access },
        "denied",
        /no permission to open iniVation DAVIS346/,
        /ATTR\{idProduct\}=="841a"/,
      ],
      ["in use", { claimErrno: usbErrno.busy }, "busy", /Another program uses iniVation DAVIS346/, /Close the other program/],
      ["no answer", { mute: true }, "io", /iniVation DAVIS346 did not answer/, /Unplug it, wait five seconds/],
      ["gone", { unplugAtCall: 1 }, "camera-gone", /was unplugged/, /Plug it in/],
    ] as const)("opening: %s", async (_name, faults, code, message, hint) => {
      const { camera, driver, params } = bench(createDavis346, { transcript: davis() });
      const [device] = await driver.list();
      if ("unplugAtCall" in faults) camera.faults.unplugAtCall = camera.calls + 1;
      else Object.assign(camera.faults, faults);
      await expect(driver.open(device!.id, params())).rejects.toMatchObject({
        code,
        message: expect.stringMatching(message) as string,
        hint: expect.stringMatching(hint) as string,
      });
      expect([camera.held(), camera.violations]).toEqual([[], []]);
    });

    it.each([
      ["inivation-davis346", "0x0005", {}, /firmware 5.*firmware 6 or newer/],
      ["inivation-dvxplorer", "0x0007", {}, /firmware 7.*firmware 8 or newer/],
      ["inivation-dvs128", "0x000d", {}, /firmware 13.*firmware 14 or newer/],
      ["inivation-dvxplorer-mini-fw8", "0x0407", {}, /firmware 7.*firmware 8 or newer/],
      ["inivation-davis346", undefined, { "6.0": 17 }, /logic version 17.*logic version 18/],
      ["inivation-davis346", undefined, { "6.7": 0 }, /logic patch 0.*logic patch 1 or newer/],
      ["inivation-dvxplorer", undefined, { "6.7": 1 }, /logic patch 1.*logic patch 2 or newer/],
      ["inivation-davis346", undefined, { "6.1": 3 }, /the sensor 3, which this version has no driver for/],
      ["inivation-davis346", undefined, { "1.0": 0 }, /says that its sensor has 0 × 260 pixels/],
    ] as const)("%s with release %s and %o is listed with reason and remedy", async (id, bcdDevice, system, reason) => {
      const camera = new EmulatedCamera({ transcript: variant(id, bcdDevice, system) });
      const [listed] = await listAll(camera);
      expect(listed).toMatchObject({
        driver: "usb-recognition",
        state: "unknown",
        reason: expect.stringMatching(reason) as string,
      });
      expect(listed?.remedy).toMatch(/DV|vendor|Unplug/);
      expect([camera.held(), camera.violations]).toEqual([[], []]);
    });

    it.each([
      ["inivation-davis346", undefined, "davis346", "iniVation DAVIS346", "00000042"],
      ["inivation-dvxplorer", undefined, "dvxplorer", "iniVation DVXplorer", "DVX00042"],
      ["inivation-dvxplorer-mini-fw8", undefined, "dvxplorer-mini", "iniVation DVXplorer Mini or Micro", "DXM00042"],
      ["inivation-dvxplorer-mini-fw10", undefined, "dvxplorer-mini", "iniVation DVXplorer Mini or Micro", "DX100042"],
      ["inivation-dvs128", undefined, "dvs128", "iniVation DVS128", "00000042"],
      ["inivation-davis346", { "6.1": 9 }, "davis346", "iniVation DAVIS346 Color", "00000042"],
      ["inivation-dvxplorer", { "6.1": 19, "1.0": 320, "1.1": 240 }, "dvxplorer", "iniVation DVXplorer Lite", "DVX00042"],
    ] as const)("%s (%o) is listed as %s", async (id, system, driver, label, serial) => {
      const camera = new EmulatedCamera({ transcript: variant(id, undefined, system ?? {}) });
      for (let look = 0; look < 2; look++) {
        expect(await listAll(camera)).toMatchObject([{ driver, label, serial, state: "ready", virtual: false }]);
      }
      expect([camera.held(), camera.violations]).toEqual([[], []]);
    });

    it.each([
      ["davis346", createDavis346, "inivation-davis346"],
      ["dvxplorer", createDvxplorer, "inivation-dvxplorer"],
      ["dvxplorer-mini", createDvxplorerMini, "inivation-dvxplorer-mini-fw8"],
    ] as const)("%s on a slow port: refused with the remedy, opened when it is wanted", async (_id, create, id) => {
      const { camera, driver, params } = bench(create as typeof createDavis346, {
        transcript: loadTranscript(id),
        speed: "high",
      });
      const [device] = await driver.list();
      expect(device?.reason).toMatch(/USB 2 port/);
      await expect(driver.open(device!.id, params())).rejects.toMatchObject({
        code: "unsupported",
        hint: expect.stringMatching(/"allowSlowPort"/) as string,
      });
      const opened = await driver.open(device!.id, params({ allowSlowPort: true }));
      expect(opened.metadata["usb_speed"]).toBe("high");
      await opened.stop();
      expect(camera.held()).toEqual([]);
    });

    it("a DVS128 is at home on a USB 2 port", async () => {
      const { open } = bench(createDvs128, { transcript: loadTranscript("inivation-dvs128") });
      await (await open()).stop();
    });

    it.each([
      [createDavis346, "inivation-davis346", { roiX: 300, roiWidth: 47 }, /leaves the sensor of 346 × 260/],
      [createDavis346, "inivation-davis346", { frameRoiY: 200, frameRoiHeight: 61 }, /leaves the sensor of 346 × 260/],
      [createDvxplorer, "inivation-dvxplorer", { roi: "window", roiX: 600, roiWidth: 41 }, /leaves the sensor of 640 × 480/],
      [createDvxplorerMini, "inivation-dvxplorer-mini-fw10", { roi: "window", roiY: 1 }, /leaves the sensor of 640 × 480/],
    ] as const)("a window that leaves the sensor is refused before anything is written", async (create, id, set, message) => {
      const { camera, driver, params, open } = bench(create as typeof createDavis346, { transcript: loadTranscript(id) });
      const opened = await open();
      camera.traffic.length = 0;
      const refused = { code: "bad-parameter", message: expect.stringMatching(message) as string };
      await expect(opened.update(params(set), params())).rejects.toMatchObject(refused);
      expect(camera.traffic).toEqual([]);
      await opened.stop();
      const [device] = await driver.list();
      await expect(driver.open(device!.id, params(set))).rejects.toMatchObject(refused);
      expect([camera.held(), camera.violations]).toEqual([[], []]);
    });

    it("names what a camera cannot do", async () => {
      const mini = bench(createDvxplorerMini, { transcript: loadTranscript("inivation-dvxplorer-mini-fw10") });
      const opened = await mini.open();
      await expect(opened.update(mini.params({ resetClock: true }), mini.params())).rejects.toMatchObject({
        code: "unsupported",
        message: expect.stringMatching(/cannot be set back/) as string,
      });
      await opened.stop();
      const one = bench(createDavis346, { transcript: davis() });
      const camera = await one.open();
      await expect(camera.update(one.params({ snapshot: true }), one.params())).rejects.toMatchObject({
        code: "bad-parameter",
        message: expect.stringMatching(/while frames are on/) as string,
      });
      await camera.stop();
    });

    it("leaves alone what a board does not have", async () => {
      const transcript = variant("inivation-davis346", undefined, {
        "1.10": 0,
        "1.30": 0,
        "1.40": 0,
        "1.50": 0,
        "1.60": 0,
        "2.6": 0,
        "4.10": 0,
      });
      const { camera, open } = bench(createDavis346, { transcript, model: inivationModel(transcript) });
      await (await open()).stop();
      const written = new Set(
        camera.traffic.flatMap((one) => (one.kind === "control" && one.dir === "out" ? [one.setup.slice(4, 12)] : [])),
      );
      for (const place of ["01000b00", "01001f00", "01002900", "01003300", "01003d00", "05008e00", "02000700", "04000b00"])
        expect(written.has(place)).toBe(false);
      expect(written.has("02000c00")).toBe(true);
    });

    it("a halted endpoint is cleared and started again, and the break is marked", async () => {
      const { camera, open } = bench(createDavis346, { transcript: davis(), feed: madeFeed(() => new Uint8Array(4096)) });
      const opened = await open();
      let chunks = 0;
      let gaps = 0;
      opened.start(
        (_chunk, gap) => {
          chunks += 1;
          gaps += gap === true ? 1 : 0;
        },
        () => undefined,
      );
      await until(() => chunks > 3, "data comes");
      camera.stall(0x82);
      const before = chunks;
      await until(() => gaps > 0 && chunks > before + 3, "it goes on");
      expect(opened.dropped?.()).toBe(1);
      await opened.stop();
      expect([camera.held(), camera.violations]).toEqual([[], []]);
    });
  },
);
