import { createServer, type Server, type Socket } from "node:net";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { serve } from "#shared/channel/channel.ts";
import type { InferenceApi, WindowAnswer } from "#shared/api/compute-api.ts";
import type { ClassifyOptions, Prediction } from "#shared/api/stream-api.ts";
import { fromStream } from "#main/lib/pipe-port.ts";
import { classifyOffline, classifyTap } from "./classify.ts";
import { Hub } from "./hub.ts";
import { openRecordingStream } from "./recording-stream.ts";
import { packetOf } from "./testing/fake-source.ts";
import { makeRecording, type TestEvent } from "./testing/make-recording.ts";

const token = "0123456789abcdef".repeat(4);
const sensor = { width: 16, height: 16 };
/** 2 s: ON in the first second, OFF in the second, an event a millisecond. */
const events = Array.from({ length: 2000 }, (_, i): TestEvent => [1000 * i, i % 16, 5, i < 1000 ? 1 : 0]);

let folder: string;
let path: string;
let server: Server;
const sockets = new Set<Socket>();
const tokens: string[] = [];
const windows: Float32Array[] = [];
let answerAfterMs = 0;

/** A compute worker that answers with the shares of OFF and ON in the window. */
const api: InferenceApi = {
  predict: async (session, window): Promise<WindowAnswer> => {
    if (session !== "good") throw new Error(`no session ${session}`);
    windows.push(window.slice());
    if (answerAfterMs > 0) await new Promise((resolve) => setTimeout(resolve, answerAfterMs));
    let [off, on] = [0, 0];
    for (let i = 0; i < window.length; i += 2) {
      off += window[i]!;
      on += window[i + 1]!;
    }
    const sum = Math.max(1e-9, off + on);
    return { scores: [off / sum, on / sum], waitMs: 1, computeMs: 2, spikeRates: { hidden: 0.1 } };
  },
};

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "saccade-classify-"));
  path = join(folder, "halves.raw");
  await makeRecording(path, sensor, events);
  server = createServer((socket) => {
    sockets.add(socket);
    socket.on("error", () => undefined);
    socket.once("readable", function check() {
      const first = socket.read(32) as Buffer | null;
      if (first === null) return void socket.once("readable", check);
      tokens.push(first.toString("hex"));
      serve(fromStream(socket), api);
    });
  });
  await new Promise<void>((resolve) => server.listen(join(folder, "compute.sock"), resolve));
});
afterAll(async () => {
  for (const socket of sockets) socket.destroy(); // a test that has failed may have left its line open
  await new Promise((resolve) => server.close(resolve));
  await rm(folder, { recursive: true });
});

const options = (more: Partial<ClassifyOptions> = {}): ClassifyOptions => ({
  compute: { path: join(folder, "compute.sock"), token },
  session: "good",
  filters: [],
  representation: { id: "event-frame", params: { steps: 4 } },
  windowUs: 200_000,
  strideUs: 100_000,
  classes: ["off", "on"],
  ...more,
});

async function all(items: AsyncIterable<Prediction>): Promise<Prediction[]> {
  const list: Prediction[] = [];
  for await (const item of items) list.push(item);
  return list;
}
const { signal } = new AbortController();

describe("classification of a recording at full speed", () => {
  it("answers about every window, with counts and bins of what is in it", async () => {
    tokens.length = 0;
    const answers = await all(classifyOffline(path, options(), { start: 0, end: 2_000_000 }, signal));
    expect(answers.map(({ t }) => t)).toEqual(Array.from({ length: 19 }, (_, i) => 200_000 + 100_000 * i));
    expect(tokens).toEqual([token]);
    expect(answers[0]).toMatchObject({ label: "on", on: 200, off: 0, computeMs: 2, spikeRates: { hidden: 0.1 } });
    expect(answers[0]?.bins).toEqual({ on: [50, 50, 50, 50], off: [0, 0, 0, 0] });
    expect(answers[9]).toMatchObject({ t: 1_100_000, on: 100, off: 100 });
    expect(answers[9]?.bins).toEqual({ on: [50, 50, 0, 0], off: [0, 0, 50, 50] });
    expect(answers[18]).toMatchObject({ t: 2_000_000, label: "off", on: 0, off: 200 });
    expect(answers[0]!.waitMs).toBeGreaterThanOrEqual(1);
  });

  it("takes a part that is shorter than a window as one window", async () => {
    const answers = await all(classifyOffline(path, options(), { start: 950_000, end: 1_050_000 }, signal));
    expect(answers).toHaveLength(1);
    expect(answers[0]).toMatchObject({ t: 1_050_000, on: 50, off: 50 });
  });

  it("uses the model's own filters", async () => {
    const only = options({ filters: [{ id: "polarity", params: { keep: "on" } }] });
    const answers = await all(classifyOffline(path, only, { start: 900_000, end: 1_100_000 }, signal));
    expect(answers[0]).toMatchObject({ label: "on", on: 100, off: 0 });
  });

  it("says what is wrong", async () => {
    const run = (more: Partial<ClassifyOptions>) =>
      all(classifyOffline(path, options(more), { start: 0, end: 1_000_000 }, signal));
    await expect(run({ session: "other" })).rejects.toThrow(/no session other/);
    await expect(run({ windowUs: 0 })).rejects.toMatchObject({ code: "bad-argument" });
    await expect(run({ representation: { id: "nope" } })).rejects.toMatchObject({ code: "unknown-unit" });
    await expect(run({ compute: { path: join(folder, "nobody.sock"), token } })).rejects.toMatchObject({ code: "closed" });
    await expect(run({ compute: { path: join(folder, "compute.sock"), token: "short" } })).rejects.toMatchObject({
      code: "bad-argument",
    });
  });
});

describe("classification of what passes", () => {
  function live(more: Partial<ClassifyOptions> = {}) {
    const hub = new Hub(sensor);
    const leave = new AbortController();
    hub.reset(0);
    const feed = classifyTap(hub, options(more), leave.signal, undefined, () => undefined);
    /** Lets `[from, to)` ms pass. */
    const pass = (from: number, to: number): void => {
      hub.push(packetOf(events.slice(from, to), 1000 * from));
      hub.advance(1000 * to);
    };
    const stop = async (): Promise<void> => {
      leave.abort();
      await feed.return(undefined);
    };
    return { hub, leave, feed, pass, stop };
  }

  it("begins with the first full window and goes on by strides", async () => {
    const { feed, pass, leave, stop } = live();
    const first = feed.next();
    for (let ms = 0; ms < 200; ms += 10) pass(ms, ms + 10);
    expect((await first).value).toMatchObject({ t: 200_000, on: 200 });
    const second = feed.next();
    for (let ms = 200; ms < 305; ms += 5) pass(ms, ms + 5);
    expect((await second).value).toMatchObject({ t: 300_000, on: 200 });
    const last = feed.next();
    leave.abort();
    expect((await last).done).toBe(true);
    await stop();
  });

  it("lets the newest window win while an answer is awaited", async () => {
    const { feed, pass, stop } = live();
    answerAfterMs = 50;
    const first = feed.next();
    pass(0, 200);
    await new Promise((resolve) => setTimeout(resolve, 20)); // the first answer is under way
    pass(200, 300);
    pass(300, 400);
    pass(400, 730);
    expect((await first).value).toMatchObject({ t: 200_000 });
    expect((await feed.next()).value).toMatchObject({ t: 700_000, on: 200 });
    answerAfterMs = 0;
    await stop();
  });

  it("forgets answers about what was before a seek", async () => {
    const { hub, feed, pass, stop } = live();
    answerAfterMs = 30;
    const first = feed.next();
    pass(0, 200);
    await new Promise((resolve) => setTimeout(resolve, 10));
    hub.reset(1_000_000);
    pass(1000, 1200);
    expect((await first).value).toMatchObject({ t: 1_200_000, off: 200 });
    answerAfterMs = 0;
    await stop();
  });

  it("follows the player of a recording: a seek is answered at once, paused or not", async () => {
    const stream = await openRecordingStream(path, { cacheDir: undefined });
    await stream.seek(500_000);
    const answers = stream.classify(options())[Symbol.asyncIterator]();
    expect((await answers.next()).value).toMatchObject({ t: 500_000, label: "on", on: 200, off: 0 });
    const after = answers.next();
    await stream.seek(1_700_000);
    expect((await after).value).toMatchObject({ t: 1_700_000, label: "off", on: 0, off: 200 });
    const playing = answers.next();
    await stream.play(10);
    expect((await playing).value).toMatchObject({ label: "off" });
    await stream.close();
    expect((await answers.next()).done).toBe(true);
  });
});
