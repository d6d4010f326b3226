import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { Evaluation, ModelManifest, RunEvent, TrainJob } from "#shared/api/run.ts";
import { PICOJOULE_PER_AC, PICOJOULE_PER_MAC } from "#shared/api/energy.ts";
import { createCompute } from "./api.ts";
import { costOf } from "./evaluation.ts";
import { tinyJob } from "./testing/tiny-job.ts";

vi.setConfig({ testTimeout: 300_000 }); // two trainings, on a machine that may be busy

let folder: string;
let compute: ReturnType<typeof createCompute>;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "saccade-insight-"));
  compute = createCompute();
});
afterEach(async () => {
  await compute.close();
  await rm(folder, { recursive: true, force: true });
});

async function run(job: TrainJob): Promise<RunEvent[]> {
  const events: RunEvent[] = [];
  for await (const event of compute.api.train(job)) events.push(event);
  return events;
}
const read = async <T>(job: TrainJob, name: string): Promise<T> =>
  JSON.parse(await readFile(join(job.modelDir, name), "utf8")) as T;
const square = (matrix: readonly (readonly number[])[], size: number): boolean =>
  matrix.length === size && matrix.every((row) => row.length === size);

describe("a run with pictures", () => {
  it("records alignment by layer, probabilities and coefficients, of itself and of its control", async () => {
    const all = {
      transfer: { id: "sliding-kt" },
      control: true,
      epochs: 3,
      split: { test: 0.2, validation: 0.1, by: "sample" },
    } as const;
    const job = await tinyJob(folder, all);
    const events = await run({ ...job, test: [...job.test, ...job.validation] });
    const epochs = events.filter((event) => event.kind === "epoch");
    expect(epochs.map(({ phase }) => phase)).toEqual(["control", "control", "control", "training", "training", "training"]);
    for (const { alignment } of epochs) {
      // Six clips hold out too little to compare by; the training clips are there.
      expect(alignment).toMatchObject({ part: "training", pairs: 8 });
      expect(alignment?.biased).toHaveLength(alignment?.layers.length ?? -1);
      expect(alignment?.biased.some((value) => value > 0.01 && value <= 1)).toBe(true);
    }
    const probabilities = epochs.slice(3).map(({ metrics }) => metrics["replacementProbability"] ?? NaN);
    // Mean of (i / n)³ over the steps of each third: ¼·(k⁴ − (k − 1)⁴)/3³ for many steps.
    for (const [k, value] of probabilities.entries()) {
      expect(value).toBeCloseTo(((k + 1) ** 4 - k ** 4) / 4 / 27, 1);
    }
    expect(epochs.at(-1)?.metrics["coefficient3"]).toBeGreaterThan(0);

    const maps = events.filter((event) => event.kind === "alignment");
    expect(maps.map(({ phase }) => phase)).toEqual(["control", "training"]);
    for (const { map } of maps) {
      expect(map).toMatchObject({ part: "test", pairs: 8 });
      expect(square(map.between.debiased, map.layers.length)).toBe(true);
      expect(map.bySteps.biased.map(({ length }) => length)).toEqual(map.layers.map(() => 4));
    }
    const report = await read<Evaluation>(job, "report.json");
    expect(report.alignment).toEqual(maps[1]?.map);
    const { control, metrics } = await read<ModelManifest>(job, "model.json");
    expect(control?.accuracyByStep).toHaveLength(4);
    expect(control?.accuracyByStep?.at(-1)).toBe(metrics["controlAccuracy"]);
    expect(report.windowUs).toBeGreaterThan(95_000);
    expect(Object.keys(report.spikeRates ?? {})).toEqual(report.alignment?.layers);
    const spikes = report.spikesPerDecision / (4 * (report.neurons ?? NaN));
    expect(spikes).toBeGreaterThan(0);
    expect(spikes).toBeLessThan(1);
  });
});

describe("the cost of a decision", () => {
  const layers = { macs: { a: 100, b: 10, head: 1 }, reads: {} };
  it("counts spikes once, numbers in full, and the same network without spikes", () => {
    const cost = costOf(layers, { a: 0.5, b: 0.25 }, 4);
    expect(cost).toMatchObject({ inputOperations: 400, synapticOperations: 4 * (10 * 0.5 + 1 * 0.25), denseOperations: 444 });
    expect(cost.energyMicrojoule).toBeCloseTo((21 * PICOJOULE_PER_AC + 400 * PICOJOULE_PER_MAC) / 1e6, 12);
  });
});
