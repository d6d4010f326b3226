import { appendFile, mkdir, mkdtemp, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { existsSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { ComputeApi } from "#shared/api/compute-api.ts";
import type { EngineApi, LibraryState, Progress, SystemStatus } from "#shared/api/engine-api.ts";
import { AppError } from "#shared/api/errors.ts";
import type { RunEvent, TrainJob } from "#shared/api/run.ts";
import type { RecordingInspection } from "#shared/api/stream-api.ts";
import { connect, serve, type Remote } from "#shared/channel/channel.ts";
import { portPair } from "#shared/channel/port.ts";
import type { UnitDescriptor } from "#shared/units/unit.ts";
import { createFakeHost, type FakeHost, type FakeStream } from "#main/hosts/testing/fake-host.ts";
import { createEngine, type Engine } from "./engine.ts";

let folder: string;
let host: FakeHost;
let engine: Engine;
let api: Remote<EngineApi>;

const unit = (id: string): UnitDescriptor => ({ id, label: id, summary: id, params: {} });
const inspection = (path: string): RecordingInspection => ({
  path,
  codec: "prophesee-raw",
  encoding: "evt3",
  bytes: 10,
  sensor: { width: 320, height: 320 },
  range: { start: 0, end: 2_100_000 },
  ...{ events: 5, on: 3, off: 2, first: [], last: [], triggers: 0, monotonic: true, damage: [], dropped: {} },
  rateHz: { mean: 1, peak: 2 },
  orientation: { flipX: false, flipY: false, swapXY: false, invertP: false },
  metadata: path.includes("made") ? { generated: "true" } : {},
});

/** A worker that "reads" every file whose name ends in .raw and records by writing one. */
function fakeStream(): FakeStream {
  let recorded = "";
  return {
    catalog: () =>
      Promise.resolve({
        ...{ encodings: [], codecs: [], drivers: [], filters: [], datasets: [] },
        representations: [{ ...unit("event-frame"), params: { steps: { type: "integer", default: 5, label: "Steps" } } }],
      }),
    open: (ref) =>
      Promise.resolve({ sensor: { width: 320, height: 320 }, label: ref.kind === "camera" ? ref.deviceId : ref.path }),
    inspect: (path) =>
      path.endsWith(".raw")
        ? Promise.resolve(inspection(path))
        : Promise.reject(new AppError("unknown-format", `${path} is no recording`)),
    devices: () =>
      Promise.resolve([{ id: "v:1", driver: "virtual", label: "Virtual", serial: "1", state: "ready" as const, virtual: true }]),
    findDataset: (path) =>
      Promise.resolve({
        layout: "images-folder",
        kind: "images",
        classes: ["Rock", "Paper"],
        samples: ["Rock", "Paper"].flatMap((label) =>
          [1, 2, 3].map((number) => ({ path: `${label}.png`, label, number, root: path })),
        ),
        warnings: [],
      }),
    stream: {
      record: async ({ path }) => {
        recorded = path;
        await writeFile(path, "events");
      },
      stopRecording: () =>
        Promise.resolve({
          ...{ path: recorded, bytes: 6, events: 5, seconds: 2.1, dropped: 0, peakBacklogBytes: 0 },
          range: { start: 0, end: 2_100_000 },
        }),
    },
  };
}

/** A compute worker whose trainings the test conducts. */
class Conductor {
  readonly jobs: TrainJob[] = [];
  #queue: (RunEvent | "end")[] = [];
  #wake: (() => void) | undefined;

  say(...events: (RunEvent | "end")[]): void {
    this.#queue.push(...events);
    this.#wake?.();
  }

  api(): Partial<ComputeApi> {
    return {
      catalog: () =>
        Promise.resolve({
          neurons: [unit("lif-he"), unit("lif")],
          surrogates: [unit("quadratic-gate")],
          models: [
            { ...unit("vgg-snn"), params: { preset: { type: "choice", default: "tiny", options: ["tiny"], label: "Size" } } },
          ],
          transfers: [unit("scratch"), unit("sliding-kt"), unit("fine-tune")],
          backends: [unit("js"), unit("wasm")],
        }),
      train: (job) => this.#train(job),
      stop: () => {
        this.say({ kind: "checkpoint", epoch: 1, path: "last.ckpt", best: true }, { kind: "state", state: "stopped" }, "end");
        return Promise.resolve();
      },
    };
  }

  async *#train(job: TrainJob): AsyncGenerator<RunEvent> {
    this.jobs.push(job);
    for (;;) {
      const event = this.#queue.shift();
      if (event === undefined) await new Promise<void>((resolve) => (this.#wake = resolve));
      else if (event === "end") return;
      else yield event;
    }
  }
}
let conductor: Conductor;

const open = async (workspace = "ws", roots: readonly string[] = []): Promise<void> => {
  conductor = new Conductor();
  const own = conductor;
  host = createFakeHost(folder, { stream: fakeStream, compute: () => own.api() }, { roots });
  engine = await createEngine({ host, workspace: join(folder, workspace) });
  const [near, far] = portPair();
  serve(far, engine.api);
  api = connect<EngineApi>(near);
};
const reopen = async (): Promise<void> => {
  await engine.close();
  await open();
};

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "saccade-engine-"));
  await open();
});
afterEach(async () => {
  await engine.close();
  await rm(folder, { recursive: true, force: true });
});

const all = async <T>(feed: AsyncIterable<T>): Promise<T[]> => {
  const items: T[] = [];
  for await (const item of feed) items.push(item);
  return items;
};
const put = async (path: string): Promise<string> => {
  const file = join(folder, path);
  await mkdir(join(file, ".."), { recursive: true });
  await writeFile(file, "x");
  return file;
};
/** Two classes with so many labelled clips each. */
async function labelled(count: number): Promise<void> {
  await put("in/a.raw");
  const done = (await all(api.library.add([join(folder, "in")]))).at(-1);
  const [recordingId = ""] = done?.kind === "done" ? (done.ids ?? []) : [];
  for (const name of ["Rock", "Paper"]) {
    const { created } = await api.library.edit({ kind: "add-class", name });
    const edits = Array.from({ length: count }, (_, index) => ({
      kind: "add-segment" as const,
      segment: {
        recordingId,
        start: index * 1000,
        end: index * 1000 + 900,
        classId: created[0] ?? "",
        state: "labelled" as const,
      },
    }));
    await api.library.edit({ kind: "many", label: "Labelled", edits });
  }
}
const until = async (condition: () => Promise<boolean> | boolean): Promise<void> => {
  for (let tries = 0; !(await condition()); tries += 1) {
    if (tries > 400) throw new Error("it did not happen");
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
};
const stateOf = async (id: string): Promise<string | undefined> => (await api.runs.list()).find((run) => run.id === id)?.state;
const spec = { dataset: { name: "clips" }, epochs: 3 };

describe("workspace", () => {
  it("is a folder with a place for everything, open once", async () => {
    for (const name of ["recordings", "datasets", "runs", "models", "library.sqlite"])
      expect(existsSync(join(folder, "ws", name))).toBe(true);
    await expect(createEngine({ host, workspace: join(folder, "ws") })).rejects.toMatchObject({ code: "workspace-locked" });
    await engine.close();
    await open();
    expect((await api.workspace.info()).notices).toEqual([]);
  });

  it("can be exchanged for another, and the feeds follow", async () => {
    await labelled(1);
    const states = api.library.watch()[Symbol.asyncIterator]() as AsyncIterator<LibraryState, undefined>;
    const first = (await states.next()).value;
    await api.workspace.open(join(folder, "other"));
    expect((await states.next()).value?.revision).toBeGreaterThan(first?.revision ?? 0);
    expect((await api.library.facets()).clips).toBe(0);
    expect((await api.settings.get()).lastWorkspace).toBe(join(folder, "other"));
    await api.workspace.open(join(folder, "ws"));
    expect((await api.library.facets()).clips).toBe(3);
    await states.return?.(undefined);
  });

  it("stays open when the other one cannot be opened", async () => {
    await put("file");
    await expect(api.workspace.open(join(folder, "file"))).rejects.toMatchObject({ code: "exists" });
    expect((await api.workspace.info()).name).toBe("ws");
    expect((await api.library.edit({ kind: "add-class", name: "Rock" })).created).toHaveLength(1);
  });
});

describe("adding recordings", () => {
  it("walks folders, skips what is no recording, and tells what it could not read", async () => {
    await put("in/b.raw");
    await put("in/deep/made.raw");
    await put("in/deep/other.bin");
    await put("in/notes.txt");
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

  it("names the reason when the worker ends in the middle of a call", async () => {
    await engine.close();
    host = createFakeHost(folder, { stream: () => ({ inspect: () => new Promise(() => undefined) }) });
    engine = await createEngine({ host, workspace: join(folder, "ws") });
    const pending = engine.api.files.inspect("/x.raw");
    await until(() => host.workers.length > 0);
    await new Promise((resolve) => setTimeout(resolve, 20));
    host.last("stream").crash("it was ended by SIGKILL");
    await expect(pending).rejects.toThrow("The file worker ended in the middle of it: it was ended by SIGKILL");
  });
});

describe("runs", () => {
  const epoch = (number: number): RunEvent => ({
    kind: "epoch",
    phase: "training",
    epoch: number,
    epochs: 3,
    metrics: { trainLoss: 1, trainAccuracy: 0.5, validationAccuracy: number / 10 },
    secondsLeft: 9,
  });

  it("refuses what cannot work before anything is started", async () => {
    await labelled(5);
    await expect(api.runs.preview({ ...spec, epoch: 1 } as never)).rejects.toMatchObject({
      code: "bad-spec",
      hint: 'Did you mean "epochs"?',
    });
    await expect(api.runs.start({ dataset: { name: "nothing" } })).rejects.toMatchObject({ code: "not-found" });
    await expect(api.runs.start({ ...spec, neuron: "axon" })).rejects.toMatchObject({ code: "unknown-unit" });
    await expect(api.runs.start({ ...spec, source: { dataset: "clips" } })).rejects.toMatchObject({ code: "bad-spec" });
    await expect(api.runs.start({ ...spec, source: { model: "m" } })).rejects.toMatchObject({ code: "bad-spec" });
    await api.library.edit({ kind: "add-class", name: "Scissors" });
    await expect(api.runs.start(spec)).rejects.toMatchObject({ message: "No clip to train on for the class Scissors" });
    expect(await api.runs.list()).toEqual([]);
  });

  it("carries out one at a time, writes what happens, and replays it", async () => {
    await labelled(5);
    await Promise.all(["Rock", "Paper"].map((name) => put(`pictures/${name}.png`)));
    await api.datasets.add(join(folder, "pictures"), { name: "pictures" });
    expect(await api.runs.preview({ ...spec, source: { dataset: "pictures" } })).toMatchObject({
      classes: ["Rock", "Paper"],
      perClass: [
        { label: "Rock", train: 3, validation: 1, test: 1, source: 3 },
        { label: "Paper", train: 3, validation: 1, test: 1, source: 3 },
      ],
      spec: { transfer: { id: "sliding-kt" } },
    });
    const first = await api.runs.start(spec);
    const second = await api.runs.start({ ...spec, name: "second" });
    const live = all(api.runs.watch(first));
    await until(async () => (await stateOf(first)) === "running");
    expect(await stateOf(second)).toBe("queued");
    expect(conductor.jobs).toHaveLength(1);
    expect(conductor.jobs[0]).toMatchObject({ runId: first, resume: false, modelDir: join(folder, "ws", "models", first) });
    conductor.say(epoch(1), epoch(2), { kind: "state", state: "done", model: first, metrics: { testAccuracy: 0.9 } }, "end");
    const events = await live;
    expect(events.map((event) => (event.kind === "state" ? event.state : event.kind))).toEqual([
      "queued",
      "running",
      "epoch",
      "epoch",
      "done",
    ]);
    expect(events.at(-1)).toMatchObject({
      kind: "state",
      state: "done",
      run: first,
      model: first,
      metrics: { testAccuracy: 0.9 },
    });
    expect(await all(api.runs.watch(first, 2))).toEqual(events.slice(2));
    expect((await readFile(join(folder, "ws", "runs", first, "events.jsonl"), "utf8")).trim().split("\n")).toHaveLength(5);
    await until(async () => (await stateOf(second)) === "running");
    expect((await api.runs.list()).find(({ id }) => id === first)).toMatchObject({
      ...{ state: "done", epoch: 2, bestAccuracy: 0.2, testAccuracy: 0.9, classes: ["Rock", "Paper"], resumable: false },
    });
    const saved: unknown = JSON.parse(await readFile(join(folder, "ws", "runs", first, "run.json"), "utf8"));
    expect((await api.runs.preview(saved as typeof spec)).warnings).not.toContain(
      "The data set clips has changed since this run file was written.",
    );
    await api.runs.stop(second);
    expect(await stateOf(second)).toBe("stopped");
    await api.runs.remove(second);
    expect((await api.runs.list()).map(({ id }) => id)).toEqual([first]);
  });

  it("fails a run whose worker dies, and goes on from its checkpoint when asked", async () => {
    await labelled(5);
    const id = await api.runs.start(spec);
    const watched = all(api.runs.watch(id));
    await until(() => conductor.jobs.length === 1);
    conductor.say(epoch(1), { kind: "checkpoint", epoch: 1, path: "last.ckpt", best: true });
    await until(async () => (await api.runs.list())[0]?.epoch === 1);
    host.last("compute").crash("it was ended by SIGKILL");
    expect((await watched).at(-1)).toMatchObject({
      state: "failed",
      error: { message: "The compute worker ended in the middle of it: it was ended by SIGKILL" },
    });
    await until(async () => (await api.runs.list())[0]?.resumable === true);
    expect(await api.runs.resume(id)).toBe(id);
    await until(() => conductor.jobs.length === 2);
    expect(conductor.jobs[1]).toMatchObject({ runId: id, resume: true });
    conductor.say({ kind: "state", state: "done" }, "end");
    await until(async () => (await stateOf(id)) === "done");
    await expect(api.runs.resume(id)).rejects.toMatchObject({ code: "bad-argument" });
  });

  it("finds runs that an end of the application has cut off, and cuts off a torn line", async () => {
    await labelled(5);
    const id = await api.runs.start(spec);
    const queued = await api.runs.start(spec);
    await until(() => conductor.jobs.length === 1);
    // What a crash leaves behind: a run that says "running", one that says "queued", and half a line.
    const files = [id, queued].map((name) => join(folder, "ws", "runs", name, "events.jsonl"));
    const before = await Promise.all(files.map((file) => readFile(file, "utf8")));
    await engine.close();
    await Promise.all(files.map((file, index) => writeFile(file, before[index] ?? "")));
    await appendFile(files[0] ?? "", '{"kind":"step","pha');
    await open();
    const events = await all(api.runs.watch(id));
    expect(events.map((event) => (event.kind === "state" ? event.state : event.kind))).toEqual(["queued", "running", "stopped"]);
    expect(events.at(-1)).toMatchObject({ error: { message: "The application ended in the middle of the run" } });
    expect((await api.runs.list()).map(({ state, resumable }) => [state, resumable])).toEqual([
      ["stopped", true],
      ["stopped", true],
    ]);
    expect(conductor.jobs).toEqual([]); // nothing starts by itself
  });

  it("keeps the workspace while it computes, and stops keeping what it has when the application closes", async () => {
    await labelled(5);
    const id = await api.runs.start(spec);
    await until(() => conductor.jobs.length === 1);
    await expect(api.workspace.open(join(folder, "other"))).rejects.toMatchObject({ code: "busy" });
    await expect(api.runs.remove(id)).rejects.toMatchObject({ code: "busy" });
    await reopen();
    const events = await all(api.runs.watch(id));
    expect(events.slice(-2).map(({ kind }) => kind)).toEqual(["checkpoint", "state"]);
    expect(await stateOf(id)).toBe("stopped");
  });

  it("gives a run with another backend a process of its own", async () => {
    await labelled(5);
    const run = async (backend: string): Promise<void> => {
      const id = await api.runs.start({ ...spec, backend });
      const jobs = conductor.jobs.length;
      await until(() => conductor.jobs.length > jobs - 1 && conductor.jobs.at(-1)?.runId === id);
      conductor.say({ kind: "state", state: "done" }, "end");
      await until(async () => (await stateOf(id)) === "done");
    };
    await run("js");
    const first = host.last("compute");
    await run("js");
    expect(host.last("compute")).toBe(first);
    await run("wasm");
    expect(first.alive).toBe(false);
  });
});

describe("settings", () => {
  it("survive a restart, keep what they do not know, and refuse what makes no sense", async () => {
    await writeFile(
      join(folder, "data", "settings.json"),
      JSON.stringify({ version: 1, theme: "light", future: [1], tourStep: "x" }),
    );
    await reopen();
    expect(await api.settings.get()).toMatchObject({ theme: "light", tourStep: 0, future: [1] });
    await Promise.all([api.settings.set({ ui: { a: 1 } }), api.settings.set({ ui: { b: 2 } })]);
    await expect(api.settings.set({ theme: "pink" as never })).rejects.toMatchObject({ code: "bad-argument" });
    await reopen();
    expect(await api.settings.get()).toMatchObject({ theme: "light", future: [1], ui: { a: 1, b: 2 } });
  });

  it("start anew when the file is broken, and keep it", async () => {
    await writeFile(join(folder, "data", "settings.json"), "{");
    await reopen();
    expect((await api.workspace.info()).notices[0]).toMatch(/settings could not be read/);
    expect(existsSync(join(folder, "data", "settings.json.damaged"))).toBe(true);
  });
});

describe("files", () => {
  it("stay inside the roots of the host, links included", async () => {
    await put("allowed/a.raw");
    await put("allowed/sub/b.raw");
    await put("secret/c.raw");
    await symlink(join(folder, "secret"), join(folder, "allowed", "way-out"));
    await engine.close();
    await open("ws", [join(folder, "allowed")]);
    expect((await api.files.browse()).entries.map(({ path }) => path)).toEqual([join(folder, "allowed")]);
    const listing = await api.files.browse(join(folder, "allowed"));
    expect(listing.entries.map(({ name, directory }) => [name, directory])).toEqual([
      ["sub", true],
      ["way-out", true],
      ["a.raw", false],
    ]);
    expect(listing.parent).toBeUndefined();
    expect((await api.files.browse(join(folder, "allowed", "sub"))).parent).toBe(join(folder, "allowed"));
    const outside = [
      join(folder, "secret", "c.raw"),
      join(folder, "allowed", "..", "secret", "c.raw"),
      join(folder, "allowed", "way-out", "c.raw"),
      "/etc/passwd",
    ];
    for (const path of outside) {
      await expect(api.files.inspect(path)).rejects.toMatchObject({ code: "denied" });
      await expect(api.streams.open({ kind: "recording", path })).rejects.toMatchObject({ code: "denied" });
      await expect(all(api.library.add([path]))).rejects.toMatchObject({ code: "denied" });
      await expect(api.datasets.add(path, { name: "x" })).rejects.toMatchObject({ code: "denied" });
      await expect(
        all(api.files.convert({ input: join(folder, "allowed", "a.raw"), output: `${path}.out` })),
      ).rejects.toMatchObject({ code: "denied" });
    }
    await expect(api.files.browse(join(folder, "allowed", "way-out"))).rejects.toMatchObject({ code: "denied" });
    expect((await api.files.inspect(join(folder, "allowed", "a.raw"))).events).toBe(5);
    expect((await api.files.inspect(join(folder, "ws", "x.raw"))).events).toBe(5); // its own workspace
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

describe("about the machine", () => {
  it("answers what status bar and doctor show", async () => {
    const status = api.status()[Symbol.asyncIterator]() as AsyncIterator<SystemStatus, undefined>;
    const { value } = await status.next();
    expect(value?.memoryBytes).toBeGreaterThan(1e7);
    expect(value?.freeDiskBytes).toBeGreaterThan(0);
    await status.return?.(undefined);
    const report = await api.doctor();
    expect(report.workspace.path).toBe(join(folder, "ws"));
    expect(report.cameras).toHaveLength(1);
    expect(report.checks.find(({ name }) => name === "Compute worker")).toMatchObject({
      ok: false,
      detail: 'There is no method "probe"',
    });
    expect((await api.about()).host).toBe("test");
    expect(basename(report.workspace.path)).toBe("ws");
  });
});
