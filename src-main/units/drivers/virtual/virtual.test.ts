import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { PNG } from "pngjs";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { PacketWriter } from "#shared/events/packet-writer.ts";
import { packXyp } from "#shared/events/packet.ts";
import { parseParams, type RawParams } from "#shared/units/params.ts";
import { replaceFile } from "#main/lib/files.ts";
import { propheseeRaw } from "#main/units/codecs/prophesee-raw/prophesee-raw.ts";
import { evt3 } from "#main/units/encodings/evt3/evt3.ts";
import { virtual } from "./virtual.ts";

let folder: string;
let recording: string;
let picture: string;
/** 100 events, one a millisecond from 5 s on. */
const EVENTS = 100;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "saccade-virtual-"));
  recording = join(folder, "clip.raw");
  const sink = await propheseeRaw.create(await replaceFile(recording), { sensor: { width: 64, height: 48 }, label: "clip" });
  const words = new Uint32Array(2 * EVENTS);
  for (let i = 0; i < EVENTS; i++) {
    words[2 * i] = 1000 * i;
    words[2 * i + 1] = packXyp(i % 64, i % 48, i & 1);
  }
  await sink.write({ t0: 5_000_000, words });
  await sink.close();
  const png = new PNG({ width: 40, height: 30 });
  for (let i = 0; i < 1200; i++) png.data.set(i % 40 < 20 ? [255, 255, 255, 255] : [10, 10, 10, 255], 4 * i);
  picture = join(folder, "edge.png");
  await writeFile(picture, PNG.sync.write(png));
});
afterAll(() => rm(folder, { recursive: true }));

interface Heard {
  readonly chunks: number[];
  readonly times: number[];
  readonly words: number[];
  readonly lastTime: () => number | undefined;
  readonly truth: () => string | undefined;
  end: Error | undefined;
}

/** Listens to a camera for a while; `during` may change its parameters. */
async function listen(
  deviceId: string,
  raw: RawParams,
  enough: number | ((heard: Heard) => boolean),
  during: (update: (next: RawParams) => Promise<void>, heard: Heard) => Promise<void> = () => Promise.resolve(),
) {
  let params = parseParams(virtual.params, raw);
  const camera = await virtual.open(deviceId, params);
  const decoder = evt3.createDecoder(camera.info.sensor);
  const writer = new PacketWriter();
  const heard: Heard = {
    chunks: [],
    times: [],
    words: [],
    lastTime: () => decoder.time(),
    truth: () => camera.truth?.(),
    end: undefined,
  };
  camera.start(
    (chunk) => {
      heard.chunks.push(chunk.length);
      decoder.decode(chunk, writer);
      const { t0, words } = writer.take();
      for (let i = 0; i < words.length; i += 2) {
        heard.times.push(t0 + words[i]!);
        heard.words.push(words[i + 1]!);
      }
    },
    (reason) => (heard.end = reason),
  );
  const began = performance.now();
  const update = async (next: RawParams): Promise<void> => {
    const parsed = parseParams(virtual.params, { ...params, ...next });
    await camera.update(parsed, params);
    params = parsed;
  };
  await during(update, heard);
  const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));
  if (typeof enough === "number") await pause(enough - (performance.now() - began));
  else while (!enough(heard) && performance.now() - began < 20_000) await pause(10);
  const truth = camera.truth?.();
  const dropped = camera.dropped?.() ?? 0;
  const elapsedUs = (performance.now() - began) * 1000;
  await camera.stop();
  return { ...heard, truth, dropped, elapsedUs, dropDecoded: decoder.dropped(), camera };
}

const rising = (times: readonly number[]): boolean => times.every((t, i) => i === 0 || t >= times[i - 1]!);

describe("virtual camera", () => {
  it("lists its cameras as virtual", async () => {
    const list = await virtual.list();
    expect(list.map(({ id }) => id)).toEqual(["virtual-hands", "virtual-recording", "virtual-picture"]);
    expect(list.every((device) => device.virtual && device.label.startsWith("Virtual camera:"))).toBe(true);
  });

  it("shows drawn hands in real time, in small transfers, and knows what it shows", async () => {
    const heard = await listen("virtual-hands", { show: "rock", chunkBytes: 512 }, ({ times }) => times.length > 2000);
    expect(heard.times.length).toBeGreaterThan(2000);
    expect(rising(heard.times)).toBe(true);
    expect(Math.max(...heard.chunks)).toBeLessThanOrEqual(512);
    expect(heard.chunks.every((length) => length % 2 === 0)).toBe(true);
    expect(heard.times.at(-1)).toBeLessThanOrEqual(heard.elapsedUs + 20_000);
    expect(["rock", "between"]).toContain(heard.truth);
    expect(heard.dropDecoded).toEqual({});
  });

  it("changes what the hand shows while it is open", async () => {
    const heard = await listen(
      "virtual-hands",
      { show: "rest" },
      ({ truth }) => truth() === "paper",
      (update) => update({ show: "paper" }),
    );
    expect(heard.truth).toBe("paper");
  });

  it("repeats a recording with the same events while its clock goes on", async () => {
    const heard = await listen("virtual-recording", { path: recording }, ({ times }) => times.length > 2 * EVENTS);
    expect(rising(heard.times)).toBe(true);
    expect(heard.words.slice(0, EVENTS)).toEqual(Array.from({ length: EVENTS }, (_, i) => packXyp(i % 64, i % 48, i & 1)));
    expect(heard.words.slice(EVENTS, 2 * EVENTS)).toEqual(heard.words.slice(0, EVENTS));
    const turn = heard.times[EVENTS]! - heard.times[0]!;
    expect(turn).toBe(1000 * (EVENTS - 1) + 1); // the range is half-open: it ends 1 µs after the last event
  });

  it("repeats a recording of a single event at a bearable rate", async () => {
    const path = join(folder, "single.raw");
    const sink = await propheseeRaw.create(await replaceFile(path), { sensor: { width: 64, height: 48 }, label: "single" });
    await sink.write({ t0: 1000, words: Uint32Array.of(0, packXyp(3, 4, 1)) });
    await sink.close();
    const heard = await listen("virtual-recording", { path }, ({ times }) => times.length >= 5);
    const gaps = heard.times.slice(1).map((t, i) => t - heard.times[i]!);
    expect(Math.min(...gaps)).toBeGreaterThanOrEqual(10_000);
    expect(heard.words.every((word) => word === packXyp(3, 4, 1))).toBe(true);
  });

  it("makes so many times as many events a second", async () => {
    const heard = await listen("virtual-recording", { path: recording, rateScale: 10 }, ({ times }) => times.length > 3000);
    const gaps = heard.times.slice(1).map((t, i) => t - heard.times[i]!);
    expect(gaps.sort((a, b) => a - b)[gaps.length >> 1]).toBe(100); // a millisecond of the recording
  });

  it("moves a picture along saccades for ever", async () => {
    const heard = await listen("virtual-picture", { path: picture }, ({ times }) => times.filter((t) => t > 300_000).length > 50);
    expect(heard.camera.info.sensor).toEqual({ width: 40, height: 30 });
    expect(heard.times.filter((t) => t <= 300_000).length).toBeGreaterThan(50);
    expect(rising(heard.times)).toBe(true);
  });

  it("lets its clock go on in silence", async () => {
    const heard = await listen(
      "virtual-recording",
      { path: recording, rateScale: 0.01 },
      ({ lastTime }) => (lastTime() ?? 0) > 200_000,
    );
    expect(heard.times.length).toBeLessThan(8);
    expect(heard.lastTime()).toBeGreaterThan(200_000);
  });

  it("unplug: the camera is gone, and it says so once", async () => {
    const heard = await listen("virtual-recording", { path: recording }, 200, async (update, so) => {
      await new Promise((resolve) => setTimeout(resolve, 50));
      await update({ unplug: true });
      const { length } = so.times;
      await new Promise((resolve) => setTimeout(resolve, 50));
      expect(so.times.length).toBe(length);
      expect(so.end).toMatchObject({ code: "camera-gone" });
    });
    expect(heard.times.length).toBeGreaterThan(5);
  });

  it("corrupt: words arrive damaged, and the stream goes on", async () => {
    const clean = await listen("virtual-recording", { path: recording }, ({ times }) => times.length > EVENTS);
    const spoiled = await listen("virtual-recording", { path: recording, corrupt: 0.2 }, ({ times }) => times.length > EVENTS);
    expect(spoiled.times.length).toBeGreaterThan(EVENTS);
    expect(spoiled.words.slice(0, EVENTS)).not.toEqual(clean.words.slice(0, EVENTS));
  });

  it("stall: nothing for a while, then it goes on, and what was lost is counted", async () => {
    const heard = await listen(
      "virtual-recording",
      { path: recording },
      ({ times }) => (times.at(-1) ?? 0) > 600_000,
      async (update) => {
        await new Promise((resolve) => setTimeout(resolve, 100));
        await update({ stall: 400 });
      },
    );
    const gaps = heard.times.slice(1).map((t, i) => t - heard.times[i]!);
    expect(Math.max(...gaps)).toBeGreaterThan(300_000);
    expect(heard.dropped).toBeGreaterThan(0);
  });

  it("refuses what it cannot show, with what is missing", async () => {
    const open = (id: string, raw: RawParams) => (async () => virtual.open(id, parseParams(virtual.params, raw)))();
    await expect(open("virtual-recording", {})).rejects.toMatchObject({ code: "bad-parameter" });
    await expect(open("virtual-recording", { path: join(folder, "none.raw") })).rejects.toMatchObject({ code: "not-found" });
    await expect(open("virtual-picture", { path: recording })).rejects.toThrow(/clip\.raw/);
    await expect(open("virtual-cat", {})).rejects.toMatchObject({ code: "not-found" });
  });
});
