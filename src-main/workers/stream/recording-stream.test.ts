import { mkdtemp, readdir, readFile, rm, utimes, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { StreamStatus, ViewFrame } from "#shared/api/stream-api.ts";
import { openRecording } from "#main/units/codecs/open-recording.ts";
import type { IndexEntry, OpenRecording } from "#main/units/codecs/codec.ts";
import { ensureIndex, parseIndex } from "./recording-index.ts";
import { openRecordingStream } from "./recording-stream.ts";
import { timesOf } from "./testing/fake-source.ts";
import { makeRecording, randomEvents } from "./testing/make-recording.ts";

const sensor = { width: 64, height: 48 };
const START = 3_000_000;
/** 20 s: longer than a turn of the EVT 3.0 counter. */
const events = randomEvents(20_000, START, 1000, sensor);
let folder: string;
let path: string;
let cacheDir: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "saccade-stream-"));
  path = join(folder, "long.raw");
  await makeRecording(path, sensor, events);
});
afterAll(() => rm(folder, { recursive: true }));
beforeEach(async () => void (cacheDir = await mkdtemp(join(folder, "cache-"))));

const idle = (): Promise<void> => Promise.resolve();
const signal = new AbortController().signal;

async function first(frames: AsyncIterable<ViewFrame>, holds: (frame: ViewFrame) => boolean): Promise<ViewFrame> {
  for await (const frame of frames) if (holds(frame)) return frame;
  throw new Error("the view ended");
}
async function statusWhere(stream: { status(): AsyncIterable<StreamStatus> }, holds: (status: StreamStatus) => boolean) {
  for await (const status of stream.status()) if (holds(status)) return status;
  throw new Error("the status feed ended");
}

describe("recording stream", () => {
  it("opens paused at the beginning, with the range of the file", async () => {
    const stream = await openRecordingStream(path, { cacheDir });
    expect(await stream.info()).toEqual({ sensor, range: { start: START, end: START + 19_999_001 }, label: "long.raw" });
    expect(await statusWhere(stream, ({ state }) => state !== "opening")).toMatchObject({ state: "paused", t: START, speed: 1 });
    await stream.close();
  });

  it("shows a paused picture to whoever comes, made of one view window", async () => {
    const stream = await openRecordingStream(path, { cacheDir });
    await stream.seek(START + 18_000_500);
    const frame = await first(stream.view({ windowUs: 5000 }), ({ t }) => t === START + 18_000_500);
    if (frame.kind !== "events") throw new Error("expected events");
    expect(frame).toMatchObject({ reset: true, from: START + 17_995_500 });
    expect(timesOf(frame.packet)).toEqual([17_996, 17_997, 17_998, 17_999, 18_000].map((ms) => START + 1000 * ms));
    await stream.close();
  });

  it("plays at a speed, reports rates of stream time, loops, and pauses", async () => {
    const stream = await openRecordingStream(path, { cacheDir });
    await stream.setLoop({ start: START + 1_000_000, end: START + 1_500_000 });
    await stream.play(2);
    const status = await statusWhere(stream, ({ state, rateHz }) => state === "playing" && rateHz > 0);
    expect(status).toMatchObject({ speed: 2, loop: { start: START + 1_000_000, end: START + 1_500_000 } });
    expect(status.rateHz).toBeGreaterThan(900);
    expect(status.rateHz).toBeLessThan(1100);
    expect(status.onShare).toBeGreaterThan(0.2);
    await stream.pause();
    const paused = await statusWhere(stream, ({ state }) => state === "paused");
    expect(paused.t).toBeGreaterThanOrEqual(START + 1_000_000);
    expect(paused.t).toBeLessThan(START + 1_500_000);
    await stream.close();
  });

  it("plays a file backwards to its start, and says so", async () => {
    const stream = await openRecordingStream(path, { cacheDir });
    await stream.seek(START + 500_000);
    await stream.setReverse(true);
    const looking = stream.view({ windowUs: 50_000 })[Symbol.asyncIterator]();
    await looking.next(); // the rates are those of what is shown
    await stream.play(1);
    const status = await statusWhere(stream, ({ state, t }) => state === "playing" && t < START + 450_000);
    expect(status).toMatchObject({ reverse: true, speed: 1 });
    expect(status.rateHz).toBeGreaterThan(900);
    expect(status.rateHz).toBeLessThan(1100);
    const frame = await first({ [Symbol.asyncIterator]: () => looking }, ({ t }) => t < START + 400_000 && t > START + 50_000);
    if (frame.kind !== "events") throw new Error("expected events");
    expect(frame).toMatchObject({ reset: true, from: frame.t - 50_000 });
    expect(timesOf(frame.packet)).toEqual(events.filter(([t]) => t >= frame.from && t < frame.t).map(([t]) => t));
    expect(await statusWhere(stream, ({ state }) => state === "ended")).toMatchObject({ t: START });
    await stream.close();
  });

  it("steps by view windows", async () => {
    const stream = await openRecordingStream(path, { cacheDir });
    await stream.seek(START + 100_000);
    await stream.step(2, 10_000);
    expect(await statusWhere(stream, () => true)).toMatchObject({ t: START + 120_000, state: "paused" });
    await stream.step(-3, 10_000);
    expect(await statusWhere(stream, () => true)).toMatchObject({ t: START + 90_000 });
    await stream.close();
  });

  it("shows the same place anew through other filters, and keeps the old ones when the new are wrong", async () => {
    const stream = await openRecordingStream(path, { cacheDir });
    await stream.seek(START + 1_000_000);
    const frames = stream.view({ windowUs: 100_000 });
    const count = (frame: ViewFrame): number => (frame.kind === "events" ? frame.packet.words.length / 2 : -1);
    const on = events.filter(([t, , , p]) => p === 1 && t >= START + 900_000 && t < START + 1_000_000).length;
    await stream.setFilters([{ id: "polarity", params: { keep: "on" } }]);
    expect(count(await first(frames, ({ t }) => t === START + 1_000_000))).toBe(on);
    await expect(stream.setFilters([{ id: "nothing-like-it" }])).rejects.toMatchObject({ code: "unknown-unit" });
    expect(count(await first(stream.view({ windowUs: 100_000 }), ({ t }) => t === START + 1_000_000))).toBe(on);
    await stream.close();
  });

  it("refuses what only cameras can do, bad times and files that are none", async () => {
    const stream = await openRecordingStream(path, { cacheDir });
    await expect(stream.record({ path: "x" })).rejects.toMatchObject({ code: "unsupported" });
    await expect(stream.seek(Number.NaN)).rejects.toMatchObject({ code: "bad-argument" });
    await expect(stream.setSpeed(1000)).rejects.toMatchObject({ code: "bad-argument" });
    await expect(first(stream.view({ windowUs: -1 }), () => true)).rejects.toMatchObject({ code: "bad-argument" });
    await stream.close();
    const none = join(folder, "none.raw");
    await expect(openRecordingStream(none, { cacheDir })).rejects.toMatchObject({ code: "not-found" });
    const text = join(folder, "notes.raw");
    await writeFile(text, "Dear diary, these are no events at all.\n".repeat(50));
    await expect(openRecordingStream(text, { cacheDir })).rejects.toThrow(/notes\.raw/);
  });
});

/** A recording that counts where reading begins. */
async function watched(): Promise<{ recording: OpenRecording; given: (readonly IndexEntry[])[] }> {
  const { recording } = await openRecording(path);
  const given: (readonly IndexEntry[])[] = [];
  const use = recording.useIndex?.bind(recording);
  recording.useIndex = (entries) => {
    given.push(entries);
    use?.(entries);
  };
  return { recording, given };
}

describe("index of a recording", () => {
  it("is built once and comes from the cache after that", async () => {
    const one = await watched();
    const count = await ensureIndex(path, one.recording, { cacheDir, idle, signal });
    expect(count).toBeGreaterThan(5); // about every 100 ms, in steps of the codec's blocks
    const [file] = await readdir(join(cacheDir, "index"));
    const cached = join(cacheDir, "index", file!);
    const written = await readFile(cached, "utf8");
    let idled = 0;
    const two = await watched();
    await ensureIndex(path, two.recording, { cacheDir, idle: () => Promise.resolve(void idled++), signal });
    expect(idled).toBe(0);
    expect(two.given).toEqual(one.given);
    expect(await readFile(cached, "utf8")).toBe(written);
    await one.recording.close();
    await two.recording.close();
  });

  it("gives the same events from anywhere", async () => {
    const { recording } = await watched();
    await ensureIndex(path, recording, { cacheDir, idle, signal });
    for (const from of [START, START + 5_432_100, START + 17_000_001, START + 19_999_000]) {
      const seen: number[] = [];
      for await (const packet of recording.read({ from, to: from + 20_000 })) seen.push(...timesOf(packet));
      expect(seen).toEqual(events.map(([t]) => t).filter((t) => t >= from && t < from + 20_000));
    }
    await recording.close();
  });

  it.each([
    ["text that is no JSON", "{"],
    ["JSON of another shape", '{"entries":[{"t":"soon"}]}'],
    ["nothing", ""],
  ])("is built anew when the cache holds %s", async (_what, damage) => {
    const one = await watched();
    await ensureIndex(path, one.recording, { cacheDir, idle, signal });
    const [file] = await readdir(join(cacheDir, "index"));
    const cached = join(cacheDir, "index", file!);
    const good = await readFile(cached, "utf8");
    await writeFile(cached, damage);
    const two = await watched();
    await ensureIndex(path, two.recording, { cacheDir, idle, signal });
    expect(two.given).toEqual(one.given);
    expect(await readFile(cached, "utf8")).toBe(good);
    await one.recording.close();
    await two.recording.close();
  });

  it("is built anew for a file that has changed", async () => {
    const copy = join(folder, "copy.raw");
    await writeFile(copy, await readFile(path));
    for (const time of [1000, 2000]) {
      await utimes(copy, time, time);
      const { recording } = await openRecording(copy);
      await ensureIndex(copy, recording, { cacheDir, idle, signal });
      await recording.close();
    }
    expect(await readdir(join(cacheDir, "index"))).toHaveLength(2);
  });

  it("waits while the recording is being played", async () => {
    let release = (): void => undefined;
    const playing = new Promise<void>((resolve) => (release = resolve));
    const { recording, given } = await watched();
    const building = ensureIndex(path, recording, { cacheDir, idle: () => playing, signal });
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(given).toEqual([]);
    release();
    await building;
    expect(given).toHaveLength(1);
    await recording.close();
  });

  it("is not believed when it has another shape", () => {
    expect(parseIndex({ entries: [{ t: 1, offset: 2, state: { high: 3 } }] })).toHaveLength(1);
    for (const wrong of [
      null,
      [],
      {},
      { entries: {} },
      { entries: [{ t: 1, offset: -2, state: {} }] },
      { entries: [{ t: 1, offset: 2, state: { a: "b" } }] },
    ]) {
      expect(parseIndex(wrong)).toBeUndefined();
    }
  });
});
