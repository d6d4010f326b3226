import { spawn } from "node:child_process";
import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Duplex } from "node:stream";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { connect, type Remote } from "#shared/channel/channel.ts";
import { PortEnds, type Port } from "#shared/channel/port.ts";
import type { StreamApi, StreamRef, StreamStatus } from "#shared/api/stream-api.ts";
import { multiplex, type Multiplex, type WorkerHello } from "#main/lib/multiplex.ts";
import { rootDir, workerEntry } from "#main/lib/paths.ts";
import { fromStream } from "#main/lib/pipe-port.ts";
import { readSidecar } from "#main/lib/sidecar.ts";
import { inspectRecording } from "./inspect.ts";
import { makeRecording, randomEvents } from "./testing/make-recording.ts";
import type { StreamWorker } from "./worker.ts";

interface Started {
  readonly hello: WorkerHello;
  readonly lines: Multiplex;
  readonly api: Remote<StreamWorker>;
  readonly exited: Promise<string>;
  readonly kill: (signal: NodeJS.Signals) => void;
}

let folder: string;
let running: Started[] = [];
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "saccade-process-"));
  const sensor = { width: 64, height: 48 };
  await makeRecording(join(folder, "source.raw"), sensor, randomEvents(20_000, 0, 100, sensor));
});
/** The virtual camera that costs least, so that the test also passes on a busy machine. */
const camera = (): StreamRef => ({
  kind: "camera",
  deviceId: "virtual-recording",
  params: { path: join(folder, "source.raw") },
});
afterAll(() => rm(folder, { recursive: true }));
afterEach(async () => {
  for (const worker of running) worker.kill("SIGKILL");
  await Promise.all(running.map(({ exited }) => exited));
  running = [];
});

/** A stream worker as a host without Electron starts it. */
async function start(): Promise<Started> {
  const child = spawn(process.execPath, [workerEntry("stream")], {
    cwd: rootDir,
    stdio: ["ignore", "inherit", "inherit", "pipe"],
    env: { ...process.env, SACCADE_CACHE: join(folder, "cache") },
  });
  const exited = new Promise<string>((resolve) => child.once("exit", (code, signal) => resolve(signal ?? `code ${code}`)));
  const lines = multiplex(fromStream(child.stdio[3] as Duplex));
  const started = {
    hello: await lines.hello(),
    lines,
    api: connect<StreamWorker>(lines.main),
    exited,
    kill: (signal: NodeJS.Signals) => void child.kill(signal),
  };
  running.push(started);
  return started;
}

async function statusWhere(stream: Remote<StreamApi>, holds: (status: StreamStatus) => boolean): Promise<StreamStatus> {
  for await (const status of stream.status()) if (holds(status)) return status;
  throw new Error("the status feed ended");
}

describe("stream worker as a process", () => {
  it("says hello, plays a recording to two pages over one pipe, and ends when the pipe does", async () => {
    const sensor = { width: 64, height: 48 };
    const path = join(folder, "clip.raw");
    await makeRecording(path, sensor, randomEvents(3000, 0, 1000, sensor));
    const { hello, lines, api, exited } = await start();
    expect(hello).toMatchObject({ kind: "hello", role: "stream", node: process.version });
    expect(await api.open({ kind: "recording", path })).toMatchObject({ sensor });
    const watch = async (name: string): Promise<number> => {
      const page = connect<StreamApi>(lines.open(name));
      let events = 0;
      let reached = 0;
      for await (const frame of page.view({ windowUs: 10_000 })) {
        if (frame.reset) events = 0;
        else expect(frame.from).toBe(reached);
        reached = frame.t;
        events += frame.kind === "events" ? frame.packet.words.length / 2 : frame.events;
        if (frame.t >= 2_999_001) return events;
      }
      throw new Error("the view ended early");
    };
    const pages = Promise.all([watch("page-1"), watch("page-2")]);
    await connect<StreamApi>(lines.open("page-3")).play(10);
    for (const seen of await pages) expect(seen).toBeGreaterThan(2000);
    // A page has the stream, and nothing else of the worker.
    const page = connect<StreamWorker>(lines.open("page-4"));
    await expect(page.inspect(path, { digest: false })).rejects.toMatchObject({ code: "bad-argument" });
    lines.close();
    expect(await exited).toBe("code 0");
  });

  it("killed while recording: the file opens with everything written until then", async () => {
    const path = join(folder, "killed.raw");
    const { api, exited, kill } = await start();
    await api.open(camera());
    await api.stream.record({ path });
    const { recording } = await statusWhere(api.stream, (status) => (status.recording?.bytes ?? 0) > 20_000);
    kill("SIGKILL");
    expect(await exited).toBe("SIGKILL");
    const found = await inspectRecording(path, {});
    expect(found.events).toBeGreaterThanOrEqual(recording!.events);
    expect(found.bytes).toBeGreaterThanOrEqual(recording!.bytes);
    expect(found.damage).toEqual([]);
    expect(await readSidecar(path)).toMatchObject({
      state: "recording",
      camera: { id: "virtual-recording", virtual: true },
      generated: true,
    });
  });

  it("host gone while recording: the worker closes the file properly and ends", async () => {
    const path = join(folder, "orphaned.raw");
    const { api, lines, exited } = await start();
    await api.open(camera());
    await api.stream.record({ path });
    await statusWhere(api.stream, (status) => (status.recording?.events ?? 0) > 500);
    lines.close();
    expect(await exited).toBe("code 0");
    const sidecar = await readSidecar(path);
    expect(sidecar?.state).toBe("closed");
    expect((await inspectRecording(path, {})).events).toBe(sidecar?.events);
  });

  it("camera unplugged while recording: the stream fails with the reason, the recording is whole, the worker lives", async () => {
    const path = join(folder, "unplugged.raw");
    const { api } = await start();
    await api.open(camera());
    await api.stream.record({ path });
    await statusWhere(api.stream, (status) => (status.recording?.events ?? 0) > 500);
    await api.stream.configure({ unplug: true });
    const status = await statusWhere(api.stream, ({ recording }) => recording === undefined);
    expect(status).toMatchObject({ state: "failed", error: { code: "camera-gone" } });
    const result = await api.stream.stopRecording();
    expect(result.stopped?.code).toBe("camera-gone");
    expect((await inspectRecording(path, {})).events).toBe(result.events);
    expect((await api.devices()).length).toBeGreaterThan(0);
  });

  it("asked to end by a signal: closes what is open", async () => {
    const path = join(folder, "terminated.raw");
    const { api, exited, kill } = await start();
    await api.open(camera());
    await api.stream.record({ path });
    await statusWhere(api.stream, (status) => (status.recording?.events ?? 0) > 100);
    kill("SIGTERM");
    expect(await exited).toBe("code 0");
    expect((await readSidecar(path))?.state).toBe("closed");
    expect((await readdir(folder)).filter((name) => name.endsWith(".part"))).toEqual([]);
  });
});

/** The same worker as Electron's main process would start it, with ports instead of a pipe. */
function startUnderElectron() {
  const child = spawn(
    process.execPath,
    ["--import", join(import.meta.dirname, "testing", "fake-parent-port.ts"), workerEntry("stream")],
    { cwd: rootDir, stdio: ["ignore", "inherit", "inherit", "ipc"], serialization: "advanced", env: { ...process.env } },
  );
  const exited = new Promise<string>((resolve) => child.once("exit", (code, signal) => resolve(signal ?? `code ${code}`)));
  const parent: unknown[] = [];
  const ports = new Map<string, PortEnds>();
  const heard = new Promise<unknown>((resolve) => {
    child.on("message", (message: { kind: string; id: string; data: unknown; message: unknown }) => {
      if (message.kind === "parent") {
        parent.push(message.message);
        resolve(message.message);
      } else if (message.kind === "data") ports.get(message.id)?.receive(message.data);
      else ports.get(message.id)?.end("closed");
    });
  });
  const give = (id: string): Port => {
    const ends = new PortEnds();
    ports.set(id, ends);
    child.send({ kind: "port", id });
    return {
      post: (message) => void child.send({ kind: "data", id, data: message }),
      onMessage: (handler) => ends.onMessage(handler),
      onClose: (handler) => ends.onClose(handler),
      close: () => void child.send({ kind: "close", id }),
    };
  };
  return { heard, parent, give, exited, stop: () => void child.send({ kind: "stop" }), kill: () => void child.kill("SIGKILL") };
}

describe("stream worker as a utility process", () => {
  it("says hello once, serves the engine on its first port and pages on others, and stops when told", async () => {
    const worker = startUnderElectron();
    try {
      expect(await worker.heard).toMatchObject({ kind: "hello", role: "stream", node: process.version });
      const api = connect<StreamWorker>(worker.give("main"));
      const path = join(folder, "electron.raw");
      await api.open(camera());
      const page = connect<StreamWorker & StreamApi>(worker.give("page-1"));
      let events = 0;
      for await (const frame of page.view({ windowUs: 10_000 })) {
        events += frame.kind === "events" ? frame.packet.words.length / 2 : frame.events;
        if (events > 100) break;
      }
      await expect(page.inspect(path, { digest: false })).rejects.toMatchObject({ code: "bad-argument" });
      await api.stream.record({ path });
      await statusWhere(api.stream, (status) => (status.recording?.events ?? 0) > 100);
      worker.stop();
      expect(await worker.exited).toBe("code 0");
      expect((await readSidecar(path))?.state).toBe("closed");
      expect(worker.parent).toHaveLength(1);
    } finally {
      worker.kill();
    }
  });
});
