import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import type { ModelManifest, RunEvent, RunSpec, TrainJob } from "#shared/api/run.ts";
import { tensorCount } from "#main/tensor/memory.ts";
import { selectBackend } from "#main/units/backends/select.ts";
import { createCompute } from "./api.ts";
import { readModelFolder } from "./model-folder.ts";
import { tinyJob } from "./testing/tiny-job.ts";

/*
 * What every method promises beyond its own formulas: it learns, it can be estimated, stopped and continued to the same
 * weights, and leaves a model that needs nothing of what it was trained with.
 */

vi.setConfig({ testTimeout: 300_000 }); // several trainings, on a machine that may be busy

/** Methods with the units that a run file gets for them, each with another augmentation. */
const methods: readonly (readonly [id: string, Partial<RunSpec>])[] = [
  [
    "r2etl",
    {
      transfer: { id: "r2etl" },
      model: { id: "vgg-r2etl", params: { preset: "nano" } },
      neuron: { id: "lif-r2etl" },
      surrogate: { id: "triangle" },
      augmentations: [{ id: "event-drop" }],
    },
  ],
  ["time-step-mixup", { transfer: { id: "time-step-mixup" }, augmentations: [{ id: "event-mix" }, { id: "nda" }] }],
  [
    "tet",
    {
      transfer: { id: "tet" },
      model: { id: "vgg-snn", params: { preset: "nano", normalization: "tdbn" } },
      neuron: { id: "lif-r2etl" },
      surrogate: { id: "triangle" },
      augmentations: [{ id: "mixup", params: { probability: 0.5 } }],
    },
  ],
];

let folder: string;
let compute: ReturnType<typeof createCompute>;

beforeAll(async () => {
  await selectBackend("wasm");
});
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "saccade-methods-"));
  compute = createCompute();
});
afterEach(async () => {
  await compute.close();
  await rm(folder, { recursive: true, force: true });
});
afterAll(() => {
  expect(tensorCount()).toBe(0);
});

async function run(job: TrainJob, stopAfter?: number): Promise<RunEvent[]> {
  const events: RunEvent[] = [];
  for await (const event of compute.api.train(job)) {
    events.push(event);
    if (event.kind === "checkpoint" && event.epoch === stopAfter) void compute.api.stop();
  }
  return events;
}

const lossesOf = (events: readonly RunEvent[]): number[] =>
  events.flatMap((event) => (event.kind === "epoch" ? [event.metrics.trainLoss] : []));
const stateOf = (events: readonly RunEvent[]) => events.findLast((event) => event.kind === "state");

describe.each(methods)("the method %s", (id, over) => {
  it("learns, and leaves a model that reads events alone", async () => {
    const job = await tinyJob(folder, { ...over, epochs: 4 }, id);
    const end = stateOf(await run(job));
    expect(end).toMatchObject({ state: "done" });
    expect(end?.metrics?.["testAccuracy"]).toBeGreaterThanOrEqual(5 / 6); // one third is chance
    const manifest = JSON.parse(await readFile(join(job.modelDir, "model.json"), "utf8")) as ModelManifest;
    const chosen = (over.augmentations ?? []).map((augmentation) => augmentation.id);
    expect(manifest.spec.augmentations?.map((augmentation) => augmentation.id)).toEqual(chosen);
    expect(Object.keys(manifest.spec.augmentations?.[0]?.params ?? {}).length).toBeGreaterThan(0); // filled in
    const evaluation = await compute.api.evaluate(job.modelDir, "tiny", job.test, "wasm");
    expect(evaluation.accuracy).toBe(end?.metrics?.["testAccuracy"]);
  });

  it("goes on after a stop to the very same weights", async () => {
    const straight = await tinyJob(folder, { ...over, epochs: 2 }, `${id}-straight`);
    const whole = lossesOf(await run(straight));
    const halted = await tinyJob(folder, { ...over, epochs: 2 }, `${id}-halted`);
    const first = await run(halted, 1);
    expect(stateOf(first)).toMatchObject({ state: "stopped" });
    const rest = await run({ ...halted, resume: true });
    expect(stateOf(rest)).toMatchObject({ state: "done" });
    expect([...lossesOf(first), ...lossesOf(rest)]).toEqual(whole);
    const [a, b] = await Promise.all([readModelFolder(straight.modelDir), readModelFolder(halted.modelDir)]);
    expect(b.weights).toEqual(a.weights);
  });

  it("can be estimated before it starts", async () => {
    const job = await tinyJob(folder, { ...over, epochs: 10, control: true }, `${id}-estimate`);
    const estimate = await compute.api.estimate(job);
    expect(estimate.stepMs).toBeGreaterThan(0);
    expect(estimate.seconds).toBeCloseTo((250 * estimate.stepMs + (10 * 6 * estimate.stepMs) / 24) / 1000, 5);
    expect(estimate.controlSeconds).toBeGreaterThan(0);
    expect(estimate.memoryBytes).toBeGreaterThan(1e6);
    expect(estimate.parameters).toBeGreaterThan(1000);
  });
});

it("trains the control with the same network and variations, but one input layer", async () => {
  const [, r2etl] = methods[0]!;
  const job = await tinyJob(folder, { ...r2etl, epochs: 2, control: true }, "with-control");
  const events = await run(job);
  expect(stateOf(events)?.metrics?.["controlAccuracy"]).toBeGreaterThan(0.3);
  const { weights } = await readModelFolder(job.modelDir);
  expect([...weights.keys()].filter((name) => name.startsWith("encoder.static"))).not.toEqual([]);
});

it("makes an epoch of the pictures where the reference does", async () => {
  const [, r2etl] = methods[0]!;
  const transfer = { id: "r2etl", params: { mode: "reference" } };
  const job = await tinyJob(folder, { ...r2etl, transfer, epochs: 1, batchSize: 2 }, "reference");
  const source = Array.from({ length: 10 }, (_, copy) => job.source.map((one) => ({ ...one, id: `${one.id}, ${copy}` }))).flat();
  const events = await run({ ...job, source });
  const steps = events.find((event) => event.kind === "step")?.steps;
  expect(steps).toBe(60); // 120 pictures, two at a time; the clips alone would make 25
  const estimate = await compute.api.estimate({ ...job, source, validation: [] });
  expect(estimate.seconds).toBeCloseTo((60 * estimate.stepMs) / 1000, 5);
});

it("tells augmentations it does not know, and values they do not take", async () => {
  const ended = async (augmentations: RunSpec["augmentations"] & object) =>
    stateOf(await run(await tinyJob(folder, { augmentations }, "wrong")))?.error;
  expect(await ended([{ id: "blur" }])).toMatchObject({ code: "unknown-unit", message: /no augmentation called "blur"/ });
  expect(await ended([{ id: "nda", params: { rotation: 400 } }])).toMatchObject({
    code: "bad-parameter",
    message: /augmentation "nda": "rotation" is 400, expected a number from 0 to 180/,
  });
});
