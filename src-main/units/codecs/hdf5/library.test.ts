import { describe, expect, test } from "vitest";
import type { ByteSource } from "#main/lib/files.ts";
import { sourceOf } from "#main/lib/files.ts";
import { seeded } from "#main/lib/testing/random.ts";
import { memorySink } from "../testing/files.ts";
import { mutate } from "../testing/mutate.ts";
import { readBlock, treeOf } from "./library.ts";
import { libraryFile } from "./testing/library-files.ts";
import { Hdf5Writer } from "./writer.ts";

const numbers = Uint32Array.from({ length: 5000 }, (_, i) => 7 * i);
const sound = (): Promise<Uint8Array> =>
  libraryFile((file) => {
    const group = file.create_group("a");
    group.create_dataset({ name: "numbers", data: numbers, chunks: [500], compression: "gzip" });
    file.create_attribute("text", "Grüße");
  });

describe("the HDF5 library in its thread", () => {
  test("describes a file and reads a part of a data set", async () => {
    const file = sourceOf(await sound(), "x.h5");
    const { datasets, attributes } = await treeOf(file);
    expect(datasets).toMatchObject([{ path: "/a/numbers", shape: [5000], kind: "u4", chunk: [500], filters: [{ id: 1 }] }]);
    expect(attributes[""]).toEqual({ text: "Grüße" });
    const block = await readBlock(file, "/a/numbers", [1200], [3]);
    expect([...new Uint32Array(block.buffer)]).toEqual([8400, 8407, 8414]);
  });

  test("damaged files are refused or read, and a sound one is read after each of them", async () => {
    const bytes = await sound();
    const random = seeded(77);
    const healthy = sourceOf(bytes, "sound.h5");
    let refused = 0;
    for (let i = 0; i < 60; i += 1) {
      const file = sourceOf(mutate(random, bytes, bytes), "broken.h5");
      try {
        const { datasets } = await treeOf(file);
        for (const { path, shape } of datasets.slice(0, 4))
          await readBlock(
            file,
            path,
            shape.map(() => 0),
            shape.map((n) => Math.min(n, 1000)),
          );
      } catch (error) {
        expect(error).toMatchObject({ name: "AppError" });
        refused += 1;
      }
      const block = await readBlock(healthy, "/a/numbers", [i], [1]);
      expect(new Uint32Array(block.buffer)[0]).toBe(7 * i);
    }
    expect(refused).toBeGreaterThan(5);
  });

  test("a filter that is not at hand is named", async () => {
    const sink = memorySink();
    const writer = await Hdf5Writer.create(sink);
    const list = writer.list("x", { bytes: 4, signed: false }, 4, [{ id: 32_017, name: "", optional: false, values: [] }]);
    await list.addStored(new Uint8Array(16), 4);
    await writer.finish();
    await expect(readBlock(sourceOf(sink.bytes(), "sz.h5"), "/x", [0], [4])).rejects.toMatchObject({
      code: "unsupported",
      message: "sz.h5 cannot be read: the HDF5 filter SZ (32017) is not at hand",
    });
  });

  test("a file that cannot be read any more fails, and the next one is read", async () => {
    const bytes = await sound();
    const failing: ByteSource = { ...sourceOf(bytes, "gone.h5"), read: () => Promise.reject(new Error("gone")) };
    await expect(readBlock(failing, "/a/numbers", [0], [1])).rejects.toMatchObject({ code: "damaged" });
    expect((await readBlock(sourceOf(bytes), "/a/numbers", [0], [1])).length).toBe(4);
  });

  test("a part of a large data set costs a part of its bytes", async () => {
    const sink = memorySink();
    const writer = await Hdf5Writer.create(sink);
    const list = writer.list("x", { bytes: 4, signed: false }, 65_536, []);
    const chunk = new Uint32Array(65_536);
    for (let i = 0; i < 40; i += 1) await list.add(new Uint8Array(chunk.fill(i).buffer), 65_536);
    await writer.finish();
    const source = sourceOf(sink.bytes(), "large.h5");
    let read = 0;
    const counted: ByteSource = {
      ...source,
      read: async (offset, length, into) => {
        const bytes = await source.read(offset, length, into);
        read += bytes.length;
        return bytes;
      },
    };
    const block = await readBlock(counted, "/x", [30 * 65_536], [65_536]);
    expect(new Uint32Array(block.buffer)[5]).toBe(30);
    expect(read).toBeLessThan(source.size / 10);
  });
});

test("what the writer makes is what the library reads, over several levels of the tree", async () => {
  const sink = memorySink();
  const writer = await Hdf5Writer.create(sink);
  const list = writer.list("group/x", { bytes: 2, signed: true }, 8);
  const rows = 8 * 64 * 64 + 8 * 70 + 3; // more chunks than two levels of nodes hold
  for (let at = 0; at < rows; at += 8) {
    const count = Math.min(8, rows - at);
    await list.add(new Uint8Array(Int16Array.from({ length: count }, (_, i) => (at + i) % 30_000).buffer), count);
  }
  writer.scalar("alone", { bytes: 8, signed: true }, -5n);
  writer.attribute("", "name", "text");
  writer.attribute("group/x", "unit", "µs");
  await writer.finish();
  const file = sourceOf(sink.bytes(), "tree.h5");
  const { datasets, attributes } = await treeOf(file);
  expect(datasets.map(({ path, shape, kind }) => [path, shape, kind])).toEqual([
    ["/alone", [], "i8"],
    ["/group/x", [rows], "i2"],
  ]);
  expect(attributes[""]).toEqual({ name: "text" });
  const all = new Int16Array((await readBlock(file, "/group/x", [0], [rows])).buffer);
  expect(all.every((value, i) => value === i % 30_000)).toBe(true);
  expect(new BigInt64Array((await readBlock(file, "/alone", [], [])).buffer)).toEqual(BigInt64Array.of(-5n));
});
