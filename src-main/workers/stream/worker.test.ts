import { gzipSync } from "node:zlib";
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import jpeg from "jpeg-js";
import { PNG } from "pngjs";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { connect, serve } from "#shared/channel/channel.ts";
import { portPair } from "#shared/channel/port.ts";
import type { ConvertProgress } from "#shared/api/stream-api.ts";
import { readSidecar } from "#main/lib/sidecar.ts";
import { convertRecording } from "./convert.ts";
import { timesOf } from "./testing/fake-source.ts";
import { makeRecording, randomEvents, type TestEvent } from "./testing/make-recording.ts";
import { createStreamWorker, type StreamWorker } from "./worker.ts";

const sensor = { width: 64, height: 48 };
const START = 1_000_000;
let folder: string;
let path: string;
let events: TestEvent[];
const worker = createStreamWorker({ cacheDir: undefined });
const { api } = worker;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "saccade-worker-"));
  path = join(folder, "made.raw");
  // Even noise over 2 s, and a burst of ON events in one corner at 1.5 s.
  const noise = randomEvents(2000, START, 1000, sensor);
  const burst = Array.from({ length: 3000 }, (_, i) => [START + 1_500_000 + 10 * i, 60 + (i % 4), 44 + (i % 4), 1] as const);
  events = [...noise, ...burst].sort((a, b) => a[0] - b[0]);
  await makeRecording(path, sensor, events);
});
afterAll(() => rm(folder, { recursive: true }));

async function all<T>(items: AsyncIterable<T>): Promise<T[]> {
  const list: T[] = [];
  for await (const item of items) list.push(item);
  return list;
}
const last = async (steps: AsyncIterable<ConvertProgress>): Promise<ConvertProgress | undefined> => (await all(steps)).at(-1);
const read = async (file: string): Promise<number[]> => (await all(api.events(file, {}))).flatMap(timesOf);

describe("stream worker", () => {
  it("describes its units and answers through a channel as it does directly", async () => {
    const [a, b] = portPair();
    serve(a, api);
    const remote = connect<StreamWorker>(b);
    const catalog = await remote.catalog();
    expect(catalog.drivers.map(({ id }) => id)).toContain("virtual");
    expect(catalog.codecs.map(({ id }) => id)).toContain("prophesee-raw");
    expect(catalog.drivers[0]).not.toHaveProperty("open");
    const virtual = (await remote.devices()).filter((device) => device.driver === "virtual");
    expect(virtual.length > 0 && virtual.every((device) => device.virtual)).toBe(true);
    await expect(remote.stream.play()).rejects.toMatchObject({ code: "closed" });
    await expect((async () => all(remote.stream.status()))()).rejects.toMatchObject({ code: "closed" });
    expect(await remote.inspect(path, { digest: true })).toMatchObject({ events: 5000, sensor });
    const times = (await all(remote.events(path, { from: START, to: START + 5000 }))).flatMap(timesOf);
    expect(times).toEqual([0, 1, 2, 3, 4].map((ms) => START + 1000 * ms));
  });

  it("has one stream", async () => {
    const own = createStreamWorker({ cacheDir: undefined });
    await expect(own.api.open({ kind: "camera", deviceId: "nobody" })).rejects.toMatchObject({ code: "not-found" });
    const [a, b] = portPair();
    serve(a, own.api);
    const remote = connect<StreamWorker>(b);
    expect(await remote.open({ kind: "recording", path })).toMatchObject({ sensor, label: "made.raw" });
    await expect(remote.open({ kind: "recording", path })).rejects.toMatchObject({ code: "busy" });
    await remote.stream.play(); // the signal that serving code adds must not be taken for a speed
    await remote.stream.setLoop(undefined);
    await remote.stream.seek(START + 1000);
    for await (const status of remote.stream.status()) {
      expect(status).toMatchObject({ speed: 1, state: "playing" });
      break;
    }
    await own.close();
  });
});

describe("rates", () => {
  it("counts every event, ON and OFF apart", async () => {
    const strip = await api.rate(path, 20);
    expect(strip).toMatchObject({ start: START, stepUs: Math.ceil(1_999_001 / 20) });
    expect(strip.on.length).toBeLessThanOrEqual(20);
    const sum = (counts: Uint32Array): number => counts.reduce((total, count) => total + count, 0);
    expect(sum(strip.on)).toBe(events.filter(([, , , p]) => p === 1).length);
    expect(sum(strip.off)).toBe(events.filter(([, , , p]) => p === 0).length);
    expect(strip.on.indexOf(Math.max(...strip.on))).toBe(15);
    await expect(api.rate(path, 0)).rejects.toMatchObject({ code: "bad-argument" });
  });

  it("come from the cache the second time, and a damaged cache is built anew", async () => {
    const cacheDir = join(folder, "cache");
    const cached = createStreamWorker({ cacheDir }).api;
    const one = await cached.rate(path, 100);
    const [file] = await readdir(join(cacheDir, "rates"));
    const at = join(cacheDir, "rates", file!);
    const text = await readFile(at, "utf8");
    await writeFile(at, text.replace(/"on":\[\d+/, '"on":[77777'));
    expect((await cached.rate(path, 100)).on[0]).toBe(77777 + one.on[0]! - Number(/"on":\[(\d+)/.exec(text)?.[1]));
    await writeFile(at, text.slice(0, 50));
    expect(await cached.rate(path, 100)).toEqual(one);
    expect(await readFile(at, "utf8")).toBe(text);
  });
});

describe("thumbnail", () => {
  it("keeps the shape of the sensor and adds up what falls on a pixel", async () => {
    const film = await api.thumbnail(path, undefined, { width: 32, height: 100, frames: 10 });
    expect(film).toMatchObject({ width: 32, height: 24, frames: 10 });
    expect(film.pixels.length).toBe(10 * 32 * 24);
    const corner = (frame: number): number => film.pixels[frame * 32 * 24 + 23 * 32 + 31]!;
    expect(corner(7)).toBe(127); // 1500 ON events there between 1.4 and 1.6 s
    expect(Math.abs(corner(2))).toBeLessThan(10);
    const total = film.pixels.subarray(0, 32 * 24).reduce((sum, value) => sum + value, 0);
    const inFirst = events.filter(([t]) => t < START + 199_900);
    expect(total).toBe(inFirst.reduce((sum, [, , , p]) => sum + (p === 1 ? 1 : -1), 0));
  });

  it("shows the densest moment when it is a single picture", async () => {
    const { pixels, width, height } = await api.thumbnail(path, undefined, { width: 64, height: 48, frames: 1 });
    expect([width, height]).toEqual([64, 48]);
    expect(pixels[45 * 64 + 61]).toBe(127);
    const early = await api.thumbnail(path, { start: START, end: START + 100_000 }, { width: 64, height: 48, frames: 1 });
    expect(Math.max(...early.pixels)).toBeLessThan(10);
  });

  it("refuses sizes that are none", async () => {
    await expect(api.thumbnail(path, undefined, { width: 0, height: 1, frames: 1 })).rejects.toMatchObject({
      code: "bad-argument",
    });
  });
});

describe("picture", () => {
  const png = (
    width: number,
    height: number,
    at: (x: number, y: number) => readonly [number, number, number, number],
  ): Buffer => {
    const image = new PNG({ width, height });
    for (let i = 0; i < width * height; i++) image.data.set(at(i % width, Math.floor(i / width)), 4 * i);
    return PNG.sync.write(image);
  };

  it("reads PNG and makes it smaller by area, without mixing in what cannot be seen", async () => {
    const file = join(folder, "a.png");
    await writeFile(
      file,
      png(8, 4, (x) => (x < 4 ? [200, 100, 0, 255] : x % 2 === 0 ? [50, 60, 70, 255] : [255, 255, 255, 0])),
    );
    const small = await api.picture(file, undefined, 4);
    expect(small).toMatchObject({ width: 4, height: 2 });
    expect([...small.rgba.subarray(0, 4)]).toEqual([200, 100, 0, 255]);
    expect([...small.rgba.subarray(8, 12)]).toEqual([50, 60, 70, 128]);
    expect((await api.picture(file, undefined, 100)).width).toBe(8);
  });

  it("reads JPEG", async () => {
    const file = join(folder, "a.jpg");
    const data = new Uint8Array(4 * 16 * 16).fill(90);
    await writeFile(file, jpeg.encode({ width: 16, height: 16, data }, 95).data);
    const { width, height, rgba } = await api.picture(file, undefined, 16);
    expect([width, height]).toEqual([16, 16]);
    expect(Math.abs(rgba[0]! - 90)).toBeLessThan(4);
  });

  it("reads the pictures of an IDX container by number, packed or not", async () => {
    const idx = Buffer.alloc(16 + 3 * 6);
    idx.set([0, 0, 8, 3]);
    idx.writeUInt32BE(3, 4);
    idx.writeUInt32BE(2, 8);
    idx.writeUInt32BE(3, 12);
    for (let i = 0; i < 18; i++) idx[16 + i] = 10 * i;
    const plain = join(folder, "train-images-idx3-ubyte");
    await writeFile(plain, idx);
    await writeFile(`${plain}.gz`, gzipSync(idx));
    for (const file of [plain, `${plain}.gz`]) {
      const { width, height, rgba } = await api.picture(file, 2, 28);
      expect([width, height]).toEqual([3, 2]);
      expect([...rgba.subarray(0, 4)]).toEqual([120, 120, 120, 255]);
      await expect(api.picture(file, 3, 28)).rejects.toMatchObject({ code: "not-found" });
    }
  });

  it("names the file and the reason when it cannot be read", async () => {
    const cut = join(folder, "cut.png");
    await writeFile(cut, png(8, 8, () => [1, 2, 3, 255]).subarray(0, 60));
    await expect(api.picture(cut, undefined, 8)).rejects.toMatchObject({
      code: "damaged",
      message: expect.stringContaining("cut.png") as string,
    });
    await expect(api.picture(path, undefined, 8)).rejects.toMatchObject({ code: "unknown-format" });
    await expect(api.picture(join(folder, "none.png"), undefined, 8)).rejects.toMatchObject({ code: "not-found" });
  });
});

describe("convert", () => {
  it("writes the same events, cut and filtered as asked", async () => {
    const output = join(folder, "copy.raw");
    expect(await last(api.convert({ input: path, output }))).toMatchObject({ kind: "done", events: 5000, dropped: 0 });
    expect(await read(output)).toEqual(events.map(([t]) => t));
    const part = join(folder, "part.raw");
    const range = { from: START + 500_000, to: START + 600_000 };
    const on = events.filter(([t, , , p]) => t >= range.from && t < range.to && p === 1).map(([t]) => t);
    const done = await last(
      api.convert({ input: path, output: part, range, filters: [{ id: "polarity", params: { keep: "on" } }] }),
    );
    expect(done).toMatchObject({ kind: "done", events: on.length, bytes: (await readFile(part)).length });
    expect(await read(part)).toEqual(on);
  });

  it("leaves nothing behind when it fails or is interrupted, and keeps what was there", async () => {
    const place = join(folder, "place");
    await mkdir(place);
    const output = join(place, "kept.raw");
    await writeFile(output, "what was there");
    await expect(all(api.convert({ input: join(folder, "none.raw"), output }))).rejects.toMatchObject({ code: "not-found" });
    await expect(all(api.convert({ input: path, output: join(place, "x.mp3") }))).rejects.toMatchObject({
      code: "unknown-format",
    });
    await expect(all(api.convert({ input: path, output, filters: [{ id: "nope" }] }))).rejects.toMatchObject({
      code: "unknown-unit",
    });
    const leave = new AbortController();
    leave.abort();
    await expect(all(convertRecording({ input: path, output }, leave.signal))).rejects.toThrow(/aborted|interrupted/);
    expect(await readdir(place)).toEqual(["kept.raw"]);
    expect(await readFile(output, "utf8")).toBe("what was there");
  });
});

describe("simulate", () => {
  it("makes recordings of pictures that say they are generated", async () => {
    const input = join(folder, "pictures");
    await mkdir(join(input, "light"), { recursive: true });
    const image = new PNG({ width: 24, height: 16 });
    for (let i = 0; i < 24 * 16; i++) image.data.set(i % 24 < 12 ? [255, 255, 255, 255] : [20, 20, 20, 255], 4 * i);
    await writeFile(join(input, "light", "edge.png"), PNG.sync.write(image));
    await writeFile(join(input, "other.png"), PNG.sync.write(image));
    const output = join(folder, "simulated");
    const done = await last(api.simulate({ input, output, params: {} }));
    expect(done).toMatchObject({ kind: "done" });
    const file = join(output, "light", "edge.raw");
    const found = await api.inspect(file, { digest: false });
    expect(found).toMatchObject({ codec: "prophesee-raw", sensor: { width: 24, height: 16 }, damage: [] });
    expect(found.events).toBeGreaterThan(50);
    expect(await readSidecar(file)).toMatchObject({ generated: true, state: "closed", events: found.events, range: found.range });
    expect((await readdir(output)).sort()).toEqual(["light", "other.raw", "other.raw.json"]);
    await expect(all(api.simulate({ input, output: join(folder, "one.raw"), params: {} }))).rejects.toMatchObject({
      code: "bad-argument",
    });
    expect(
      await last(api.simulate({ input: join(input, "other.png"), output: join(folder, "single.raw"), params: {} })),
    ).toMatchObject({
      kind: "done",
      bytes: (await readFile(join(folder, "single.raw"))).length,
    });
  });
});
