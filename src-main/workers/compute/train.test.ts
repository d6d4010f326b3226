import { existsSync } from "node:fs";
import { mkdtemp, readFile, rm, truncate, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import type { ModelManifest, RunEvent, TrainJob } from "#shared/api/run.ts";
import { tensorCount } from "#main/tensor/memory.ts";
import { tf } from "#main/tensor/tf.ts";
import { selectBackend } from "#main/units/backends/select.ts";
import { createCompute } from "./api.ts";
import { readClip } from "./clip.ts";
import { readModelFolder } from "./model-folder.ts";
import { recipeOf, type Recipe } from "./spec.ts";
import { tinyJob } from "./testing/tiny-job.ts";
import { train } from "./train.ts";

vi.setConfig({ testTimeout: 300_000 }); // several trainings, on a machine that may be busy

let folder: string;
let compute: ReturnType<typeof createCompute>;

beforeAll(async () => {
  await selectBackend("wasm");
});
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "saccade-train-"));
  compute = createCompute();
});
afterEach(async () => {
  await compute.close();
  await rm(folder, { recursive: true, force: true });
});
afterAll(() => {
  expect(tensorCount()).toBe(0);
});

async function run(job: TrainJob): Promise<RunEvent[]> {
  const events: RunEvent[] = [];
  for await (const event of compute.api.train(job)) events.push(event);
  return events;
}

const endOf = (events: readonly RunEvent[]): Extract<RunEvent, { kind: "state" }> => {
  const end = events.at(-1);
  if (end?.kind !== "state") throw new Error(`the last event is ${JSON.stringify(end)}`);
  return end;
};
const epochsOf = (events: readonly RunEvent[]) => events.filter((event) => event.kind === "epoch");
const manifestOf = async (job: TrainJob): Promise<ModelManifest> =>
  JSON.parse(await readFile(join(job.modelDir, "model.json"), "utf8")) as ModelManifest;

describe("a run", () => {
  it("learns three sweeps from scratch and leaves a model that evaluates and answers the same", async () => {
    const job = await tinyJob(folder, { epochs: 6 });
    const events = await run(job);
    const end = endOf(events);
    expect(end).toMatchObject({ state: "done", run: "run", model: "run" });
    expect(events[0]).toMatchObject({ kind: "state", state: "running" });
    expect(events.find(({ kind }) => kind === "backend")).toMatchObject({ id: "wasm" });
    expect(events.find(({ kind }) => kind === "data")).toMatchObject({ train: 12, validation: 6, test: 6, warnings: [] });
    expect(epochsOf(events)).toHaveLength(6);
    expect(end.metrics?.["testAccuracy"]).toBeGreaterThanOrEqual(5 / 6);

    const manifest = await manifestOf(job);
    expect(manifest.spec.representation.params).toMatchObject({ steps: 4, size: 16 });
    expect(manifest).toMatchObject({ sensor: { width: 34, height: 34 }, classes: job.classes });
    expect(manifest.windowUs).toBeGreaterThan(95_000);
    const evaluation = await compute.api.evaluate(job.modelDir, "tiny", job.test, "wasm");
    expect(evaluation.accuracy).toBe(end.metrics?.["testAccuracy"]);
    expect(evaluation.accuracyByStep).toHaveLength(4);
    expect(evaluation.accuracyByStep[3]).toBe(evaluation.accuracy);
    expect(evaluation.confusion.flat().reduce((sum, count) => sum + count)).toBe(job.test.length);

    const { session, input } = await compute.api.load(job.modelDir, "wasm");
    expect(input).toEqual([4, 16, 16, 2]);
    const recipe = recipeOf(manifest.spec);
    for (const [index, sample] of job.test.entries()) {
      const { values } = await readClip(sample, recipe);
      const { scores } = await compute.api.predict(session, values);
      expect(scores.indexOf(Math.max(...scores))).toBe(evaluation.answers[index]?.answer);
      expect(Math.max(...scores)).toBeCloseTo(evaluation.answers[index]?.score ?? 0, 4);
    }
    await expect(compute.api.predict(session, new Float32Array(3))).rejects.toMatchObject({ code: "bad-argument" });
    await compute.api.unload(session);
    await expect(compute.api.predict(session, new Float32Array(2048))).rejects.toMatchObject({ code: "not-found" });
  });

  it("repeats itself: same seed, same losses; another seed, others", async () => {
    const job = await tinyJob(folder, { epochs: 1 });
    const losses = async (name: string, seed: number) => {
      const spec = { ...job.spec, seed };
      const events = await run({ ...job, spec, runDir: join(folder, name), modelDir: join(folder, "models", name) });
      return epochsOf(events).map(({ metrics }) => metrics.trainLoss);
    };
    const first = await losses("a", 1);
    expect(await losses("b", 1)).toEqual(first);
    expect(await losses("c", 2)).not.toEqual(first);
  });

  it("trains every transfer, with the control first, and reports both accuracies", async () => {
    for (const id of ["fine-tune", "sliding-kt"]) {
      const job = await tinyJob(folder, { epochs: 2, transfer: { id }, control: true }, id);
      const events = await run(job);
      expect(endOf(events).state).toBe("done");
      const phases = epochsOf(events).map(({ phase }) => phase);
      expect(phases).toEqual(
        id === "fine-tune" ? ["control", "control", "pretraining", "training"] : ["control", "control", "training", "training"],
      );
      const manifest = await manifestOf(job);
      expect(manifest.control?.perClass).toHaveLength(3);
      expect(endOf(events).metrics?.["controlAccuracy"]).toBe(manifest.control?.testAccuracy);
      if (id === "sliding-kt") {
        const metrics = epochsOf(events).at(-1)?.metrics;
        expect(metrics?.["replaced"]).toBeGreaterThan(0.3); // P³ over the second half of two epochs: 0.47
        expect(metrics?.["cka"]).toBeGreaterThan(0);
        expect(metrics?.["coefficient0"]).toBeCloseTo(0.73, 1);
      }
    }
  });

  it("goes on without samples that cannot be read, and says which", async () => {
    const job = await tinyJob(folder, { epochs: 1 });
    const [broken, missing] = job.train;
    await truncate(broken?.path ?? "", 0);
    await rm(missing?.path ?? "");
    const events = await run(job);
    expect(endOf(events).state).toBe("done");
    const data = events.find(({ kind }) => kind === "data");
    expect(data).toMatchObject({ train: 10 });
    expect(JSON.stringify(data)).toContain(broken?.id);
    expect(JSON.stringify(data)).toContain(missing?.id);
  });

  it("refuses a source without pictures of a class, by name", async () => {
    const job = await tinyJob(folder, { transfer: { id: "sliding-kt" } });
    const source = job.source.filter(({ label }) => label !== "down");
    expect(endOf(await run({ ...job, source })).error).toMatchObject({ code: "bad-spec", message: /down/ });
    expect(endOf(await run({ ...job, source: [] })).error).toMatchObject({ code: "bad-spec" });
  });

  it("stops after the current step and keeps what it has", async () => {
    const job = await tinyJob(folder, { epochs: 500 });
    const events: RunEvent[] = [];
    for await (const event of compute.api.train(job)) {
      events.push(event);
      if (event.kind === "checkpoint" && event.epoch === 2) void compute.api.stop();
    }
    expect(endOf(events)).toMatchObject({ state: "stopped", model: "run" });
    expect(epochsOf(events).length).toBeLessThan(10);
    expect(existsSync(join(job.modelDir, "weights.bin"))).toBe(true);
  });

  it("answers windows while it trains, and one run at a time", async () => {
    const first = await tinyJob(folder, { epochs: 1 });
    await run(first);
    const { session } = await compute.api.load(first.modelDir, "wasm");
    const job = await tinyJob(folder, { epochs: 500 }, "second");
    let answered = 0;
    for await (const event of compute.api.train(job)) {
      if (event.kind !== "step") continue;
      await expect(compute.api.train(first)[Symbol.asyncIterator]().next()).rejects.toMatchObject({ code: "busy" });
      const { scores } = await compute.api.predict(session, new Float32Array(2048));
      expect(scores.reduce((sum, score) => sum + score)).toBeCloseTo(1, 5);
      answered += 1;
      if (answered === 3) await compute.api.stop();
    }
    expect(answered).toBeGreaterThanOrEqual(3);
    await compute.api.unload(session);
  });

  /** A run whose loss is no number from that epoch on. */
  async function poisonedFrom(epoch: number): Promise<{ readonly job: TrainJob; readonly events: RunEvent[] }> {
    const job = await tinyJob(folder, { epochs: 4 }, `poisoned-${epoch}`);
    const recipe = recipeOf(job.spec);
    const { transfer } = recipe;
    const poisoned: Recipe = {
      ...recipe,
      transfer: {
        ...transfer,
        plan: (context) => {
          const plan = transfer.plan(context);
          return {
            ...plan,
            loss: (batch, at) => {
              const { loss, logits } = plan.loss(batch, at);
              return { loss: at.epoch === epoch ? tf.mul(loss, Number.NaN) : loss, logits };
            },
          };
        },
      },
    };
    const events: RunEvent[] = [];
    await train(job, { emit: (event) => events.push(event), stopping: () => false }, poisoned);
    return { job, events };
  }

  it("fails on a loss that is no number, names the epoch and keeps the best before", async () => {
    const { job, events } = await poisonedFrom(2);
    expect(endOf(events)).toMatchObject({ state: "failed", model: "poisoned-2" });
    expect(endOf(events).error).toMatchObject({ code: "training-failed", message: /epoch 3 of 4/, hint: /learning rate/ });
    expect((await manifestOf(job)).metrics["bestEpoch"]).toBeLessThanOrEqual(2);
    for (const value of (await readModelFolder(job.modelDir)).weights.get("block1.conv")?.data ?? [Number.NaN]) {
      expect(Number.isFinite(value)).toBe(true);
    }
    const last = events.findLast((event) => event.kind === "checkpoint");
    expect(last?.epoch).toBe(2);
    expect(existsSync(last?.path ?? "")).toBe(true); // of the epoch before
  });

  it("leaves no model when the loss is no number from the beginning", async () => {
    const { job, events } = await poisonedFrom(0);
    expect(endOf(events)).toMatchObject({ state: "failed", error: { code: "training-failed", message: /epoch 1 of 4/ } });
    expect(endOf(events)).not.toHaveProperty("model");
    expect(existsSync(job.modelDir)).toBe(false);
  });

  it("refuses a class of which no clip can be read, by name", async () => {
    const job = await tinyJob(folder, { epochs: 1 }, "unreadable");
    for (const { path } of job.train.filter(({ label }) => label === "down")) await truncate(path, 0);
    expect(endOf(await run(job)).error).toMatchObject({ code: "empty", message: /No training clip is left of: down/ });
    expect(existsSync(job.modelDir)).toBe(false);
  });

  it("goes on from a trained model, and refuses one that is not there", async () => {
    const first = await tinyJob(folder, { epochs: 3 });
    await run(first);
    const spec = { transfer: { id: "fine-tune", params: { freshHead: false } }, epochs: 1 };
    const job = { ...(await tinyJob(folder, spec, "tuned")), source: [], initialModelDir: first.modelDir };
    const events = await run(job);
    expect(endOf(events).state).toBe("done");
    expect(epochsOf(events)[0]?.metrics.trainLoss).toBeLessThan(0.8); // ln 3 = 1.1 is where it would begin
    const lost = await run({ ...job, initialModelDir: join(folder, "nowhere") });
    expect(endOf(lost).error).toMatchObject({ code: "not-found" });
  });
});

describe("an estimate", () => {
  it("times two batches and writes nothing", async () => {
    const job = await tinyJob(folder, { epochs: 10, transfer: { id: "sliding-kt" }, control: true });
    const estimate = await compute.api.estimate(job);
    expect(estimate).toMatchObject({ backend: "wasm", warnings: [] });
    expect(estimate.stepMs).toBeGreaterThan(0);
    expect(estimate.seconds).toBeCloseTo((250 * estimate.stepMs) / 1000, 0);
    expect(estimate.controlSeconds).toBeGreaterThan(0);
    expect(estimate.controlSeconds).toBeLessThan(estimate.seconds);
    expect(estimate.memoryBytes).toBeGreaterThan(1e6);
    expect(existsSync(job.runDir)).toBe(false);
    expect(existsSync(job.cacheDir)).toBe(false);
  });
});

describe("a model folder", () => {
  it("that is damaged is refused by name", async () => {
    const job = await tinyJob(folder, { epochs: 1 });
    await run(job);
    await truncate(join(job.modelDir, "weights.bin"), 100);
    await expect(compute.api.load(job.modelDir, "wasm")).rejects.toMatchObject({ code: "damaged", message: /weights\.bin/ });
    await writeFile(join(job.modelDir, "model.json"), "{");
    await expect(compute.api.load(job.modelDir, "wasm")).rejects.toMatchObject({ code: "damaged", message: /model\.json/ });
    await rm(job.modelDir, { recursive: true });
    await expect(compute.api.load(job.modelDir, "wasm")).rejects.toMatchObject({ code: "not-found" });
  });
});
