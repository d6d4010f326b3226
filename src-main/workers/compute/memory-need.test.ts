import { existsSync } from "node:fs";
import { chmod, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import { toAppError } from "#shared/api/errors.ts";
import type { RunEvent, RunSpec, TrainJob } from "#shared/api/run.ts";
import { deviceMemory, tensorCount } from "#main/tensor/memory.ts";
import { tf } from "#main/tensor/tf.ts";
import { selectBackend } from "#main/units/backends/select.ts";
import { freeOnCard, limits, type MemoryLimits } from "./memory-limits.ts";
import { checkMemory, jobNeed, namedOutOfMemory } from "./memory-need.ts";
import { recipeOf, type Recipe } from "./spec.ts";
import { tinyJob } from "./testing/tiny-job.ts";
import { train } from "./train.ts";

vi.setConfig({ testTimeout: 120_000 }); // some trainings, on a machine that may be busy

let folder: string;
beforeAll(async () => {
  await selectBackend("wasm");
});
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "saccade-memory-"));
});
afterEach(async () => {
  await rm(folder, { recursive: true, force: true });
});
afterAll(() => {
  expect(tensorCount()).toBe(0);
});

const plenty: MemoryLimits = { deviceBytes: 1e12, deviceName: "the card", processBytes: 1e12, shared: false };
const refusal = async (job: TrainJob, room: MemoryLimits) => {
  try {
    await checkMemory(job, recipeOf(job.spec), room);
  } catch (error) {
    const { code, message, hint } = toAppError(error);
    return { code, message, hint };
  }
  return undefined;
};
const jobOf = (over: Partial<RunSpec>): Promise<TrainJob> => tinyJob(folder, over);
const sized = (preset: string, batchSize: number): Partial<RunSpec> => ({
  model: { id: "vgg-snn", params: { preset } },
  batchSize,
});

describe("what does not fit is refused before it begins", () => {
  it("with half the batch that fits, as often halved as needed", async () => {
    const job = await jobOf(sized("tiny", 64));
    const { device } = jobNeed(job, recipeOf(job.spec));
    expect(await refusal(job, { ...plenty, deviceBytes: 2 * device })).toBeUndefined();
    const found = await refusal(job, { ...plenty, deviceBytes: 0.35 * device });
    expect(found).toMatchObject({ code: "too-large", message: /^A step of this training takes about .* and the card has / });
    expect(found?.hint).toMatch(/^Set batchSize to 16: that takes about /);
    const again = { ...job, spec: { ...job.spec, batchSize: 16 } };
    expect(await refusal(again, { ...plenty, deviceBytes: 0.35 * device })).toBeUndefined();
  });

  it("with a smaller network where no batch would do", async () => {
    const job = await jobOf(sized("paper", 8));
    const { device } = jobNeed(await jobOf(sized("tiny", 8)), recipeOf((await jobOf(sized("tiny", 8))).spec));
    const found = await refusal(job, { ...plenty, deviceBytes: 1.2 * device });
    expect(found?.hint).toMatch(/^Choose the network size tiny /);
  });

  it("with fewer clips where the clips alone are too many", async () => {
    const job = await jobOf(sized("nano", 4));
    const [clip] = job.train;
    const many = { ...job, train: Array.from({ length: 100_000 }, () => clip!) };
    const found = await refusal(many, { ...plenty, processBytes: 10e6 });
    expect(found).toMatchObject({ code: "too-large", message: /takes about 0.82 GB of memory, and 0.01 GB are free/ });
    expect(found?.hint).toMatch(/^Use fewer clips: labels.perClass \d+/);
  });

  it("and leaves neither model nor checkpoint", async () => {
    const job = await jobOf({ ...sized("paper", 4096) });
    const events: RunEvent[] = [];
    await train(job, { emit: (event) => events.push(event), stopping: () => false });
    expect(events).toHaveLength(1);
    expect(events[0]).toMatchObject({ kind: "state", state: "failed", error: { code: "too-large", hint: /batchSize|network/ } });
    expect(existsSync(job.runDir)).toBe(false);
    expect(existsSync(job.modelDir)).toBe(false);
  });
});

describe("the estimate of memory", () => {
  it.each([
    ["scratch", "tiny", 32],
    ["sliding-kt", "nano", 32],
  ] as const)("is within a factor of two of what %s takes (%s, %i clips)", async (id, preset, batchSize) => {
    const job = await jobOf({ ...sized(preset, batchSize), transfer: { id }, epochs: 1 });
    const before = deviceMemory().heapBytes;
    const need = jobNeed(job, recipeOf(job.spec)).device;
    await train(job, { emit: () => undefined, stopping: () => false });
    const heap = deviceMemory().heapBytes;
    // The heap never shrinks: what earlier tests have left is used first.
    expect(need).toBeGreaterThan((heap - before) / 2);
    if (heap > before) expect(need).toBeLessThan(2 * heap);
  });
});

describe("the room there is", () => {
  it("is a heap of 4 GB in the memory of the process on WebAssembly", async () => {
    const room = await limits();
    expect(room).toMatchObject({ deviceBytes: 2 ** 32, shared: true });
    expect(room.processBytes).toBeGreaterThan(1e6);
  });

  it.skipIf(process.platform === "win32")("is what the driver's tool says of a card, and unknown without one", async () => {
    const tool = join(folder, "tool");
    await writeFile(tool, "#!/bin/sh\necho 1024\necho ' 81000'\n");
    await chmod(tool, 0o755);
    expect(await freeOnCard(tool)).toBe(81_000 * 2 ** 20);
    expect(await freeOnCard(join(folder, "none"))).toBeUndefined();
    await writeFile(tool, "#!/bin/sh\necho No devices were found\n");
    expect(await freeOnCard(tool)).toBeUndefined();
  });
});

describe("a training that runs out of memory", () => {
  it.each([
    ["memory access out of bounds"],
    ["Array buffer allocation failed"],
    ["OOM when allocating tensor with shape[120,48,48,64]"],
    ["Out of memory: GPUDevice lost"],
  ])("is told so: %s", (text) => {
    expect(namedOutOfMemory(new Error(text))).toMatchObject({ code: "out-of-memory", hint: /smaller batchSize/ });
  });

  it("and nothing else is", () => {
    const other = new Error("the room is full");
    expect(namedOutOfMemory(other)).toBe(other);
  });

  it("keeps its checkpoint, and goes on from it", async () => {
    const job = await jobOf({ epochs: 3 });
    const recipe = recipeOf(job.spec);
    const { transfer } = recipe;
    const starved: Recipe = {
      ...recipe,
      transfer: {
        ...transfer,
        plan: (context) => {
          const plan = transfer.plan(context);
          return {
            ...plan,
            loss: (batch, at) => {
              if (at.epoch === 2) throw new RangeError("Array buffer allocation failed");
              return plan.loss(batch, at);
            },
          };
        },
      },
    };
    const events: RunEvent[] = [];
    const hooks = { emit: (event: RunEvent) => events.push(event), stopping: () => false };
    await train(job, hooks, starved);
    expect(events.at(-1)).toMatchObject({ state: "failed", error: { code: "out-of-memory", hint: /checkpoints are kept/ } });
    expect(existsSync(events.findLast((event) => event.kind === "checkpoint")?.path ?? "")).toBe(true);
    await train({ ...job, resume: true }, hooks, recipe);
    expect(events.at(-1)).toMatchObject({ state: "done" });
    const epochs = events.flatMap((event) => (event.kind === "epoch" ? [event.epoch] : []));
    expect(epochs).toEqual([1, 2, 3]);
    tf.disposeVariables(); // of the step that was broken off
  });
});
