import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { PictureReader } from "#main/workers/compute/pictures.ts";
import { readPicture } from "#main/workers/stream/picture.ts";
import { put, root, useTree, winner } from "../testing/tree.ts";
import { cifar10 } from "./cifar10.ts";
import { CIFAR_RECORD } from "./records.ts";

useTree();

/** A record whose planes hold a value each, and one pixel that differs: column 3 of row 2. */
const record = (label: number, red: number, green: number, blue: number): Uint8Array => {
  const bytes = new Uint8Array(CIFAR_RECORD).fill(red);
  bytes[0] = label;
  bytes.fill(green, 1 + 1024).fill(blue, 1 + 2048);
  bytes[1 + 2 * 32 + 3] = 200;
  return bytes;
};

describe("cifar-10", () => {
  it("numbers pictures within class and part, over batches", async () => {
    await put("cifar-10-batches-bin/data_batch_1.bin", Buffer.concat([record(9, 1, 2, 3), record(0, 4, 5, 6)]));
    await put("cifar-10-batches-bin/data_batch_2.bin", record(9, 7, 8, 9));
    await put("cifar-10-batches-bin/test_batch.bin", record(9, 10, 11, 12));
    await put("cifar-10-batches-bin/readme.html", "x");
    expect(await winner()).toBe("cifar-10");
    const found = await cifar10.read(root);
    expect(found.classes).toEqual(["airplane", "truck"]);
    expect(found.samples.map(({ path, index, label, part, number }) => [path.slice(21), index, label, part, number])).toEqual([
      ["data_batch_1.bin", 0, "truck", "train", 0],
      ["data_batch_1.bin", 1, "airplane", "train", 0],
      ["data_batch_2.bin", 0, "truck", "train", 1],
      ["test_batch.bin", 0, "truck", "test", 0],
    ]);
    expect(found.warnings.join(" ")).toMatch(/Not there: data_batch_3.bin.*test part has nothing of airplane/s);
  });

  it("is read in color by the training and by the window alike", async () => {
    await put("data_batch_1.bin", Buffer.concat([record(9, 1, 2, 3), record(0, 40, 50, 60)]));
    const path = join(root, "data_batch_1.bin");
    const sample = { id: "a", path, index: 1, label: "airplane", classIndex: 0 };
    const { planes, width, height } = await new PictureReader().read(sample);
    expect([width, height]).toEqual([32, 32]);
    expect([planes[0], planes[1024], planes[2048], planes[2 * 32 + 3]]).toEqual(
      [40, 50, 60, 200].map((v) => Math.fround(v / 255)),
    );
    const { rgba } = await readPicture(path, 1, 32);
    expect([...rgba.subarray(0, 4)]).toEqual([40, 50, 60, 255]);
    expect(rgba[4 * (2 * 32 + 3)]).toBe(200);
    await expect(readPicture(path, 2, 32)).rejects.toMatchObject({ code: "damaged" });
    await expect(new PictureReader().read({ ...sample, index: 2 })).rejects.toMatchObject({ code: "damaged" });
  });

  it("refuses pickles and names the version to use", async () => {
    await put("data_batch_1", await readFile(new URL(import.meta.url)));
    await put("batches.meta", "x");
    expect(await winner()).toBe("cifar-10");
    await expect(cifar10.read(root)).rejects.toMatchObject({
      code: "unsupported",
      hint: expect.stringMatching(/binary version: cifar-10-binary.tar.gz/) as string,
    });
  });

  it.each([
    ["a batch that is cut off", record(1, 0, 0, 0).subarray(1), /no whole number of records/],
    ["a class that does not exist", record(10, 0, 0, 0), /record 0 has the class 10/],
  ])("refuses %s", async (_, bytes, message) => {
    await put("data_batch_1.bin", bytes);
    await expect(cifar10.read(root)).rejects.toMatchObject({
      code: "damaged",
      message: expect.stringMatching(message) as string,
    });
  });
});
