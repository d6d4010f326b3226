import { existsSync } from "node:fs";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { DEMO_FILE, type DemoManifest } from "#shared/api/demo.ts";
import { createFakeHost, type FakeStream } from "#main/hosts/testing/fake-host.ts";
import { createEngine, type Engine } from "./engine.ts";

let folder: string;
let engine: Engine;

const manifest: DemoManifest = {
  version: 1,
  title: "Rock, paper, scissors",
  summary: "A small game",
  generated: true,
  generator: { name: "test", version: "1", seed: 1 },
  classes: [
    { name: "Rock", key: 3, color: 5 },
    { name: "Paper", key: 1, color: 2 },
  ],
  recordings: [
    {
      path: "clips/rock-1.raw",
      name: "Rock 1",
      kind: "clip",
      sensor: { width: 128, height: 128 },
      range: { start: 0, end: 1000 },
      ...{ events: 10, on: 5, bytes: 1, generated: true as const, metadata: { generator: "test" } },
      segments: [{ start: 0, end: 1000, class: "Rock", subject: "A" }],
    },
    {
      path: "clips/unknown.raw",
      name: "Unknown",
      kind: "clip",
      sensor: { width: 128, height: 128 },
      range: { start: 0, end: 500 },
      ...{ events: 10, on: 5, bytes: 1, generated: true as const, metadata: {} },
      segments: [{ start: 0, end: 500 }],
    },
  ],
  datasets: [
    {
      name: "pictures",
      path: "pictures",
      kind: "images",
      layout: "images-folder",
      classes: ["Rock", "Paper"],
      perClass: [1, 1],
      generated: true,
    },
  ],
  models: [],
  liveRecording: "clips/rock-1.raw",
  split: { testSubjects: ["A"] },
  tour: [],
};

const stream = (): FakeStream => ({
  inspect: (path) =>
    Promise.resolve({
      ...{ path, codec: "prophesee-raw", encoding: "evt3", bytes: 1, sensor: { width: 128, height: 128 } },
      ...{ range: { start: 0, end: 1000 }, events: 10, on: 5, off: 5, first: [], last: [], rateHz: { mean: 1, peak: 1 } },
      ...{ triggers: 0, monotonic: true, damage: [], dropped: {}, metadata: {} },
      ...{ stepsBack: { count: 0, largestUs: 0 }, others: {}, guesses: [] },
      orientation: { flipX: false, flipY: false, swapXY: false, invertP: false },
    }),
  findDataset: (_, layout) =>
    Promise.resolve({
      layout: layout ?? "",
      kind: "images",
      classes: ["Rock", "Paper"],
      samples: [{ path: "rock.png", label: "Rock" }],
      warnings: [],
    }),
});
const open = async (): Promise<void> => {
  const host = createFakeHost(folder, { stream });
  engine = await createEngine({ host, demoAssets: join(folder, "assets") });
};

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "saccade-demo-"));
  await mkdir(join(folder, "assets", "clips"), { recursive: true });
  await mkdir(join(folder, "assets", "pictures"));
  await writeFile(join(folder, "assets", DEMO_FILE), JSON.stringify(manifest));
  for (const path of ["clips/rock-1.raw", "clips/unknown.raw", "pictures/rock.png"])
    await writeFile(join(folder, "assets", path), "x");
});
afterEach(async () => {
  await engine.close();
  await rm(folder, { recursive: true, force: true });
});

describe("the demo", () => {
  it("is what a newcomer starts with: a copy with clips, classes and pictures, all marked as generated", async () => {
    await open();
    const { api } = engine;
    expect(await api.workspace.info()).toMatchObject({
      demo: true,
      name: "Rock, paper, scissors",
      path: join(folder, "data", "demo"),
    });
    expect((await api.library.classes()).map(({ name, key, color }) => [name, key, color])).toEqual([
      ["Rock", 3, 5],
      ["Paper", 1, 2],
    ]);
    const { clips } = await api.library.clips({});
    expect(clips.map(({ state, subject, recording }) => [recording.name, recording.generated, state, subject])).toEqual([
      ["Rock 1", true, "labelled", "A"],
      ["Unknown", true, "proposed", undefined],
    ]);
    expect(existsSync(clips[0]?.recording.path ?? "")).toBe(true);
    expect((await api.datasets.list()).map(({ name, generated }) => [name, generated])).toEqual([
      ["clips", true],
      ["pictures", true],
    ]);
    await expect(api.library.undo()).rejects.toMatchObject({ code: "empty" }); // it is not the user's to undo
  });

  it("stays as the user left it, however often it is opened", async () => {
    await open();
    const [rock] = await engine.api.library.classes();
    await engine.api.library.edit({ kind: "remove-class", id: rock?.id ?? "" });
    for (const { id } of (await engine.api.library.recordings()).recordings) {
      await engine.api.library.edit({ kind: "remove-recording", id });
    }
    await engine.api.workspace.open(join(folder, "own"));
    await engine.api.workspace.openDemo();
    expect((await engine.api.library.classes()).map(({ name }) => name)).toEqual(["Paper"]);
    expect((await engine.api.library.recordings()).total).toBe(0);
    await engine.api.library.undo();
    await engine.close();
    await open();
    expect((await engine.api.library.recordings()).total).toBe(1);
  });

  it("is copied anew when the first copy was broken off", async () => {
    await mkdir(join(folder, "data", "demo", "clips"), { recursive: true });
    await writeFile(join(folder, "data", "demo", DEMO_FILE), "{");
    await open();
    expect((await engine.api.library.recordings()).total).toBe(2);
  });

  it("gives way to the workspace that was open last, and stands in for one that is gone", async () => {
    await open();
    await engine.api.workspace.open(join(folder, "own"));
    await engine.close();
    await open();
    expect((await engine.api.workspace.info()).path).toBe(join(folder, "own"));
    await engine.close();
    await rm(join(folder, "own"), { recursive: true });
    await writeFile(join(folder, "own"), "a file now");
    await open();
    const info = await engine.api.workspace.info();
    expect(info.demo).toBe(true);
    expect(info.notices.join(" ")).toMatch(/last workspace could not be opened: .*own/);
  });
});
