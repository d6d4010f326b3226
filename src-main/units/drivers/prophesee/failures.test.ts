import { describe, expect, it } from "vitest";
import { createRealDrivers } from "../real-drivers.ts";
import { createEvk3Hd } from "../evk3-hd/evk3-hd.ts";
import { createEvk4 } from "../evk4/evk4.ts";
import { EmulatedCamera } from "../testing/emulated-camera.ts";
import { actionsOf, orderDifference } from "../testing/traffic.ts";
import { bytesOf, hasTranscripts, loadTranscript } from "../testing/transcript.ts";
import { treuzellModel } from "../testing/treuzell-model.ts";
import { madeFeed } from "../testing/wire-feed.ts";
import { usbErrno } from "../transport/usb-errors.ts";
import { bench, until } from "../testing/bench.ts";
import { property } from "./treuzell.ts";

const evk4 = () => loadTranscript("prophesee-evk4-imx636");
const endless = () => madeFeed(() => new Uint8Array(4096));

describe.skipIf(!hasTranscripts)(
  "what goes wrong with Prophesee cameras, in words (the dialogues are not at hand: skipped)",
  () => {
    it.each([
      [
        "no permission",
        { openErrno: usbErrno.access },
        "denied",
        /no permission to open Prophesee EVK3 or EVK4/,
        /ATTR\{idProduct\}=="00f5"/,
      ],
      ["in use", { claimErrno: usbErrno.busy }, "busy", /Another program uses Prophesee EVK3 or EVK4/, /Close the other program/],
      ["no answer", { mute: true }, "io", /did not answer/, /Unplug it, wait five seconds/],
      ["gone", { unplugAtCall: 1 }, "camera-gone", /was unplugged/, /Plug it in/],
    ] as const)("opening: %s", async (_name, faults, code, message, hint) => {
      const { camera, driver, params } = bench(createEvk4, { transcript: evk4() });
      const [device] = await driver.list();
      if ("unplugAtCall" in faults) camera.faults.unplugAtCall = camera.calls + 1;
      else Object.assign(camera.faults, faults);
      await expect(driver.open(device!.id, params())).rejects.toMatchObject({
        code,
        message: expect.stringMatching(message) as string,
        hint: expect.stringMatching(hint) as string,
      });
      expect(camera.held()).toEqual([]);
    });

    it("waits a moment for whoever lists cameras just now", async () => {
      const { camera, driver, params } = bench(createEvk4, { transcript: evk4() });
      const [device] = await driver.list();
      let refusals = 2;
      Object.defineProperty(camera.faults, "claimErrno", { get: () => (refusals-- > 0 ? usbErrno.busy : undefined) });
      await (await driver.open(device!.id, params())).stop();
      expect(camera.held()).toEqual([]);
    });

    it("slow port: refused with the remedy, opened when it is wanted", async () => {
      const { driver, params, camera } = bench(createEvk4, { transcript: evk4(), speed: "high" });
      const [device] = await driver.list();
      expect(device?.reason).toMatch(/USB 2 port/);
      await expect(driver.open(device!.id, params())).rejects.toMatchObject({
        code: "unsupported",
        message: expect.stringMatching(/USB 2 port or cable/) as string,
        hint: expect.stringMatching(/"allowSlowPort"/) as string,
      });
      const opened = await driver.open(device!.id, params({ allowSlowPort: true }));
      expect(opened.metadata["usb_speed"]).toBe("high");
      await opened.stop();
      expect(camera.held()).toEqual([]);
    });

    it("not there any more", async () => {
      const { driver, params } = bench(createEvk4, { transcript: evk4() });
      await expect(driver.open("usb-04b4-00f5-9-9", params())).rejects.toMatchObject({ code: "not-found" });
    });

    it.each([
      ["old firmware", { [property.firmware]: bytesOf("00070300") }, /firmware 3\.7\.0 .* is too old/, /3\.8\.0 or newer/],
      [
        "another sensor",
        { [property.compatible]: new Uint8Array([0, 0, 0, 0, ...Buffer.from("psee,ccam5_fpga\0")]) },
        /ccam5_fpga.*no driver/,
        /vendor's program/,
      ],
    ] as const)("%s is named where cameras are listed", async (_name, properties, reason, remedy) => {
      const transcript = evk4();
      const camera = new EmulatedCamera({ transcript, model: treuzellModel(transcript, { properties }) });
      const listed = (await Promise.all(createRealDrivers(camera.bus, camera.pause).map((driver) => driver.list()))).flat();
      expect(listed).toMatchObject([
        {
          driver: "usb-recognition",
          state: "unknown",
          reason: expect.stringMatching(reason) as string,
          remedy: expect.stringMatching(remedy) as string,
        },
      ]);
      expect(camera.held()).toEqual([]);
    });

    it("a halted endpoint is cleared and streams again; the break is counted and marked", async () => {
      const { camera, open } = bench(createEvk4, { transcript: evk4(), feed: endless() });
      const opened = await open();
      const gaps: boolean[] = [];
      const ends: unknown[] = [];
      opened.start(
        (_chunk, gap = false) => gaps.push(gap),
        (reason) => ends.push(reason),
      );
      await until(() => gaps.length > 3, "data comes");
      gaps.length = 0;
      camera.stall(0x81);
      await until(() => gaps.includes(true), "it streams again");
      expect([opened.dropped?.(), ends, camera.violations]).toEqual([1, [], []]);
      await opened.stop();
      expect(camera.held()).toEqual([]);
    });

    it("a restart of the older sensor does not lose its flicker filter, which stopping switches off", async () => {
      const transcript = loadTranscript("prophesee-evk3-hd-gen41");
      const { camera, open } = bench(createEvk3Hd, { transcript, feed: endless() });
      const opened = await open({ antiFlicker: "remove" });
      let chunks = 0;
      opened.start(
        () => (chunks += 1),
        () => undefined,
      );
      await until(() => chunks > 3, "data comes");
      camera.stall(0x81);
      await until(() => opened.dropped?.() === 1, "it restarts");
      const before = chunks;
      await until(() => chunks > before + 3, "data comes again");
      await until(() => camera.model.register("0xC000") === 1, "the filter is on again");
      await opened.stop();
    });

    it("an endpoint that stays halted ends the camera after three tries", async () => {
      const { camera, open } = bench(createEvk4, { transcript: evk4(), feed: endless(), faults: { silent: true } });
      const opened = await open();
      const ends: unknown[] = [];
      opened.start(
        () => undefined,
        (reason) => ends.push(reason),
      );
      for (let tries = 0; tries < 200 && ends.length === 0; tries++) {
        camera.stall(0x81);
        for (let turn = 0; turn < 50; turn++) await new Promise(setImmediate);
      }
      expect(ends).toMatchObject([
        { code: "io", message: expect.stringMatching(/refused a transfer while receiving events/) as string },
      ]);
      expect(camera.held()).toEqual([]);
      await opened.stop();
    });

    it("a camera that falls silent in its commands is given up, and given back", async () => {
      const { camera, open, params } = bench(createEvk4, { transcript: evk4(), feed: endless() });
      const opened = await open();
      let chunks = 0;
      opened.start(
        () => (chunks += 1),
        () => undefined,
      );
      await until(() => chunks > 3, "data comes");
      camera.faults.mute = true;
      await expect(opened.update(params({ biasFo: 5 }), params())).rejects.toMatchObject({ code: "io" });
      const asked = camera.traffic.length;
      await opened.stop();
      // One question without an answer, not a hundred: each would cost its time limit.
      expect(camera.traffic.slice(asked).filter(({ kind }) => kind === "bulk").length).toBeLessThanOrEqual(2);
      expect(camera.held()).toEqual([]);
    });

    it("damaged bytes are handed on as they come", async () => {
      const { camera, open } = bench(createEvk4, { transcript: evk4(), feed: endless(), faults: { corrupt: 0.1 } });
      const opened = await open();
      let damaged = 0;
      opened.start(
        (chunk) => (damaged += chunk.reduce((sum, byte) => sum + (byte === 0 ? 0 : 1), 0)),
        () => undefined,
      );
      await until(() => damaged > 100, "damage arrives");
      await opened.stop();
      expect(camera.held()).toEqual([]);
    });

    it("an EVK3 HD from before 32-bit registers runs its whole dialogue in 12-byte frames", async () => {
      const transcript = loadTranscript("prophesee-evk3-hd-gen41-legacy");
      const { camera, open } = bench(createEvk3Hd, {
        transcript,
        model: treuzellModel(transcript, { legacy: true }),
        feed: endless(),
      });
      const opened = await open({ limitRate: false });
      expect(opened.metadata).toMatchObject({ sensor_name: "Gen4.1", serial_number: "00abcdef", bias_diff: "80" });
      let chunks = 0;
      opened.start(
        () => (chunks += 1),
        () => undefined,
      );
      await until(() => chunks > 0, "data comes");
      await opened.stop();
      // The reads are queued before the start instead of after it, which is the safer order.
      const order = (actions: typeof camera.traffic) => actions.filter(({ kind }) => kind === "bulk" || kind === "delay");
      expect(orderDifference(order([...actionsOf(transcript)]), order(camera.traffic))).toBeUndefined();
      expect([camera.held(), camera.violations]).toEqual([[], []]);
    });
  },
);
