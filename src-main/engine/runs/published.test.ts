import { mkdir, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { beforeEach, describe, expect, it } from "vitest";
import type { RunSpecInput, TrainJob } from "#shared/api/run.ts";
import { api, conductor, engine, folder, open, until, useEngine } from "../testing/engine-bench.ts";
import { folderStream } from "../testing/folder-stream.ts";

/*
 * What published runs do with their data, beside what is honest: which clips and pictures they use, and what chooses the epoch.
 * Names alone decide, so the files are empty.
 */

useEngine();

const labels = ["BACKGROUND_Google", "accordion", "yin_yang"];

beforeEach(async () => {
  const put = async (path: string): Promise<void> => {
    await mkdir(dirname(join(folder, path)), { recursive: true });
    await writeFile(join(folder, path), "");
  };
  for (const label of labels) {
    for (let n = 1; n <= 20; n += 1) {
      const name = `image_${String(n).padStart(4, "0")}`;
      await put(`events/Caltech101/${label}/${name}.bin`);
      await put(`pictures/101_ObjectCategories/${label}/${name}.jpg`);
    }
  }
  await engine.close();
  await open("ws", [], folderStream);
  await api.datasets.add(join(folder, "events"), { name: "events" });
  await api.datasets.add(join(folder, "pictures"), { name: "pictures" });
});

async function jobOf(over: Partial<RunSpecInput>): Promise<TrainJob> {
  await api.runs.start({
    ...{ dataset: { name: "events" }, source: { dataset: "pictures" }, transfer: "sliding-kt", representation: "event-frame" },
    ...{ split: { by: "layout", validation: 0.2 }, backend: "wasm" },
    ...over,
  });
  await until(() => conductor.jobs.length === 1);
  const [job] = conductor.jobs;
  if (job === undefined) throw new Error("no job came");
  conductor.say({ kind: "state", state: "done" }, "end");
  return job;
}
const idsOf = (samples: TrainJob["train"]): readonly string[] => samples.map(({ id }) => id);
const numbersOf = (samples: TrainJob["train"], label: string): readonly number[] =>
  samples.flatMap((sample) => (sample.label === label ? [sample.number ?? 0] : []));
const upTo = (count: number): readonly number[] => Array.from({ length: count }, (_, n) => n + 1);

describe("what published runs do with their data", () => {
  it("lets the test clips choose the epoch: nothing else is held out, and the run says so", async () => {
    const job = await jobOf({ split: { by: "layout", validation: 0.2, select: "test" } });
    expect(numbersOf(job.train, "accordion")).toEqual(upTo(18)); // the first nine tenths, none given away
    expect(numbersOf(job.test, "accordion")).toEqual([19, 20]);
    expect(job.validation).toEqual(job.test);
    expect(job.warnings.join(" ")).toMatch(/test clips choose the epoch.*better than it would be on new clips/);
    expect(job.spec.split).toMatchObject({ select: "test" });
  });

  it("keeps originals of held-out clips among the pictures, and the run says so", async () => {
    const job = await jobOf({ source: { dataset: "pictures", originals: "kept" } });
    expect(job.source).toHaveLength(60);
    expect(job.excludedSource).toBe(0);
    expect(job.warnings.join(" ")).toMatch(/\d+ pictures of pictures .* are learned from, as in published code/);
  });

  it("leaves classes out on both sides", async () => {
    const job = await jobOf({ labels: { without: "BACKGROUND_Google" } });
    expect(job.classes).toEqual(["accordion", "yin_yang"]);
    const all = [...job.train, ...job.validation, ...job.test, ...job.source];
    for (const { label, classIndex } of all) expect(job.classes[classIndex]).toBe(label);
    expect(new Set(all.map(({ label }) => label))).toEqual(new Set(job.classes));
  });

  it("refuses to leave out a class that is not there", async () => {
    await expect(jobOf({ labels: { without: "accordion, bagpipe" } })).rejects.toMatchObject({
      code: "bad-spec",
      message: /no class bagpipe/,
    });
  });

  it.each([
    ["random", "random" as const],
    ["the first ones", "first" as const],
  ])("uses a share of the clips and of the pictures, %s", async (_, choose) => {
    const chosen = { share: 0.5, pictures: 0.25, choose };
    const job = await jobOf({ split: { by: "layout", validation: 0, select: "test" }, labels: chosen });
    for (const label of labels) {
      const clips = numbersOf(job.train, label);
      const pictures = numbersOf(job.source, label);
      expect(clips).toHaveLength(9);
      expect(pictures).toHaveLength(5); // a quarter of the 18 whose recordings are not held out
      if (choose === "first") expect([clips, pictures]).toEqual([upTo(9), upTo(5)]);
      else expect(clips).not.toEqual(upTo(9));
    }
    expect(numbersOf(job.test, "accordion")).toEqual([19, 20]);
    expect(idsOf(job.train)).toEqual(idsOf(job.train).toSorted());
  });
});
