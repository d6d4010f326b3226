import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { RunEvent } from "#shared/api/run.ts";
import { kernelPath, rootDir } from "#main/lib/paths.ts";
import { createRealHost, type RealHost } from "#main/hosts/testing/real-host.ts";
import { createEngine, type Engine } from "./engine.ts";
import { hasDemo } from "./demo.ts";

/*
 * The engine with the workers that ship, on the demo that ships: what the fakes cannot prove. A training here is as small
 * as one can be and still has checkpoints.
 */
let folder: string;
let host: RealHost;
let engine: Engine;

const open = async (): Promise<void> => {
  host = createRealHost(folder);
  engine = await createEngine({ host });
};
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "saccade-real-"));
});
afterEach(async () => {
  await engine.close();
  await rm(folder, { recursive: true, force: true });
});

const spec = {
  dataset: { name: "clips" },
  transfer: "scratch",
  labels: { perClass: 1 },
  representation: { id: "event-frame", params: { steps: 1 } },
  ...{ epochs: 3, batchSize: 2, backend: "wasm" },
};
const until = async (condition: () => boolean, limitMs: number): Promise<void> => {
  for (const start = Date.now(); !condition();) {
    if (Date.now() - start > limitMs) throw new Error(`it did not happen in ${limitMs} ms`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
};
const isAlive = (pid: number): boolean => {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ESRCH") return false;
    throw error;
  }
};
/** Follows a run until an event, or to its end. */
async function follow(id: string, from: number, stop: (event: RunEvent) => boolean = () => false): Promise<RunEvent[]> {
  const events: RunEvent[] = [];
  for await (const event of engine.api.runs.watch(id, from)) {
    events.push(event);
    if (stop(event)) break;
  }
  return events;
}

const missing = !hasDemo()
  ? "the demo is not there"
  : !existsSync(kernelPath("tensor"))
    ? "the kernels are not built"
    : undefined;

describe.skipIf(missing !== undefined)(
  `the engine with its real workers${missing === undefined ? "" : ` (skipped: ${missing})`}`,
  () => {
    it("converts a recording and makes events of a picture", { timeout: 120_000 }, async () => {
      await open();
      const last = async <T>(feed: AsyncIterable<T>): Promise<T | undefined> => {
        let item: T | undefined;
        for await (item of feed);
        return item;
      };
      const [recording] = (await engine.api.library.recordings({ text: "paper-P01-1" })).recordings;
      const output = join(folder, "copy.bin");
      expect(await last(engine.api.files.convert({ input: recording?.path ?? "", output }))).toMatchObject({
        kind: "done",
        events: recording?.events,
      });
      const picture = join(rootDir, "assets", "demo", "pictures", "rock", "rock-01.png");
      const made = join(folder, "made.raw");
      expect(await last(engine.api.files.simulate({ input: picture, output: made, params: {} }))).toMatchObject({ kind: "done" });
      expect((await engine.api.files.inspect(made)).events).toBeGreaterThan(100);
    });

    it("opens, pictures, records and classifies; a run survives kill -9 of its worker", { timeout: 300_000 }, async () => {
      await open();
      const { api } = engine;
      const { clips } = await api.library.clips({ limit: 1 });
      const [clip] = clips;
      expect(clip?.recording.generated).toBe(true);
      const range = { start: clip?.start ?? 0, end: clip?.end ?? 0 };
      const drawn = await api.library.thumbnail(clip?.recordingId ?? "", range);
      expect(drawn.pixels.some((value) => value !== 0)).toBe(true);
      expect(await api.library.thumbnail(clip?.recordingId ?? "", range)).toEqual(drawn); // from the cache now

      const id = await api.runs.start(spec);
      const first = await follow(id, 0, ({ kind }) => kind === "checkpoint");
      host.forked.findLast(({ role }) => role === "compute")?.worker.kill("SIGKILL");
      const failed = (await follow(id, first.length)).at(-1);
      expect(failed).toMatchObject({
        state: "failed",
        error: { message: "The compute worker ended in the middle of it: it was ended by SIGKILL" },
      });
      expect((await api.runs.list())[0]).toMatchObject({ id, state: "failed", resumable: true, epoch: 1 });

      const lines = (await follow(id, 0)).length;
      await api.runs.resume(id);
      const rest = await follow(id, lines);
      expect(rest.flatMap((event) => (event.kind === "epoch" ? [event.epoch] : []))).toEqual([2, 3]); // and not from the beginning
      expect(rest.at(-1)).toMatchObject({ state: "done", model: id });

      const [model] = await api.models.list();
      expect(model).toMatchObject({ id, generated: true, classes: ["rock", "paper", "scissors", "point", "thumb"] });
      const evaluation = await api.models.evaluate(id, { split: "validation" });
      expect(evaluation.answers.map(({ sample }) => sample).toSorted()).toEqual([...(model?.split.validation ?? [])].toSorted());
      expect((await api.models.report(id))?.samples).toBe(model?.split.test.length);

      const stream = await api.streams.open({ kind: "recording", path: clip?.recording.path ?? "" });
      const labels = [];
      for await (const { label } of api.inference.start(stream.id, id, { offline: range, strideUs: 200_000 })) labels.push(label);
      expect(labels.length).toBeGreaterThan(0);
      expect(labels.every((label) => model?.classes.includes(label))).toBe(true);
      await api.streams.close(stream.id);

      const camera = (await api.devices.list()).find(({ virtual }) => virtual);
      const live = await api.streams.open({ kind: "camera", deviceId: camera?.id ?? "" });
      await api.streams.record(live.id, { name: "take" });
      await new Promise((resolve) => setTimeout(resolve, 500));
      const { recording } = await api.streams.stopRecording(live.id, { classId: clip?.classId ?? "" });
      expect(recording).toMatchObject({ generated: true, name: "take.raw", missing: false });
      expect(recording.events).toBeGreaterThan(0);
    });

    it("ends its compute worker with itself, and offers to go on with the run", { timeout: 300_000 }, async () => {
      const script = join(folder, "engine.ts");
      const from = (path: string): string => JSON.stringify(join(rootDir, "src-main", path));
      await writeFile(
        script,
        `import { createRealHost } from ${from("hosts/testing/real-host.ts")};
       import { createEngine } from ${from("engine/engine.ts")};
       const host = createRealHost(${JSON.stringify(folder)});
       const { api } = await createEngine({ host });
       const id = await api.runs.start(${JSON.stringify(spec)});
       for await (const event of api.runs.watch(id)) if (event.kind === "checkpoint") {
         console.log(id, host.forked.findLast(({ role }) => role === "compute").worker.hello.pid);
       }`,
      );
      const child = spawn(process.execPath, [script], { stdio: ["ignore", "pipe", "inherit"] });
      let printed = "";
      child.stdout.setEncoding("utf8").on("data", (text: string) => (printed += text));
      try {
        await until(() => printed.includes("\n"), 120_000);
      } finally {
        child.kill("SIGKILL");
      }
      const [id = "", pid = ""] = printed.trim().split(/\s/);
      await until(() => !isAlive(Number(pid)), 10_000);

      await open();
      expect((await engine.api.runs.list())[0]).toMatchObject({ id, state: "stopped", resumable: true });
      expect((await engine.api.workspace.info()).notices[0]).toMatch(/not closed properly/);
      const lines = (await follow(id, 0)).length;
      await engine.api.runs.resume(id);
      const resumed = await follow(id, lines, ({ kind }) => kind === "epoch");
      expect(resumed.at(-1)).toMatchObject({ kind: "epoch", epoch: 2 });
      await engine.api.runs.stop(id);
      expect((await engine.api.runs.list())[0]).toMatchObject({ id, state: "stopped", model: id });
    });
  },
);
