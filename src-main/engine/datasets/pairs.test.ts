import { mkdir, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { describe, expect, it } from "vitest";
import type { JobSample } from "#shared/api/run.ts";
import { CIFAR_RECORD } from "#main/units/datasets/cifar10/records.ts";
import { api, conductor, engine, folder, open, until, useEngine } from "../testing/engine-bench.ts";
import { folderStream } from "../testing/folder-stream.ts";

/*
 * Event data sets and the pictures they were filmed from, from the folders to the lists a training gets: no picture may be
 * learned from whose recording is held out, and no other picture may be lost. Names alone decide, so the files are empty.
 */

useEngine();

const put = async (path: string, bytes: Uint8Array | string = ""): Promise<void> => {
  await mkdir(dirname(join(folder, path)), { recursive: true });
  await writeFile(join(folder, path), bytes);
};
const range = (count: number): readonly number[] => Array.from({ length: count }, (_, index) => index);
const padded = (number: number, digits = 4): string => String(number).padStart(digits, "0");

/** Pictures of two digits in turn, and their labels. */
async function putIdx(part: string, count: number): Promise<void> {
  const head = (...numbers: number[]): Buffer => {
    const bytes = Buffer.alloc(4 * numbers.length);
    for (const [index, number] of numbers.entries()) bytes.writeUInt32BE(number, 4 * index);
    return bytes;
  };
  await put(`pictures/${part}-images-idx3-ubyte`, Buffer.concat([head(0x0803, count, 1, 1), Buffer.alloc(count)]));
  const labels = Buffer.from(range(count).map((n) => n % 2));
  await put(`pictures/${part}-labels-idx1-ubyte`, Buffer.concat([head(0x0801, count), labels]));
}

/** A batch of airplanes and automobiles in turn. */
const batch = (count: number): Uint8Array =>
  Buffer.concat(range(count).map((n) => Buffer.concat([Buffer.from([n % 2]), Buffer.alloc(CIFAR_RECORD - 1)])));

type Pair = {
  readonly name: string;
  readonly events: string;
  readonly pictures: string;
  readonly put: () => Promise<void>;
  /** The ids of the pictures that a recording was, or may have been, filmed from: told by the names of the files. */
  readonly originalsOf: (recording: JobSample) => readonly string[];
  readonly layout?: string;
  readonly warns?: RegExp;
};

const pairs: readonly Pair[] = [
  {
    ...{ name: "N-MNIST and MNIST", events: "n-mnist", pictures: "idx-images" },
    put: async () => {
      for (const n of range(20)) await put(`events/Train/${n % 2}/${padded(n + 1, 5)}.bin`);
      for (const n of range(8)) await put(`events/Test/${n % 2}/${padded(n + 1, 5)}.bin`);
      await putIdx("train", 20);
      await putIdx("t10k", 8);
    },
    originalsOf: ({ id }) => {
      const number = Number(/(\d+)\.bin$/.exec(id)?.[1]) - 1;
      return [`${id.startsWith("Train") ? "train" : "t10k"}-images-idx3-ubyte#${number}`];
    },
  },
  {
    ...{ name: "N-Caltech101 and Caltech101", events: "n-caltech101", pictures: "caltech101" },
    put: async () => {
      for (const label of ["Faces_easy", "accordion"]) {
        for (const n of range(10)) await put(`events/Caltech101/${label}/image_${padded(n + 1)}.bin`);
        for (const n of range(12)) await put(`pictures/101_ObjectCategories/${label}/image_${padded(n + 1)}.jpg`);
      }
    },
    originalsOf: ({ id }) => [id.replace("Caltech101", "101_ObjectCategories").replace(".bin", ".jpg")],
  },
  {
    ...{ name: "CIFAR10-DVS and CIFAR-10", events: "cifar10-dvs", pictures: "cifar-10" },
    put: async () => {
      for (const label of ["airplane", "automobile"]) {
        for (const n of range(10)) await put(`events/${label}/cifar10_${label}_${n}.aedat`);
      }
      await put("pictures/data_batch_1.bin", batch(20));
      await put("pictures/data_batch_2.bin", batch(10));
      await put("pictures/test_batch.bin", batch(20));
    },
    // Number k may be the k-th of its class in either part; both batches show the two classes in turn.
    originalsOf: ({ id }) => {
      const [, label, number] = /cifar10_(\w+)_(\d+)\.aedat$/.exec(id) ?? [];
      const index = 2 * Number(number) + (label === "automobile" ? 1 : 0);
      return [`data_batch_1.bin#${index}`, `test_batch.bin#${index}`];
    },
    warns: /Which picture of pictures each recording shows has not been published/,
  },
  {
    ...{ name: "N-Omniglot and Omniglot", events: "n-omniglot", pictures: "omniglot" },
    put: async () => {
      const table = [",start,end", ...range(20).map((n) => `${n},${n * 100},${n * 100 + 50}`)].join("\n");
      for (const character of ["character01", "character02"]) {
        await put(`events/dvs_background/Greek/${character}/0001.aedat4`);
        await put(`events/dvs_background/Greek/${character}/0001.csv`, table);
        for (const n of range(20)) await put(`pictures/images_background/Greek/${character}/0001_${padded(n + 1, 2)}.png`);
      }
    },
    originalsOf: ({ id }) => {
      const [, character, start] = /(character\d+)\/0001\.aedat4#(\d+)-/.exec(id) ?? [];
      return [`images_background/Greek/${character}/0001_${padded(Number(start) / 100 + 1, 2)}.png`];
    },
  },
  {
    ...{ name: "CEP-DVS and its pictures", events: "cep-dvs", pictures: "cep-dvs-images", layout: "cep-dvs-images" },
    put: async () => {
      const table = ["path", ...range(40).map((n) => `${n} a b c ${n % 2 === 0 ? "fish" : "trees"} x.jpg`)].join("\n");
      for (const side of ["events", "pictures"]) await put(`${side}/pathFile.csv`, table);
      for (const n of range(40)) await put(`events/data/MAT/img/${n}.mat`);
      for (const n of range(40)) await put(`pictures/data/img/${n}.jpg`);
    },
    originalsOf: ({ id }) => [id.replace("MAT/", "").replace(".mat", ".jpg")],
  },
];

describe("originals of held-out recordings are kept from training", () => {
  it.each(pairs)("$name", async ({ put: make, events, pictures, originalsOf, layout, warns }) => {
    await make();
    await engine.close();
    await open("ws", [], folderStream);
    expect((await api.datasets.add(join(folder, "events"), { name: "events" })).layout).toBe(events);
    const chosen = layout === undefined ? {} : { layout };
    const source = await api.datasets.add(join(folder, "pictures"), { name: "pictures", ...chosen });
    expect(source.layout).toBe(pictures);
    const everything = (await api.datasets.samples({ name: "pictures" })).samples.map(({ id }) => id);

    await api.runs.start({
      ...{ dataset: { name: "events" }, source: { dataset: "pictures" }, transfer: "sliding-kt", representation: "event-frame" },
      ...{ split: { by: "layout", validation: 0.2 }, backend: "wasm" },
    });
    await until(() => conductor.jobs.length === 1);
    const [job] = conductor.jobs;
    const held = [...(job?.test ?? []), ...(job?.validation ?? [])];
    expect(held.length).toBeGreaterThan(1);
    const forbidden = new Set(held.flatMap(originalsOf));
    for (const id of forbidden) expect(everything).toContain(id);
    const used = job?.source.map(({ id }) => id) ?? [];
    expect(used.toSorted()).toEqual(everything.filter((id) => !forbidden.has(id)).toSorted());
    expect(job?.excludedSource).toBe(forbidden.size);
    if (warns !== undefined) expect(job?.warnings.join(" ")).toMatch(warns);
    conductor.say({ kind: "state", state: "done" }, "end");
  });
});
