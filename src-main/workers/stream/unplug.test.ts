import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { AppError } from "#shared/api/errors.ts";
import type { DeviceInfo } from "#shared/api/devices.ts";
import { seeded } from "#main/lib/testing/random.ts";
import { readSidecar } from "#main/lib/sidecar.ts";
import type { Camera, Driver } from "#main/units/drivers/driver.ts";
import { createEvk4 } from "#main/units/drivers/evk4/evk4.ts";
import { bench, until } from "#main/units/drivers/testing/bench.ts";
import { evt3Block, evt3Blocks } from "#main/units/drivers/testing/block-feed.ts";
import { ownCameras } from "#main/units/drivers/testing/own-cameras.ts";
import { onceFeed, type WireFeed } from "#main/units/drivers/testing/wire-feed.ts";
import { openCameraStream } from "./camera-stream.ts";
import { comeback } from "./comeback.ts";
import { inspectRecording } from "./inspect.ts";
import type { OpenStream } from "./open-stream.ts";

let folder: string;
beforeAll(async () => void (folder = await mkdtemp(join(tmpdir(), "saccade-unplug-"))));
afterAll(() => rm(folder, { recursive: true }));

const PULLS = 100;
const PART_BYTES = 2048;
const bytes = Uint8Array.from(evt3Blocks(evt3Block(0.5))(0));

/** Sends the same bytes whenever it is started anew: a camera whose clock begins at zero when it is plugged in. */
function restartingFeed(): { readonly feed: WireFeed & { readonly paced: true }; readonly restart: () => void } {
  let at = bytes.length;
  return {
    restart: () => (at = 0),
    feed: {
      paced: true,
      next: () => {
        const part = bytes.subarray(at, at + PART_BYTES);
        at += part.length;
        return part;
      },
    },
  };
}

async function emulated(feed: WireFeed) {
  const { camera, driver } = bench(createEvk4, { transcript: ownCameras.evk4.transcript, model: ownCameras.evk4.model(), feed });
  const [device] = await driver.list();
  const stream = await openCameraStream(driver, device!, { limitRate: false }, { lookMs: 2, ringBytes: 1 << 22 });
  return { camera, stream };
}
type Status = Awaited<ReturnType<typeof first>>;
const first = async (stream: OpenStream) => {
  for await (const status of stream.status()) return status;
  throw new Error("the status feed ended");
};
/** Looks often: the feed itself reports ten times a second. */
async function statusWhere(stream: OpenStream, holds: (status: Status) => boolean): Promise<Status> {
  for (let looks = 0; looks < 10_000; looks++) {
    const status = await first(stream);
    if (holds(status)) return status;
    await new Promise((resolve) => setTimeout(resolve, 1));
  }
  throw new Error(`it never came to that: ${JSON.stringify(await first(stream))}`);
}
const openFiles = async (): Promise<number> => (process.platform === "linux" ? (await readdir("/proc/self/fd")).length : 0);

describe("a camera that is unplugged while it is recorded", () => {
  it(`comes back ${PULLS} times: each take is whole and closed, the next one begins by itself, nothing is left behind`, async () => {
    const random = seeded(17);
    const { feed, restart } = restartingFeed();
    const { camera, stream } = await emulated(feed);
    const filesBefore = await openFiles();
    const timersBefore = process.getActiveResourcesInfo().filter((name) => name === "Timeout").length;
    const path = join(folder, "take.raw");
    await stream.record({ path });
    restart();
    for (let pull = 0; pull < PULLS; pull++) {
      camera.faults.cancelledOnUnplug = pull % 2 === 1;
      camera.faults.shortReads = pull % 3 === 1;
      const wanted = Math.floor(random() * 4) * PART_BYTES;
      const begin = (await first(stream)).recording?.bytes ?? 0;
      await until(() => camera.model.streaming(), "it streams");
      if (wanted > 0) await statusWhere(stream, ({ recording }) => (recording?.bytes ?? 0) >= begin + wanted);
      camera.unplug();
      const gone = await statusWhere(stream, ({ recording, state }) => state === "failed" && recording === undefined);
      expect(gone).toMatchObject({ awaiting: "recording", error: { code: "camera-gone" } });
      expect(gone.error?.hint).toContain("new file");
      expect(camera.held()).toEqual([]);
      restart();
      camera.plugIn();
      const back = await statusWhere(stream, ({ state, recording }) => state === "live" && recording !== undefined);
      expect(back.error).toBeUndefined();
      expect(back.awaiting).toBeUndefined();
    }
    await statusWhere(stream, ({ recording }) => (recording?.events ?? 0) > 0);
    const result = await stream.stopRecording();
    const takes = [...(result.earlier ?? []), result];
    expect(takes.map((take) => basename(take.path))).toEqual([
      "take.raw",
      ...Array.from({ length: PULLS }, (_, i) => `take ${i + 2}.raw`),
    ]);
    for (const [i, take] of takes.entries()) {
      const sidecar = await readSidecar(take.path);
      expect(sidecar?.state).toBe("closed");
      expect(sidecar?.stopped?.code).toBe(i < PULLS ? "camera-gone" : undefined);
      // Byte by byte what the camera sent from its start on, behind the header.
      const file = await readFile(take.path);
      const sent = file.subarray(file.indexOf("% end\n") + "% end\n".length);
      expect(Buffer.compare(sent, bytes.subarray(0, sent.length))).toBe(0);
      if (take.events === 0) continue;
      expect(await inspectRecording(take.path, {})).toMatchObject({ events: take.events, range: take.range, damage: [] });
    }
    await stream.close();
    expect([camera.held(), camera.violations]).toEqual([[], []]);
    expect(await openFiles()).toBeLessThanOrEqual(filesBefore);
    expect(process.getActiveResourcesInfo().filter((name) => name === "Timeout").length).toBeLessThanOrEqual(timersBefore);
  }, 60_000);

  it("stays gone: what was recorded is kept, stopping says why, closing does not wait", async () => {
    const { camera, stream } = await emulated(onceFeed(bytes));
    await stream.record({ path: join(folder, "gone.raw") });
    await statusWhere(stream, ({ recording }) => (recording?.events ?? 0) > 0);
    camera.unplug();
    await statusWhere(stream, ({ awaiting }) => awaiting === "recording");
    const result = await stream.stopRecording();
    expect(result).toMatchObject({ stopped: { code: "camera-gone" } });
    expect(result.earlier).toBeUndefined();
    // Nobody records any more: when it comes back it is only shown.
    expect((await first(stream)).awaiting).toBe("camera");
    camera.plugIn();
    await statusWhere(stream, ({ state }) => state === "live");
    expect((await first(stream)).recording).toBeUndefined();
    camera.unplug();
    await statusWhere(stream, ({ awaiting }) => awaiting === "camera");
    await stream.close();
    expect(camera.held()).toEqual([]);
    expect(await readdir(folder)).not.toContain("gone 2.raw");
  });

  it("is set as was asked while it was away", async () => {
    const { camera, stream } = await emulated(onceFeed(bytes));
    const bias = (): number => (camera.model.register("0x1010") ?? 0) & 0xff;
    const factory = bias();
    camera.unplug();
    await statusWhere(stream, ({ awaiting }) => awaiting === "camera");
    await stream.configure({ biasDiffOn: 7 });
    expect(bias()).toBe(factory);
    camera.plugIn();
    await statusWhere(stream, ({ state }) => state === "live");
    expect(bias()).toBe(factory + 7);
    await stream.close();
  });
});

describe("looking for a camera that was unplugged", () => {
  const sensor = { width: 32, height: 24 };
  const camera = (width: number): Camera => ({
    info: { sensor: { ...sensor, width }, label: "Fake" },
    ...{ encoding: { id: "evt3" }, codec: "prophesee-raw", metadata: {} },
    start: () => undefined,
    update: () => Promise.resolve(),
    stop: () => Promise.resolve(stopped.push(width)).then(() => undefined),
  });
  const device = (id: string, serial: string, state: DeviceInfo["state"] = "ready"): DeviceInfo => ({
    // Also one whose USB device is emulated comes back at another address.
    ...{ id, serial, state, driver: "fake", label: "Fake", virtual: true },
    usb: { vendorId: "152a", productId: "841a", key: id },
  });
  const stopped: number[] = [];

  it("takes the one with its serial number, at whatever address, once it can be opened with the same sensor", async () => {
    const looks: (() => readonly DeviceInfo[])[] = [
      () => [device("1-1", "other")],
      () => {
        throw new AppError("denied", "the bus cannot be looked at");
      },
      () => [device("1-1", "other"), device("1-9", "mine", "busy")],
      () => [device("1-9", "mine")],
      () => [device("1-9", "mine")],
      () => [device("1-9", "mine")],
    ];
    const opened: string[] = [];
    const widths = [undefined, 64, 32];
    const driver: Driver = {
      ...{ id: "fake", label: "Fake", summary: "For tests.", params: {} },
      list: () => new Promise((resolve) => resolve(looks.shift()?.() ?? [])),
      open: (id) => {
        opened.push(id);
        const width = widths.shift();
        return width === undefined ? Promise.reject(new AppError("busy", "not yet")) : Promise.resolve(camera(width));
      },
    };
    const lost = { driver, id: "1-1", serial: "mine", sensor, params: () => ({}) };
    const found = await comeback(lost, new AbortController().signal, 1);
    expect(found?.info.sensor).toEqual(sensor);
    expect(opened).toEqual(["1-9", "1-9", "1-9"]);
    expect(stopped).toEqual([64]);
    expect(await comeback(lost, AbortSignal.timeout(20), 1)).toBeUndefined();
  });
});
