import { mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { beforeEach, describe, expect, it } from "vitest";
import type { DatasetExport } from "#shared/api/engine-api.ts";
import { describeUnit } from "#shared/units/unit.ts";
import type { FakeStream } from "#main/hosts/testing/fake-host.ts";
import { codecs } from "#main/units/codecs/index.ts";
import { openRecording } from "#main/units/codecs/open-recording.ts";
import { rowsFrom } from "#main/units/codecs/testing/files.ts";
import { findDataset } from "#main/units/datasets/detect.ts";
import { packetOf, type EventRow } from "#main/units/encodings/testing/events.ts";
import { codecFor, convertRecording, newRecording } from "#main/workers/stream/convert.ts";
import { all, api, engine, folder, open, useEngine } from "../testing/engine-bench.ts";

useEngine();

/** A worker that walks folders and rewrites files as the real one does. */
const stream = (): FakeStream => ({
  findDataset,
  convert: (options) => convertRecording(options, new AbortController().signal),
  catalog: () =>
    Promise.resolve({
      ...{ encodings: [], drivers: [], filters: [], datasets: [], representations: [] },
      codecs: codecs.map((codec) => ({
        ...describeUnit(codec),
        ...{ extensions: codec.extensions, writes: codec.create !== undefined, holds: codec.holds ?? [] },
      })),
    }),
});
beforeEach(async () => {
  await engine.close();
  await open("ws", [], stream);
});

/** An event every millisecond from `start`; the column tells which. */
const rows = (start: number, count: number): readonly EventRow[] =>
  Array.from({ length: count }, (_, i): EventRow => [start + 1000 * i, i % 34, 7, i % 2]);

async function record(path: string, events: readonly EventRow[], id = "nmnist-bin"): Promise<void> {
  const file = join(folder, path);
  await mkdir(dirname(file), { recursive: true });
  const info = { sensor: { width: 34, height: 34 }, label: path };
  const made = await newRecording(file, codecFor(file, id), info, {});
  await made.sink.write(packetOf(events));
  await made.finish();
}
const eventsOf = async (path: string): Promise<readonly EventRow[]> => {
  const { recording } = await openRecording(join(folder, path));
  const found = await rowsFrom(recording.read({}));
  await recording.close();
  return found;
};
const filesOf = async (path: string): Promise<readonly string[]> => {
  const entries = await readdir(join(folder, path), { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile());
  return files.map(({ parentPath, name }) => join(parentPath, name).slice(join(folder, path).length + 1)).toSorted();
};
const done = (steps: readonly DatasetExport[]) => {
  const last = steps.at(-1);
  if (last?.kind !== "done") throw new Error("it did not end");
  return last;
};

describe("a data set written anew", () => {
  it("has each span as a file that begins at zero, in a tree that is found again", async () => {
    await record("in/train/anna.raw", rows(500_000, 100), "prophesee-raw");
    await writeFile(
      join(folder, "in/train/anna.csv"),
      "start,end,class,subject\n510000,520000,rock,anna\n530000,560000,a/b,anna\n",
    );
    await record("in/test/ben.raw", rows(0, 50), "prophesee-raw");
    await writeFile(join(folder, "in/test/ben.csv"), "start,end,class\n0,5000,rock\n5000,50000,a/b\n90000000,90000001,rock\n");
    await api.datasets.add(join(folder, "in"), { name: "takes" });
    const result = done(await all(api.datasets.export("takes", join(folder, "out"))));
    expect(result).toMatchObject({ files: 4, events: 10 + 30 + 5 + 45 });
    expect(result.warnings).toEqual([expect.stringMatching(/ben.raw#90000000-90000001 has no events/)]);
    expect(await filesOf("out")).toEqual([
      "labels.csv",
      "test/a_b/ben_0002.raw",
      "test/rock/ben_0001.raw",
      "train/a_b/anna/anna_0002.raw",
      "train/rock/anna/anna_0001.raw",
    ]);
    expect(await eventsOf("out/train/rock/anna/anna_0001.raw")).toEqual(
      rows(500_000, 100)
        .slice(10, 20)
        .map(([t, x, y, p]) => [t - 510_000, x, y, p]),
    );
    const [header, first] = (await readFile(join(folder, "out/labels.csv"), "utf8")).split("\n");
    expect(header).toBe("path,class,part,subject,number,source,start_us,end_us");
    expect(first).toBe(`test/rock/ben_0001.raw,rock,test,,,${join(folder, "in/test/ben.raw")},0,5000`);
    const again = await api.datasets.add(join(folder, "out"), { name: "again" });
    expect(again).toMatchObject({ layout: "folder-per-class", parts: { train: 2, test: 2 }, classes: ["a_b", "rock"] });
  });

  it("keeps the digits of N-MNIST, and the pictures to its recordings", async () => {
    for (const name of ["Train/3/00007", "Train/5/00002", "Test/3/00007"]) await record(`in/${name}.bin`, rows(0, 9));
    await api.datasets.add(join(folder, "in"), { name: "digits" });
    const before = (await api.datasets.samples({ name: "digits" })).samples.map(({ part, number }) => [part, number]);
    await all(api.datasets.export("digits", join(folder, "out"), { as: "n-mnist" }));
    expect(await filesOf("out")).toEqual(["Test/3/00007.bin", "Train/3/00007.bin", "Train/5/00002.bin", "labels.csv"]);
    await api.datasets.add(join(folder, "out"), { name: "again" });
    const after = (await api.datasets.samples({ name: "again" })).samples.map(({ part, number }) => [part, number]);
    expect(after).toEqual(before);
  });

  it("leaves broken recordings out and names them", async () => {
    await record("in/rock/1.bin", rows(0, 9));
    await record("in/paper/2.bin", rows(0, 9));
    await writeFile(join(folder, "in/paper/3.bin"), "x");
    await api.datasets.add(join(folder, "in"), { name: "some" });
    const result = done(await all(api.datasets.export("some", join(folder, "out"), { codec: "nmnist-bin" })));
    expect(result.files).toBe(2);
    expect(result.warnings.join()).toMatch(/3\.bin/);
    expect(await filesOf("out")).toEqual(["labels.csv", "paper/2.bin", "rock/1.bin"]);
  });
});

describe("an export that cannot be", () => {
  beforeEach(async () => {
    for (const label of "abcdefghijk") await record(`in/${label}/1.bin`, rows(0, 3));
    await api.datasets.add(join(folder, "in"), { name: "letters" });
  });
  const tried = (options: Parameters<typeof api.datasets.export>[2], to = "out"): Promise<unknown> =>
    all(api.datasets.export("letters", join(folder, to), options));

  it("overwrites nothing", async () => {
    await mkdir(join(folder, "out"));
    await writeFile(join(folder, "out", "mine.txt"), "mine");
    await expect(tried({})).rejects.toMatchObject({ code: "exists" });
    expect(await filesOf("out")).toEqual(["mine.txt"]);
    await mkdir(join(folder, "empty"));
    await tried({}, "empty");
    expect(await filesOf("empty")).toHaveLength(12);
  });

  it.each<[string, Parameters<typeof api.datasets.export>[2], string, RegExp]>([
    ["more classes than digits", { as: "n-mnist" }, "bad-argument", /one digit, and there are 11/],
    ["another format as N-MNIST", { as: "n-mnist", codec: "prophesee-raw" }, "bad-argument", /not as prophesee-raw/],
    ["a format that is none", { codec: "mp4" }, "unsupported", /mp4 is no format known here/],
  ])("refuses %s", async (_, options, code, message) => {
    await expect(tried(options)).rejects.toMatchObject({ code, message: expect.stringMatching(message) as string });
    expect((await readdir(folder)).filter((name) => name.startsWith("out"))).toEqual([]);
  });

  it("leaves nothing behind when it is broken off", async () => {
    for await (const step of api.datasets.export("letters", join(folder, "out"), {})) if (step.kind === "progress") break;
    await expect
      .poll(async () => (await readdir(folder)).filter((name) => name.startsWith("out")), { timeout: 5000 })
      .toEqual([]);
  });
});
