import { connect } from "node:net";
import { afterEach, describe, expect, it } from "vitest";
import { PacketWriter } from "#shared/events/packet-writer.ts";
import { parseParams } from "#shared/units/params.ts";
import { findUnit } from "#shared/units/unit.ts";
import { until } from "#main/units/drivers/testing/bench.ts";
import { discScene } from "#main/units/drivers/testing/disc-scene.ts";
import { EmulatedCamera, type EmulatedFaults } from "#main/units/drivers/testing/emulated-camera.ts";
import { eventDigest } from "#main/units/drivers/testing/event-digest.ts";
import { markVirtual, ownCameraIds, ownCameras, type OwnCameraId } from "#main/units/drivers/testing/own-cameras.ts";
import { sceneFeed } from "#main/units/drivers/testing/scene-feed.ts";
import { createRealDrivers } from "#main/units/drivers/real-drivers.ts";
import { encodings } from "#main/units/encodings/index.ts";
import { usbipBus } from "./client.ts";
import { busIdOf, deviceRecord, op, opHeader, parseDeviceRecord } from "./messages.ts";
import { serveUsbip, type UsbipNews, type UsbipServer } from "./server.ts";

const SECONDS = 0.2;
const EVENTS_PER_SECOND = 50_000;

let server: UsbipServer | undefined;
afterEach(async () => {
  await server?.close();
  server = undefined;
});

/** A served camera, and the drivers that reach it over TCP. */
async function served(id: OwnCameraId, seconds = SECONDS, faults: EmulatedFaults = {}) {
  const own = markVirtual(ownCameras[id], id);
  const options = { encoding: own.encoding, sensor: own.transcript.camera, eventsPerSecond: EVENTS_PER_SECOND };
  const feed = sceneFeed({ ...options, durationUs: seconds * 1e6 });
  const camera = new EmulatedCamera({ transcript: own.transcript, model: own.model(), feed, faults, fifoBytes: 2 ** 26 });
  const news: UsbipNews[] = [];
  server = await serveUsbip({ cameras: [camera], port: 0, onNews: (one) => news.push(one) });
  const drivers = createRealDrivers(usbipBus(server.port), () => Promise.resolve());
  const list = async () => (await Promise.all(drivers.map((driver) => driver.list()))).flat();
  const driver = drivers.find((one) => one.id === own.driver)!;
  const open = async () => driver.open((await list())[0]!.id, parseParams(driver.params, {}, driver.id));
  return { camera, feed, news, list, open, port: server.port };
}

describe("cameras over USB/IP", () => {
  it.each(ownCameraIds)("%s: listed as virtual, opened, streamed and closed over TCP; events out are events in", async (id) => {
    const { camera, feed, list, open } = await served(id);
    expect(await list()).toMatchObject([{ driver: ownCameras[id].driver, state: "ready", virtual: true }]);
    const opened = await open();
    const decoder = findUnit("encoding", encodings, opened.encoding.id).createDecoder(opened.info.sensor, opened.decoderState);
    const writer = new PacketWriter();
    const seen = eventDigest();
    let length = 0;
    const ends: unknown[] = [];
    opened.start(
      (chunk) => {
        for (let rest = chunk; rest.length > 0; seen.add(writer.take())) rest = rest.subarray(decoder.decode(rest, writer));
        length += chunk.length;
      },
      (reason) => ends.push(reason),
    );
    await until(() => feed.done && length === feed.sentBytes, "everything arrives");
    await opened.stop();
    const put = eventDigest();
    put.add(discScene(camera.transcript.camera, EVENTS_PER_SECOND).next(SECONDS * 1e6));
    expect([seen.events, seen.digest()]).toEqual([SECONDS * EVENTS_PER_SECOND, put.digest()]);
    await until(() => camera.held().length === 0, "the server lets go");
    expect([ends, opened.dropped?.(), camera.lostBytes, camera.violations]).toEqual([[], 0, 0, []]);
    expect(camera.model.streaming()).toBe(false);
  });

  it("is unplugged while it streams: one clear end, gone from the list; plugged in again it is there", async () => {
    const { camera, feed, news, list, open } = await served("evk4", 60);
    const opened = await open();
    const ends: unknown[] = [];
    opened.start(
      () => undefined,
      (reason) => ends.push(reason),
    );
    await until(() => feed.sentEvents > 1000, "it streams");
    camera.unplug();
    await until(() => ends.length > 0, "the end is told");
    expect(ends).toMatchObject([{ code: "camera-gone" }]);
    expect(await list()).toEqual([]);
    expect(camera.held()).toEqual([]);
    expect(news.map(({ kind }) => kind)).toContain("unplugged");
    camera.plugIn();
    expect(await list()).toMatchObject([{ driver: "evk4", state: "ready" }]);
    await (await open()).stop();
  });

  it("halts an endpoint: the driver clears it and goes on", async () => {
    const { camera, feed, open } = await served("dvxplorer", 60);
    const opened = await open();
    const gaps: number[] = [];
    let length = 0;
    opened.start(
      (chunk, gap = false) => {
        if (gap) gaps.push(length);
        length += chunk.length;
      },
      () => undefined,
    );
    await until(() => feed.sentEvents > 1000, "it streams");
    camera.stall(0x82);
    await until(() => gaps.length > 0, "it goes on");
    expect([gaps.length, opened.dropped?.()]).toEqual([1, 1]);
    await opened.stop();
  });

  it("tells of a camera that does not answer, and of one that somebody else has", async () => {
    const { camera, list, open, news } = await served("dvxplorer");
    const opened = await open();
    expect(await list()).toMatchObject([{ state: "busy" }]);
    await opened.stop();
    await until(() => news.at(-1)?.kind === "detached", "it is free");
    camera.unplug();
    camera.plugIn();
    camera.faults.mute = true;
    await expect(open()).rejects.toMatchObject({ code: "io", message: expect.stringMatching(/did not answer/) as string });
  });

  it("serves one client at a time, and survives what is no USB/IP", async () => {
    const { camera, list, news, port } = await served("evk4");
    const rubbish = connect(port, "127.0.0.1");
    rubbish.write(Buffer.alloc(600, 0x5a));
    await new Promise<void>((resolve) => rubbish.on("close", () => resolve()));
    expect(news.map(({ kind }) => kind)).toContain("misunderstood");
    // Refused: a request for more than anybody needs, of a camera that is attached.
    const greedy = connect(port, "127.0.0.1");
    const busId = Buffer.alloc(32);
    busId.write("1-1");
    const request = Buffer.alloc(48);
    request.writeUInt32BE(1, 0);
    request.writeUInt32BE(1, 12);
    request.writeUInt32BE(0xffff_fff0, 24);
    greedy.write(Buffer.concat([opHeader(op.requestImport), busId, request]));
    greedy.resume();
    await new Promise<void>((resolve) => greedy.on("close", () => resolve()));
    await until(() => camera.held().length === 0, "it is free again");
    expect(await list()).toMatchObject([{ driver: "evk4", state: "ready" }]);
  });
});

describe("messages of USB/IP", () => {
  it("have the layout of the protocol", () => {
    expect(opHeader(op.requestDevices).toString("hex")).toBe("0111800500000000");
    const device = {
      busId: "1-1",
      busNumber: 1,
      deviceNumber: 2,
      speed: "super",
      vendorId: 0x04b4,
      productId: 0x00f5,
      release: 0x0309,
      interfaces: [[0xff, 0x19, 0]],
    } as const;
    const bytes = deviceRecord(device);
    expect(bytes).toHaveLength(312);
    expect(busIdOf(bytes.subarray(256))).toBe("1-1");
    expect(bytes.subarray(288).toString("hex")).toBe(
      "00000001" + "00000002" + "00000005" + "04b4" + "00f5" + "0309" + "000000" + "010101",
    );
    expect(parseDeviceRecord(bytes)).toEqual({ ...device, interfaces: [], interfaceCount: 1 });
  });
});
