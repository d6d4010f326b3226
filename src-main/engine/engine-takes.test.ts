import { existsSync } from "node:fs";
import { readFile, rm, writeFile } from "node:fs/promises";
import { basename, join } from "node:path";
import { describe, expect, it } from "vitest";
import { AppError } from "#shared/api/errors.ts";
import type { RecordingResult, RecordOptions, SettleProgress } from "#shared/api/stream-api.ts";
import type { FakeStream } from "#main/hosts/testing/fake-host.ts";
import { api, engine, fakeStream, folder, host, open, until, useEngine } from "./testing/engine-bench.ts";

useEngine();

const resultOf = (path: string): RecordingResult => ({
  ...{ path, bytes: 6, events: 5, seconds: 2.1, dropped: 0, peakBacklogBytes: 0 },
  range: { start: 0, end: 2_100_000 },
});

/** Opens the engine anew on workers that differ from the usual ones. */
async function openWith(change: (usual: FakeStream) => FakeStream): Promise<void> {
  await engine.close();
  await open("ws", [], () => change(fakeStream()));
}
const pathsInLibrary = async (): Promise<readonly string[]> =>
  (await api.library.recordings()).recordings.map(({ path }) => basename(path)).toSorted();

describe("a camera that was unplugged while it was recorded", () => {
  it("has several takes, all with the class and the person of the last one", async () => {
    await openWith((usual) => ({
      ...usual,
      stream: {
        record: async ({ path }) => {
          for (const name of [path, path.replace(".raw", " 2.raw")]) await writeFile(name, "events");
        },
        stopRecording: () => {
          const path = join(folder, "ws", "recordings", "wave.raw");
          return Promise.resolve({ ...resultOf(path.replace(".raw", " 2.raw")), earlier: [resultOf(path)] });
        },
      },
    }));
    const { created } = await api.library.edit({ kind: "add-class", name: "Wave" });
    const classId = created[0] ?? "";
    const { id } = await api.streams.open({ kind: "camera", deviceId: "v:1" });
    await api.streams.record(id, { name: "wave" });
    const take = await api.streams.stopRecording(id, { classId, subject: "Anna" });
    expect(basename(take.recording.path)).toBe("wave 2.raw");
    expect(take.earlier?.map(({ recording }) => basename(recording.path))).toEqual(["wave.raw"]);
    for (const { segment } of [take, ...(take.earlier ?? [])]) expect(segment).toMatchObject({ classId, subject: "Anna" });
    expect(await pathsInLibrary()).toEqual(["wave 2.raw", "wave.raw"]);
  });
});

describe("a worker that dies after its camera was unplugged and back", () => {
  it("leaves several takes, and all are kept; older ones of such a name are not taken for them", async () => {
    await openWith((usual) => ({
      ...usual,
      stream: {
        record: async ({ path }) => {
          const of = (number: number): string => path.replace(".raw", ` ${number}.raw`);
          for (const name of [path, of(2), of(3)]) await writeFile(name, "events");
          await writeFile(
            `${of(2)}.json`,
            JSON.stringify({ schema: 1, state: "recording", startedAt: new Date().toISOString() }),
          );
          await writeFile(`${of(3)}.json`, JSON.stringify({ schema: 1, state: "closed", startedAt: "2026-01-01T00:00:00.000Z" }));
        },
      },
    }));
    const { id } = await api.streams.open({ kind: "camera", deviceId: "v:1" });
    await api.streams.record(id, { name: "wave" });
    host.workers[0]?.crash("it was ended by SIGKILL");
    await until(async () => (await api.library.recordings()).total === 2);
    expect(await pathsInLibrary()).toEqual(["wave 2.raw", "wave.raw"]);
  });
});

describe("several cameras at once", () => {
  const begun: RecordOptions[] = [];
  const cameras = (refuse: (path: string) => boolean) => (usual: FakeStream) => {
    let own = "";
    return {
      ...usual,
      stream: {
        record: async (options: RecordOptions) => {
          if (refuse(options.path)) throw new AppError("camera-gone", "it was unplugged");
          begun.push(options);
          own = options.path;
          await writeFile(own, "events");
        },
        stopRecording: () => Promise.resolve(resultOf(own)),
      },
    };
  };

  it("begin together, under names of their own, and belong together", async () => {
    begun.length = 0;
    await openWith(cameras(() => false));
    const ids = [];
    for (const deviceId of ["v:1", "v:2", "v:1"]) ids.push((await api.streams.open({ kind: "camera", deviceId })).id);
    await api.streams.recordTogether(ids, { name: "pair" });
    expect(begun.map(({ path }) => basename(path)).toSorted()).toEqual(["pair v 1 3.raw", "pair v 1.raw", "pair v 2.raw"]);
    expect(new Set(begun.map(({ together }) => together?.id)).size).toBe(1);
    expect(begun[0]?.together?.id).toMatch(/^[0-9a-f]{12}$/);
    await expect(api.streams.recordTogether(ids)).rejects.toMatchObject({ code: "busy" });
    for (const id of ids) await api.streams.stopRecording(id);
    expect(await pathsInLibrary()).toHaveLength(3);
  });

  it("all begin, or none does: what had begun is kept as a take", async () => {
    begun.length = 0;
    await openWith(cameras((path) => path.includes("v 2")));
    const ids = [];
    for (const deviceId of ["v:1", "v:2"]) ids.push((await api.streams.open({ kind: "camera", deviceId })).id);
    await expect(api.streams.recordTogether(ids, { name: "pair" })).rejects.toMatchObject({ code: "camera-gone" });
    expect(await pathsInLibrary()).toEqual(["pair v 1.raw"]);
    for (const id of ids) await expect(api.streams.stopRecording(id)).rejects.toMatchObject({ code: "bad-argument" });
  });
});

describe("a take whose final format is made from its events", () => {
  const raw = (): string => join(folder, "ws", "recordings", "davis.raw");
  const final = (): string => join(folder, "ws", "recordings", "davis.aedat4.raw");
  /** Rewrites in two steps; the test says when the second comes. */
  const slowly = (go: Promise<void>) => (usual: FakeStream) => ({
    ...usual,
    stream: {
      record: async ({ path }: RecordOptions) => {
        await writeFile(path, "bytes");
        await writeFile(`${path}.json`, JSON.stringify({ schema: 1, state: "closed", becomes: "aedat4" }));
      },
      stopRecording: () => Promise.resolve({ ...resultOf(raw()), becomes: "aedat4" }),
    },
    settling: async function* (path: string): AsyncGenerator<SettleProgress> {
      yield { kind: "progress", fraction: 0.4 };
      await go;
      await writeFile(final(), "events");
      await writeFile(
        `${final()}.json`,
        JSON.stringify({ schema: 1, state: "closed", codec: "aedat4", madeFrom: basename(path), bytes: 6 }),
      );
      await rm(path);
      await rm(`${path}.json`);
      yield { kind: "done", path: final(), bytes: 6 };
    },
  });
  const statusNow = async () => {
    for await (const status of api.status()) return status;
    throw new Error("no status came");
  };
  const record = async () => {
    const { id } = await api.streams.open({ kind: "camera", deviceId: "v:1" });
    await api.streams.record(id, { name: "davis" });
    return api.streams.stopRecording(id);
  };

  it("is in the library at once, is rewritten in the background, and keeps its place through undo and redo", async () => {
    const { promise, resolve } = Promise.withResolvers<void>();
    await openWith(slowly(promise));
    const { recording } = await record();
    expect(recording.path).toBe(raw());
    await until(async () => (await statusNow()).settling?.fraction === 0.4);
    expect((await statusNow()).settling).toMatchObject({ name: "davis.raw", waiting: 0 });
    resolve();
    await until(async () => (await api.library.recording(recording.id)).path === final());
    expect(await api.library.recording(recording.id)).toMatchObject({ name: "davis.aedat4.raw", bytes: 6 });
    await until(async () => (await statusNow()).settling === undefined);
    await api.library.undo();
    expect(await pathsInLibrary()).toEqual([]);
    await api.library.redo();
    expect(await pathsInLibrary()).toEqual(["davis.aedat4.raw"]);
  });

  it("is rewritten at the next start when the application was closed before", async () => {
    await openWith(slowly(new Promise(() => undefined)));
    const { recording } = await record();
    await until(async () => (await statusNow()).settling?.fraction === 0.4);
    await openWith(slowly(Promise.resolve()));
    await until(async () => (await api.library.recording(recording.id)).path === final());
    expect(existsSync(raw())).toBe(false);
  });

  it("is found when it was rewritten and the library was not told any more", async () => {
    await openWith(slowly(new Promise(() => undefined)));
    const { recording } = await record();
    await engine.close();
    await writeFile(final(), await readFile(raw()));
    await writeFile(
      `${final()}.json`,
      JSON.stringify({ schema: 1, state: "closed", codec: "aedat4", madeFrom: "davis.raw", bytes: 5 }),
    );
    await rm(raw());
    await rm(`${raw()}.json`);
    await open("ws");
    await until(async () => (await api.library.recording(recording.id)).path === final());
    expect(await pathsInLibrary()).toHaveLength(1);
  });
});
