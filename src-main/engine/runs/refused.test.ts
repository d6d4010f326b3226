import { mkdir, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { beforeEach, describe, expect, it } from "vitest";
import type { RunSpecInput } from "#shared/api/run.ts";
import { api, conductor, engine, folder, open, useEngine } from "../testing/engine-bench.ts";
import { folderStream } from "../testing/folder-stream.ts";

/*
 * Data from which nothing honest can be learned is refused when a run is started, by name and with the remedy: no run comes into
 * being, and none is sent to be computed.
 */

useEngine();

beforeEach(async () => {
  await engine.close();
  await open("ws", [], folderStream);
});

/** Clips and pictures by class; names alone decide here, so the files are empty. */
async function sets(clips: Readonly<Record<string, number>>, pictures: Readonly<Record<string, number>> = {}): Promise<void> {
  const all = [
    ...Object.entries(clips).map(([label, count]) => ["events", label, "raw", count] as const),
    ...Object.entries(pictures).map(([label, count]) => ["pictures", label, "png", count] as const),
  ];
  for (const [set, label, suffix, count] of all) {
    for (let n = 0; n < count; n += 1) {
      const path = join(folder, set, label, `${String(n).padStart(3, "0")}.${suffix}`);
      await mkdir(dirname(path), { recursive: true });
      await writeFile(path, "");
    }
  }
  await api.datasets.add(join(folder, "events"), { name: "events" });
  if (Object.keys(pictures).length > 0) await api.datasets.add(join(folder, "pictures"), { name: "pictures" });
}
const plain = { dataset: { name: "events" }, transfer: "scratch", backend: "wasm" } satisfies RunSpecInput;
const withPictures = { ...plain, source: { dataset: "pictures" }, transfer: "sliding-kt" } satisfies RunSpecInput;

describe("a run that cannot be honest is refused before it starts", () => {
  it.each<[string, Readonly<Record<string, number>>, Readonly<Record<string, number>>, RunSpecInput, RegExp, RegExp]>([
    ["a class with one clip", { rock: 8, paper: 1 }, {}, plain, /class paper has one clip only/, /Label more clips/],
    ["one class", { rock: 8 }, {}, plain, /only 1 class/, /at least two/],
    [
      "a class all of whose clips are left out",
      { rock: 8, paper: 8 },
      {},
      { ...plain, labels: { without: "paper" } },
      /only 1 class/,
      /at least two/,
    ],
    ["a class without pictures", { rock: 8, paper: 8 }, { rock: 5 }, withPictures, /no pictures of paper/, /matched by name/],
    [
      "shares that leave nothing",
      { rock: 8, paper: 8 },
      {},
      { ...plain, split: { test: 0.8, validation: 0.3 } },
      /leave nothing to train on/,
      /below 1/,
    ],
  ])("%s", async (_, clips, pictures, spec, message, hint) => {
    await sets(clips, pictures);
    await expect(api.runs.start(spec)).rejects.toMatchObject({
      code: "bad-spec",
      message: expect.stringMatching(message) as string,
      hint: expect.stringMatching(hint) as string,
    });
    expect(await api.runs.list()).toEqual([]);
    expect(conductor.jobs).toEqual([]);
  });
});
