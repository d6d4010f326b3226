import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach } from "vitest";
import type { ComputeApi } from "#shared/api/compute-api.ts";
import type { EngineApi } from "#shared/api/engine-api.ts";
import { AppError } from "#shared/api/errors.ts";
import type { RunEvent, TrainJob } from "#shared/api/run.ts";
import type { RecordingInspection } from "#shared/api/stream-api.ts";
import { connect, serve, type Remote } from "#shared/channel/channel.ts";
import { portPair } from "#shared/channel/port.ts";
import type { UnitDescriptor } from "#shared/units/unit.ts";
import { createFakeHost, type FakeHost, type FakeStream } from "#main/hosts/testing/fake-host.ts";
import { createEngine, type Engine } from "../engine.ts";

/** What the tests of the engine share: an engine of their own for each test, on a host whose workers they conduct. */
export let folder: string;
export let host: FakeHost;
export let engine: Engine;
export let api: Remote<EngineApi>;

const unit = (id: string): UnitDescriptor => ({ id, label: id, summary: id, params: {} });
const inspection = (path: string): RecordingInspection => ({
  path,
  codec: "prophesee-raw",
  encoding: "evt3",
  bytes: 10,
  sensor: { width: 320, height: 320 },
  range: { start: 0, end: 2_100_000 },
  ...{ events: 5, on: 3, off: 2, first: [], last: [], triggers: 0, monotonic: true, damage: [], dropped: {} },
  ...{ stepsBack: { count: 0, largestUs: 0 }, others: {}, guesses: [] },
  rateHz: { mean: 1, peak: 2 },
  orientation: { flipX: false, flipY: false, swapXY: false, invertP: false },
  metadata: path.includes("made") ? { generated: "true" } : {},
});

/** A worker that "reads" every file whose name ends in .raw and records by writing one. */
export function fakeStream(): FakeStream {
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
    settle: (path) => Promise.resolve(path),
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
          augmentations: [],
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
/** The compute worker of the engine that was opened last. */
export let conductor: Conductor;

/** Opens an engine on a workspace of that name. */
export const open = async (workspace = "ws", roots: readonly string[] = [], stream = fakeStream): Promise<void> => {
  conductor = new Conductor();
  const own = conductor;
  host = createFakeHost(folder, { stream, compute: () => own.api() }, { roots });
  engine = await createEngine({ host, workspace: join(folder, workspace) });
  const [near, far] = portPair();
  serve(far, engine.api);
  api = connect<EngineApi>(near);
};
/** The application is closed and started again. */
export const reopen = async (): Promise<void> => {
  await engine.close();
  await open();
};

/** Gives every test of the file an engine on an empty folder. */
export function useEngine(): void {
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), "saccade-engine-"));
    await open();
  });
  afterEach(async () => {
    await engine.close();
    await rm(folder, { recursive: true, force: true });
  });
}

/** Everything a feed brings. */
export const all = async <T>(feed: AsyncIterable<T>): Promise<T[]> => {
  const items: T[] = [];
  for await (const item of feed) items.push(item);
  return items;
};
/** A file with something in it; answers its path. */
export const put = async (path: string): Promise<string> => {
  const file = join(folder, path);
  await mkdir(join(file, ".."), { recursive: true });
  await writeFile(file, "x");
  return file;
};
/** Two classes with so many labelled clips each. */
export async function labelled(count: number): Promise<void> {
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
/** Waits for what happens in its own time. */
export const until = async (condition: () => Promise<boolean> | boolean): Promise<void> => {
  for (let tries = 0; !(await condition()); tries += 1) {
    if (tries > 1500) throw new Error("it did not happen");
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
};
/** What a run is doing. */
export const stateOf = async (id: string): Promise<string | undefined> =>
  (await api.runs.list()).find((run) => run.id === id)?.state;
/** A run without any wishes. */
export const spec = { dataset: { name: "clips" }, epochs: 3 };
