import { mkdir, mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import type { RunCatalog } from "#shared/api/run-spec.ts";
import type { RunEvent, TrainJob } from "#shared/api/run.ts";
import { describeUnit } from "#shared/units/unit.ts";
import { createDatasets, type Datasets } from "#main/engine/datasets/datasets.ts";
import { placesOf } from "#main/engine/runs/folder.ts";
import { planRun, type RunPlan } from "#main/engine/runs/plan.ts";
import { assetsDir } from "#main/lib/paths.ts";
import { augmentations } from "#main/units/augmentations/index.ts";
import { backends } from "#main/units/backends/index.ts";
import { selectBackend } from "#main/units/backends/select.ts";
import { findDataset } from "#main/units/datasets/detect.ts";
import { filters } from "#main/units/filters/index.ts";
import { models } from "#main/units/models/index.ts";
import { neurons } from "#main/units/neurons/index.ts";
import { representations } from "#main/units/representations/index.ts";
import { surrogates } from "#main/units/surrogates/index.ts";
import { transfers } from "#main/units/transfers/index.ts";
import { recipeOf } from "#main/workers/compute/spec.ts";
import { train } from "#main/workers/compute/train.ts";
import { expandSweep, type SweepRun } from "./expand.ts";
import { parseSweep, type SweepFile } from "./sweep-file.ts";
import { writeTinySets } from "./testing/tiny-sets.ts";

/*
 * The files with which a lab reruns published tables: every run of every file can be planned, and one of each kind is carried
 * out, on small data sets of our own in the folders and formats of the public ones.
 */

vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 });

const experiments = join(assetsDir, "experiments");
const names = (await readdir(experiments)).filter((name) => /^(he|zhan|xie)-.*\.json$/.test(name)).toSorted();
const fileOf = async (name: string): Promise<SweepFile> =>
  parseSweep(JSON.parse(await readFile(join(experiments, name), "utf8")) as unknown);

const catalog: RunCatalog = {
  filters: filters.map(describeUnit),
  representations: representations.map(describeUnit),
  models: models.map(describeUnit),
  neurons: neurons.map(describeUnit),
  surrogates: surrogates.map(describeUnit),
  transfers: transfers.map(describeUnit),
  augmentations: augmentations.map(describeUnit),
  backends: backends.map(describeUnit),
};

let folder: string;
let datasets: Datasets;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "saccade-published-"));
  await writeTinySets(folder);
  await mkdir(join(folder, "ws", "datasets"), { recursive: true });
  // The labelled clips of the workspace, which nobody asks for, are all that the library is needed for.
  datasets = createDatasets({ workspace: join(folder, "ws"), library: undefined as never, readOnly: false, find: findDataset });
  const added = new Set<string>();
  for (const name of names) {
    for (const { name: set, folder: path, layout } of (await fileOf(name)).datasets) {
      if (added.has(set)) continue;
      added.add(set);
      await datasets.add(join(folder, path), { name: set, ...(layout !== undefined && { layout }) });
    }
  }
});
afterAll(async () => {
  await rm(folder, { recursive: true, force: true });
});

const planOf = (run: SweepRun): Promise<RunPlan> =>
  planRun(run.spec, { workspace: join(folder, "ws"), datasets, catalog: () => Promise.resolve(catalog) });

/** One run of each cell: the others differ in their seeds. */
function runsOf(file: SweepFile): readonly SweepRun[] {
  const first = new Set(file.parts.map(({ seeds }) => seeds[0]));
  return expandSweep(file).filter(({ seed }) => first.has(seed));
}

it("there is a file for each table of the three methods", () => {
  expect(names).toEqual(
    [
      ...["he-cep-dvs", "he-cifar10-dvs", "he-n-caltech101-shares", "he-n-caltech101", "he-n-mnist", "he-n-omniglot"].toSorted(),
      ...["xie-cep-dvs", "xie-n-caltech101", "xie-n-omniglot"],
      ...["zhan-cifar10-dvs", "zhan-n-caltech101", "zhan-n-mnist"],
    ]
      .map((name) => `${name}.json`)
      .toSorted(),
  );
});

describe.each(names)("%s", (name) => {
  it("can be carried out: every run has data, units and parameters that exist", async () => {
    const file = await fileOf(name);
    expect(`${file.name}.json`).toBe(name);
    for (const run of runsOf(file)) {
      const plan = await planOf(run);
      const { input, spec } = recipeOf(plan.spec, { width: 128, height: 128 });
      expect(spec.model.params?.["preset"]).toBe("paper");
      expect(input.slice(1, 3)).toEqual(Array(2).fill(spec.representation.params?.["size"]));
      expect(plan.train.length).toBeGreaterThan(0);
      const test = new Set(plan.test.map(({ id }) => id));
      expect(plan.train.filter(({ id }) => test.has(id))).toEqual([]);
      const [part] = run.cells;
      const clean = file.parts.find(({ id }) => id === part?.part)?.set["split.select"] !== "test";
      if (clean) expect(plan.validation.filter(({ id }) => test.has(id))).toEqual([]);
      else expect(plan.validation).toEqual(plan.test);
      if (clean) expect(plan.spec.source?.originals).toBeUndefined();
    }
  });

  it("starts: one of its runs, with a small network", async () => {
    const file = await fileOf(name);
    const chosen =
      runsOf(file).findLast(({ spec }) => JSON.stringify(spec["transfer"]).includes("reference")) ?? runsOf(file).at(-1);
    if (chosen === undefined) throw new Error("it has no runs");
    const spec = structuredClone(chosen.spec) as Record<string, Record<string, Record<string, unknown>>>;
    delete spec["representation"]?.["params"]?.["size"]; // follow the network
    delete spec["representation"]?.["params"]?.["steps"];
    const model = spec["model"]?.["params"] ?? {};
    model["preset"] = "nano";
    const plan = await planOf({ ...chosen, spec: { ...spec, epochs: 1, batchSize: 4, backend: "wasm" } });
    await selectBackend("wasm");
    const job: TrainJob = { ...plan, runId: name, ...placesOf(join(folder, "ws"), join(folder, "cache"), name), resume: false };
    const events: RunEvent[] = [];
    await train(job, { emit: (event) => events.push(event), stopping: () => false });
    const end = events.findLast((event) => event.kind === "state");
    expect(end?.error).toBeUndefined();
    expect(end).toMatchObject({ state: "done", model: name });
    expect(events.find((event) => event.kind === "data")).toMatchObject({ train: plan.train.length, source: plan.source.length });
  });
});
