import { mkdtemp, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { AppError } from "#shared/api/errors.ts";
import type { StreamStatus, ViewFrame } from "#shared/api/stream-api.ts";
import { packXyp } from "#shared/events/packet.ts";
import { appendFile, type ByteSink } from "#main/lib/files.ts";
import { readSidecar, sidecarPath } from "#main/lib/sidecar.ts";
import type { Camera, Driver } from "#main/units/drivers/driver.ts";
import { evt3 } from "#main/units/encodings/evt3/evt3.ts";
import { openCameraStream, type CameraStreamOptions } from "./camera-stream.ts";
import { inspectRecording } from "./inspect.ts";
import { timesOf } from "./testing/fake-source.ts";

let folder: string;
beforeAll(async () => void (folder = await mkdtemp(join(tmpdir(), "saccade-camera-"))));
afterAll(() => rm(folder, { recursive: true }));

const sensor = { width: 32, height: 24 };
const params = { bias: { type: "integer", default: 3, min: 0, max: 9, label: "Bias" } } as const;
const device = { id: "fake-1", label: "Fake camera", serial: "1", virtual: false };

/** A camera that sends when a test says so. */
function fakeCamera() {
  const encoder = evt3.createEncoder(sensor);
  const calls: string[] = [];
  let bytes: ((chunk: Uint8Array) => void) | undefined;
  let end: ((reason?: Error) => void) | undefined;
  const camera: Camera<typeof params> = {
    info: { sensor, label: "Fake camera" },
    encoding: { id: "evt3" },
    codec: "prophesee-raw",
    metadata: { serial_number: "1" },
    start: (onBytes, onEnd) => {
      bytes = onBytes;
      end = onEnd;
    },
    update: (next, previous) => {
      calls.push(`bias ${previous.bias} to ${next.bias}`);
      return Promise.resolve();
    },
    stop: () => {
      calls.push("stop");
      return Promise.resolve();
    },
    dropped: () => 0,
  };
  const driver: Driver<typeof params> = {
    id: "fake",
    label: "Fake",
    summary: "For tests.",
    params,
    list: () => Promise.resolve([]),
    open: () => Promise.resolve(camera),
  };
  return {
    driver,
    calls,
    /** Sends one event a millisecond in `[from, to)` ms as one transfer. */
    send: (from: number, to: number): void => {
      const words = new Uint32Array(2 * (to - from));
      for (let i = 0; i < to - from; i++) {
        words[2 * i] = 1000 * i;
        words[2 * i + 1] = packXyp(i % 32, i % 24, i & 1);
      }
      bytes?.(encoder.encode({ t0: 1000 * from, words }).slice());
    },
    sendBytes: (chunk: Uint8Array) => bytes?.(chunk),
    end: (reason?: Error) => end?.(reason),
  };
}

async function open(options: CameraStreamOptions = {}) {
  const fake = fakeCamera();
  const stream = await openCameraStream(fake.driver, device, {}, options);
  return { fake, stream };
}

async function statusWhere(
  stream: { status(): AsyncIterable<StreamStatus> },
  holds: (status: StreamStatus) => boolean,
): Promise<StreamStatus> {
  for await (const status of stream.status()) if (holds(status)) return status;
  throw new Error("the status feed ended");
}
/** A file with some of its methods replaced; `position` stays the file's own. */
const overriding = (file: ByteSink, methods: Partial<ByteSink>): ByteSink =>
  Object.create(file, Object.getOwnPropertyDescriptors(methods)) as ByteSink;
const settled = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 30));

describe("camera stream", () => {
  it("is live, shows what comes, and refuses what only recordings can do", async () => {
    const { fake, stream } = await open();
    const frames = stream.view({ windowUs: 10_000 })[Symbol.asyncIterator]();
    const next = frames.next();
    fake.send(5000, 5010);
    const first = (await next).value as ViewFrame;
    if (first.kind !== "events") throw new Error("expected events");
    expect(first).toMatchObject({ reset: true, from: 5_000_000 });
    expect(timesOf(first.packet)).toEqual(Array.from({ length: 10 }, (_, i) => 5_000_000 + 1000 * i));
    const status = await statusWhere(stream, ({ t }) => t > 0);
    expect(status).toMatchObject({ state: "live", t: 5_009_000, backlogBytes: 0, dropped: 0 });
    for (const refused of [stream.seek(1), stream.pause(), stream.setSpeed(2), stream.rate(3)]) {
      await expect(refused).rejects.toMatchObject({ code: "unsupported" });
    }
    await stream.close();
    expect(fake.calls).toEqual(["stop"]);
  });

  it("filters what is shown, not what is recorded", async () => {
    const { fake, stream } = await open();
    const path = join(folder, "filtered.raw");
    await stream.setFilters([{ id: "polarity", params: { keep: "on" } }]);
    await stream.record({ path });
    const frames = stream.view({ windowUs: 0 })[Symbol.asyncIterator]();
    const next = frames.next();
    fake.send(0, 10);
    const frame = (await next).value as ViewFrame;
    expect(frame.kind === "events" ? frame.packet.words.length / 2 : -1).toBe(5);
    expect((await stream.stopRecording()).events).toBe(10);
    await stream.close();
  });

  it("records the untouched bytes behind a header, with a sidecar from the start", async () => {
    const { fake, stream } = await open();
    const path = join(folder, "plain.raw");
    fake.send(0, 10);
    await settled();
    await stream.record({ path });
    expect(await readSidecar(path)).toMatchObject({
      state: "recording",
      codec: "prophesee-raw",
      encoding: "evt3",
      sensor,
      camera: { id: "fake-1", driver: "fake", label: "Fake camera", virtual: false, params: { bias: 3 } },
      generated: false,
    });
    fake.send(20, 120);
    fake.send(120, 200);
    const result = await stream.stopRecording();
    expect(result).toMatchObject({ path, dropped: 0, events: 180, range: { start: 20_000, end: 199_001 } });
    const found = await inspectRecording(path, {});
    expect(found).toMatchObject({ events: result.events, range: result.range, bytes: result.bytes, sensor });
    expect(found.metadata["serial_number"]).toBe("1");
    expect(found.camera).toEqual({ driver: "fake", label: "Fake camera", serial: "1", params: { bias: 3 } });
    expect(await readSidecar(path)).toMatchObject({
      state: "closed",
      events: 180,
      bytes: result.bytes,
      range: result.range,
      losses: { dropped: 0, damage: 0 },
    });
    await expect(stream.stopRecording()).rejects.toMatchObject({ code: "not-found" });
    await stream.close();
  });

  it("knows the range on the file's clock when the camera's counter has turned before", async () => {
    const { fake, stream } = await open();
    // EVT 3.0 counts to 16.8 s: the file of a camera that runs for 20 s begins at 3.2 s.
    for (let ms = 0; ms < 20_000; ms += 2000) fake.send(ms, ms + 10);
    await settled();
    const path = join(folder, "turned.raw");
    await stream.record({ path });
    fake.send(20_000, 20_100);
    const result = await stream.stopRecording();
    expect(result.events).toBe(100);
    expect(result.range).toEqual({ start: 20_000_000 - 2 ** 24, end: 20_099_001 - 2 ** 24 });
    expect((await inspectRecording(path, {})).range).toEqual(result.range);
    await stream.close();
  });

  it("hands what it has to the disk each second", async () => {
    let flushes = 0;
    const { fake, stream } = await open({
      createFile: async (path) => {
        const file = await appendFile(path);
        return overriding(file, {
          flush: async () => {
            flushes += 1;
            await file.flush();
          },
        });
      },
    });
    await stream.record({ path: join(folder, "flushed.raw") });
    const before = flushes;
    for (let ms = 0; ms < 2300; ms += 20) {
      fake.send(ms, ms + 20);
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    expect(flushes - before).toBeGreaterThanOrEqual(2);
    await stream.stopRecording();
    await stream.close();
  });

  it("keeps what came before the button", async () => {
    const { fake, stream } = await open();
    for (let ms = 0; ms < 1000; ms += 10) fake.send(ms, ms + 10);
    await settled();
    const path = join(folder, "before.raw");
    await stream.record({ path, beforeUs: 300_000 });
    fake.send(1000, 1010);
    const result = await stream.stopRecording();
    const found = await inspectRecording(path, {});
    expect(found.events).toBe(result.events);
    expect(found.range).toEqual(result.range);
    expect(found.damage).toEqual([]);
    expect(found.range.end).toBe(1_009_001);
    expect(found.range.start).toBeGreaterThanOrEqual(680_000);
    expect(found.range.start).toBeLessThanOrEqual(710_000);
    await stream.close();
  });

  it("never overwrites: neither a recording nor a sidecar", async () => {
    const { fake, stream } = await open();
    const path = join(folder, "precious.raw");
    await writeFile(path, "precious");
    await expect(stream.record({ path })).rejects.toMatchObject({ code: "exists" });
    expect(await readFile(path, "utf8")).toBe("precious");
    const other = join(folder, "other.raw");
    await writeFile(sidecarPath(other), "notes");
    await expect(stream.record({ path: other })).rejects.toMatchObject({ code: "exists" });
    expect(await readFile(sidecarPath(other), "utf8")).toBe("notes");
    await expect(stat(other)).rejects.toThrow();
    await expect(stream.record({ path: join(folder, "none", "x.raw") })).rejects.toMatchObject({ code: "not-found" });
    const good = join(folder, "after-refusals.raw");
    await stream.record({ path: good });
    await expect(stream.record({ path: join(folder, "second.raw") })).rejects.toMatchObject({ code: "busy" });
    fake.send(0, 5);
    expect((await stream.stopRecording()).events).toBe(5);
    await stream.close();
  });

  it("a full disk ends the recording with the reason; what is there can be read", async () => {
    let room = 600;
    const { fake, stream } = await open({
      createFile: async (path) => {
        const file = await appendFile(path);
        return overriding(file, {
          write: async (bytes) => {
            if (bytes.length > room) throw new AppError("disk-full", `Could not write ${path}: the disk is full`);
            room -= bytes.length;
            await file.write(bytes);
          },
        });
      },
    });
    const path = join(folder, "full.raw");
    await stream.record({ path });
    for (let ms = 0; ms < 1000; ms += 10) fake.send(ms, ms + 10);
    const status = await statusWhere(stream, ({ error }) => error !== undefined);
    expect(status).toMatchObject({ state: "live", error: { code: "disk-full" } });
    await statusWhere(stream, ({ recording }) => recording === undefined);
    const result = await stream.stopRecording();
    expect(result).toMatchObject({ stopped: { code: "disk-full" } });
    expect(result.events).toBeGreaterThan(0);
    expect((await inspectRecording(path, {})).events).toBe(result.events);
    expect(await readSidecar(path)).toMatchObject({ state: "closed", stopped: { code: "disk-full" }, events: result.events });
    // The camera goes on, and another recording can begin.
    room = 1e9;
    await stream.record({ path: join(folder, "full-2.raw") });
    expect((await statusWhere(stream, ({ recording }) => recording !== undefined)).error).toBeUndefined();
    await stream.close();
  });

  it("a camera that goes away ends the recording with everything that came", async () => {
    const { fake, stream } = await open();
    const path = join(folder, "gone.raw");
    await stream.record({ path });
    for (let ms = 0; ms < 100; ms += 10) fake.send(ms, ms + 10);
    fake.end(new AppError("camera-gone", "Fake camera was unplugged"));
    const status = await statusWhere(stream, ({ recording }) => recording === undefined);
    expect(status).toMatchObject({ state: "failed", error: { code: "camera-gone" } });
    const result = await stream.stopRecording();
    expect(result).toMatchObject({ events: 100, stopped: { code: "camera-gone" } });
    expect((await inspectRecording(path, {})).events).toBe(100);
    await expect(stream.record({ path: join(folder, "late.raw") })).rejects.toMatchObject({ code: "camera-gone" });
    await stream.close();
  });

  it("a disk that is too slow ends the recording instead of losing bytes in silence", async () => {
    let release = (): void => undefined;
    const held = new Promise<void>((resolve) => (release = resolve));
    let writes = 0;
    const { fake, stream } = await open({
      ringBytes: 4096,
      createFile: async (path) => {
        const file = await appendFile(path);
        return overriding(file, {
          write: async (bytes) => {
            if (writes++ === 3) await held;
            await file.write(bytes);
          },
        });
      },
    });
    const path = join(folder, "slow.raw");
    await stream.record({ path });
    for (let ms = 0; ms < 2000; ms += 10) {
      fake.send(ms, ms + 10);
      if (ms % 200 === 0) await settled();
    }
    const status = await statusWhere(stream, ({ error }) => error !== undefined);
    expect(status.error?.message).toMatch(/too slow/);
    expect(status.dropped).toBeGreaterThan(0);
    release();
    const result = await stream.stopRecording();
    expect(result.stopped?.code).toBe("io");
    expect((await inspectRecording(path, {})).events).toBe(result.events);
    expect((await inspectRecording(path, {})).damage).toEqual([]);
    await stream.close();
  });

  it("counts transfers it had no room for, and goes on after them", async () => {
    const { fake, stream } = await open({ ringBytes: 1024 });
    for (let ms = 0; ms < 1000; ms += 10) fake.send(ms, ms + 10); // before the decoder gets its turn
    await settled();
    fake.send(1000, 1010);
    const status = await statusWhere(stream, ({ t }) => t >= 1_009_000);
    expect(status.dropped).toBeGreaterThan(10);
    expect(status.damage).toBe(1);
    expect(status.backlogBytes).toBe(0);
    await stream.close();
  });

  it("shows no event in a row that was lost", async () => {
    const { fake, stream } = await open({ ringBytes: 32 });
    const bytes = (...words: number[]): Uint8Array => new Uint8Array(Uint16Array.from(words).buffer);
    const frames = stream.view({ windowUs: 0 })[Symbol.asyncIterator]();
    const next = frames.next();
    fake.sendBytes(bytes(0x8001, 0x6001, 0x0005, 0x2001, 0x2002, 0x2003, 0x2004, 0x2005, 0x2006)); // row 5
    fake.sendBytes(bytes(0x0009, 0x2001, 0x2002, 0x2003, 0x2004, 0x2005, 0x2006, 0x2007, 0x2008)); // row 9: no room
    await next;
    fake.sendBytes(bytes(0x2010, 0x6002, 0x000a, 0x2011)); // one of row 9, then row 10
    const frame = (await frames.next()).value as ViewFrame;
    if (frame.kind !== "events") throw new Error("expected events");
    expect([...frame.packet.words].filter((_, i) => i % 2 === 1)).toEqual([packXyp(17, 10, 0)]);
    await stream.close();
  });

  it("passes changed parameters on, and refuses bad ones", async () => {
    const { fake, stream } = await open();
    await stream.configure({ bias: 5 });
    await stream.configure({ bias: 6 });
    await expect(stream.configure({ bias: 10 })).rejects.toMatchObject({ code: "bad-parameter" });
    expect(fake.calls).toEqual(["bias 3 to 5", "bias 5 to 6"]);
    await stream.close();
  });

  it("a recording that has not begun when the camera is closed never does", async () => {
    const { fake, stream } = await open();
    const path = join(folder, "too-late.raw");
    fake.send(0, 10); // waits to be decoded, and the recording for it
    const recording = stream.record({ path });
    await Promise.all([expect(recording).rejects.toMatchObject({ code: "closed" }), stream.close()]);
    await expect(stat(path)).rejects.toMatchObject({ code: "ENOENT" });
  });

  it("closing ends a running recording properly", async () => {
    const { fake, stream } = await open();
    const path = join(folder, "closing.raw");
    await stream.record({ path });
    fake.send(0, 50);
    await stream.close();
    expect(await readSidecar(path)).toMatchObject({ state: "closed", events: 50 });
    expect((await inspectRecording(path, {})).events).toBe(50);
  });
});
