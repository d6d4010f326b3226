import { mkdir, rm, writeFile } from "node:fs/promises";
import { existsSync } from "node:fs";
import { basename, join } from "node:path";
import { describe, expect, it } from "vitest";
import type { Progress } from "#shared/api/engine-api.ts";
import {
  all,
  api,
  engine,
  fakeStream,
  folder,
  host,
  labelled,
  open,
  put,
  reopen,
  until,
  useEngine,
} from "./testing/engine-bench.ts";

useEngine();

describe("adding recordings", () => {
  it("walks folders, skips what is no recording, and tells what it could not read", async () => {
    await put("in/b.raw");
    await put("in/deep/made.raw");
    await put("in/deep/other.bin");
    await put("in/notes.md");
    const named = await put("broken.bin");
    const feed = await all(api.library.add([join(folder, "in"), named]));
    const last = feed.at(-1) as Extract<Progress, { kind: "done" }>;
    expect(last.text).toBe(`Added 2 recordings. 1 file could not be read: ${named} is no recording`);
    expect(feed.filter(({ kind }) => kind === "progress")).toHaveLength(4);
    const { recordings } = await api.library.recordings();
    expect(recordings.map(({ name, generated }) => [name, generated])).toEqual([
      ["b.raw", false],
      ["made.raw", true],
    ]);
    const { clips } = await api.library.clips({});
    expect(clips.map(({ start, end, state, classId }) => [start, end, state, classId])).toEqual([
      [0, 2_100_000, "proposed", undefined],
      [0, 2_100_000, "proposed", undefined],
    ]);
    expect((await all(api.library.add([join(folder, "in")]))).at(-1)).toMatchObject({
      text: "Added 0 recordings. 2 recordings were there already",
    });
    await api.library.undo();
    expect((await api.library.recordings()).total).toBe(0);
  });

  it("fails when there was nothing to add", async () => {
    const file = await put("broken.bin");
    await expect(all(api.library.add([file]))).rejects.toMatchObject({ code: "unknown-format" });
    await expect(all(api.library.add([join(folder, "nowhere")]))).rejects.toMatchObject({ code: "not-found" });
    await mkdir(join(folder, "bare"));
    await expect(all(api.library.add([join(folder, "bare")]))).rejects.toMatchObject({ code: "empty" });
  });

  it("notices files that have gone", async () => {
    const file = await put("in/b.raw");
    await all(api.library.add([file]));
    await rm(file);
    await reopen();
    await until(async () => (await api.library.recordings()).recordings[0]?.missing === true);
  });
});

describe("streams", () => {
  it("have a worker each, which a crash takes along and nothing else", async () => {
    const file = await put("a.raw");
    await api.streams.open({ kind: "recording", path: file });
    const [worker] = host.workers;
    const second = await api.streams.open({ kind: "recording", path: file });
    expect(host.exposed.size).toBe(2);
    worker?.crash("it was ended by SIGSEGV");
    await until(() => host.exposed.size === 1);
    expect([...host.exposed]).toEqual([second.endpoint]);
    expect((await api.streams.open({ kind: "recording", path: file })).info.label).toBe(file);
    await api.streams.close(second.id);
    await api.streams.close(second.id);
    expect(host.exposed.size).toBe(1);
  });

  it("records under a safe free name and labels the take in the same edit", async () => {
    const { created } = await api.library.edit({ kind: "add-class", name: "Rock" });
    const classId = created[0] ?? "";
    const { id } = await api.streams.open({ kind: "camera", deviceId: "v:1" });
    for (const expected of ["up left.raw", "up left 2.raw"]) {
      await api.streams.record(id, { name: "../up/left" });
      await expect(api.streams.record(id, {})).rejects.toMatchObject({ code: "busy" });
      const taken = await api.streams.stopRecording(id, { classId, subject: "Anna" });
      expect(taken.recording.path).toBe(join(folder, "ws", "recordings", expected));
      expect(taken.segment).toMatchObject({ classId, subject: "Anna", start: 0, end: 2_100_000, state: "labelled" });
    }
    await expect(api.streams.stopRecording(id)).rejects.toMatchObject({ code: "bad-argument" });
    expect((await api.library.undo()).label).toBe("Undone: Recorded 2.10 s as Rock");
    expect((await api.library.recordings()).total).toBe(1);
  });

  it("keeps what a dead worker had recorded, and says so", async () => {
    const { id } = await api.streams.open({ kind: "camera", deviceId: "v:1" });
    await api.streams.record(id, { name: "take" });
    host.workers[0]?.crash("it was ended by SIGKILL");
    await until(async () => (await api.library.recordings()).total === 1);
    await until(async () => (await api.workspace.info()).notices.some((text) => /ended early.*take\.raw/.test(text)));
    await expect(api.streams.stopRecording(id)).rejects.toMatchObject({ code: "not-found" });
  });

  it("takes what was broken off from where it was rewritten to, at once and at the next start", async () => {
    await engine.close();
    const rewritten = (path: string): Promise<string> => Promise.resolve(path.replace(".raw", " rewritten.raw"));
    await open("ws", [], () => ({ ...fakeStream(), settle: rewritten }));
    const { id } = await api.streams.open({ kind: "camera", deviceId: "v:1" });
    await api.streams.record(id, { name: "now" });
    host.workers[0]?.crash("it was ended by SIGKILL");
    await until(async () => (await api.library.recordings()).total === 1);
    await engine.close();
    const path = join(folder, "ws", "recordings", "before.raw");
    await writeFile(path, "");
    await writeFile(`${path}.json`, JSON.stringify({ schema: 1, state: "recording" }));
    await open("ws", [], () => ({ ...fakeStream(), settle: rewritten }));
    await until(async () => (await api.library.recordings()).total === 2);
    const { recordings } = await api.library.recordings();
    expect(recordings.map((one) => basename(one.path)).toSorted()).toEqual(["before rewritten.raw", "now rewritten.raw"]);
  });

  it("names the reason when the worker ends in the middle of a call", async () => {
    await engine.close();
    await open("ws", [], () => ({ inspect: () => new Promise(() => undefined) }));
    const pending = engine.api.files.inspect("/x.raw");
    await until(() => host.workers.length > 0);
    await new Promise((resolve) => setTimeout(resolve, 20));
    host.last("stream").crash("it was ended by SIGKILL");
    await expect(pending).rejects.toThrow("The file worker ended in the middle of it: it was ended by SIGKILL");
  });
});

describe("data sets", () => {
  it("are found, kept, and named once", async () => {
    await put("pictures/Rock.png");
    await put("pictures/Paper.png");
    const info = await api.datasets.add(join(folder, "pictures"), { name: "pictures" });
    expect(info).toMatchObject({ kind: "images", samples: 6, perClass: [3, 3], classes: ["Rock", "Paper"] });
    await expect(api.datasets.add(join(folder, "pictures"), { name: "pictures" })).rejects.toMatchObject({ code: "exists" });
    await expect(api.datasets.add(join(folder, "pictures"), { name: "clips" })).rejects.toMatchObject({ code: "exists" });
    await expect(api.datasets.add(join(folder, "pictures"), { name: "a/b" })).rejects.toMatchObject({ code: "bad-argument" });
    await expect(api.datasets.add(join(folder, "nowhere"), { name: "x" })).rejects.toMatchObject({ code: "not-found" });
    await reopen();
    expect((await api.datasets.list()).map(({ name }) => name)).toEqual(["clips", "pictures"]);
    expect(await api.datasets.show("pictures")).toEqual(info);
    expect(await api.datasets.samples({ name: "pictures", label: "Paper", offset: 1, limit: 1 })).toMatchObject({
      total: 3,
      samples: [{ label: "Paper", number: 2, classIndex: 1, path: join(folder, "pictures", "Paper.png") }],
    });
    await api.datasets.remove("pictures");
    await expect(api.datasets.show("pictures")).rejects.toMatchObject({ code: "not-found" });
    expect(existsSync(join(folder, "pictures", "Rock.png"))).toBe(true);
  });

  it("of the workspace change with its labels", async () => {
    await labelled(2);
    const before = await api.datasets.show("clips");
    expect(before).toMatchObject({ classes: ["Rock", "Paper"], perClass: [2, 2], sensor: { width: 320, height: 320 } });
    await api.library.undo();
    expect((await api.datasets.show("clips")).fingerprint).not.toBe(before.fingerprint);
    await api.library.redo();
    expect((await api.datasets.show("clips")).fingerprint).toBe(before.fingerprint);
  });
});
