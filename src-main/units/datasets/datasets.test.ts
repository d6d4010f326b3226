import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { sharedData } from "#main/lib/testing/shared-data.ts";
import { folderPerClass } from "./folder-per-class.ts";
import { idxImages } from "./idx-images.ts";
import { imagesFolder } from "./images-folder.ts";
import { nMnist } from "./n-mnist.ts";
import { put, root, useTree, winner } from "./testing/tree.ts";
import { numberIn } from "./walk.ts";

const data = sharedData();
const pairs = data === undefined ? "" : join(data, "datasets", "nmnist-mnist-pairs");

useTree();
const idx = (magic: number, sizes: readonly number[], body: readonly number[]): Uint8Array => {
  const bytes = Buffer.alloc(4 + 4 * sizes.length + body.length);
  bytes.writeUInt32BE(magic, 0);
  for (const [index, size] of sizes.entries()) bytes.writeUInt32BE(size, 4 + 4 * index);
  bytes.set(body, 4 + 4 * sizes.length);
  return bytes;
};
describe("numbers in names", () => {
  it.each([
    ["image_0001.jpg", 1],
    ["Train/5/00042.bin", 42],
    ["take 3 of 7.raw", 7],
    ["rock.raw", undefined],
    ["clip.mp4", undefined],
  ])("%s", (name, expected) => expect(numberIn(name)).toBe(expected));
});

describe("n-mnist", () => {
  it("counts recordings from the picture they were filmed from", async () => {
    await put("Train/5/00001.bin");
    await put("Test/7/00001.bin");
    await put("Train/5/notes.txt");
    expect(await winner()).toBe("n-mnist");
    const found = await nMnist.read(root);
    expect(found.samples).toEqual([
      { path: "Test/7/00001.bin", label: "7", part: "test", number: 0 },
      { path: "Train/5/00001.bin", label: "5", part: "train", number: 0 },
    ]);
    expect(found.warnings[0]).toBe("Left out: 1 file without a recording.");
    expect(found.pairing).toEqual({ pictures: "MNIST", numbers: "part" });
  });

  it("says what it found instead", async () => {
    await put("a/b.txt");
    await expect(nMnist.read(root)).rejects.toMatchObject({
      code: "unknown-format",
      message: expect.stringContaining("1 other file") as string,
    });
  });
});

describe("folder-per-class", () => {
  it("takes parts above and subjects below the classes", async () => {
    await put("train/rock/anna/take_1.raw");
    await put("train/rock/take_2.raw");
    await put("test/paper/ben/take_9.raw");
    await put("test/empty/readme.md");
    expect(await winner()).toBe("folder-per-class");
    const found = await folderPerClass.read(root);
    expect(found.classes).toEqual(["paper", "rock"]);
    expect(found.samples).toEqual([
      { path: "test/paper/ben/take_9.raw", label: "paper", part: "test", subject: "ben", number: 9 },
      { path: "train/rock/anna/take_1.raw", label: "rock", part: "train", subject: "anna", number: 1 },
      { path: "train/rock/take_2.raw", label: "rock", part: "train", number: 2 },
    ]);
    expect(found.warnings.join(" ")).toMatch(/No recordings in empty.*None of 3 files tried can be read.*0 bytes/s);
  });

  it("refuses a folder without recordings", async () => {
    await put("rock/a.txt", "a note");
    await expect(folderPerClass.read(root)).rejects.toMatchObject({ code: "unknown-format" });
  });
});

describe("images-folder", () => {
  it("pairs by the number in the name", async () => {
    await put("wrench/image_0002.JPG");
    await put("wrench/image_0001.png");
    await put("cup/image_0001.jpeg");
    await put("cup/Thumbs.db");
    expect(await winner()).toBe("images-folder");
    const found = await imagesFolder.read(root);
    expect(found.samples).toEqual([
      { path: "cup/image_0001.jpeg", label: "cup", number: 1 },
      { path: "wrench/image_0001.png", label: "wrench", number: 1 },
      { path: "wrench/image_0002.JPG", label: "wrench", number: 2 },
    ]);
    expect(found.warnings).toEqual([]); // Thumbs.db is no loss
  });
});

describe("idx-images", () => {
  const images = (count: number, there = count): Uint8Array => idx(0x0803, [count, 2, 2], new Array<number>(4 * there).fill(9));

  it("reads both spellings of both parts", async () => {
    await put("train-images-idx3-ubyte", images(3));
    await put("train-labels-idx1-ubyte", idx(0x0801, [3], [4, 0, 4]));
    await put("t10k-images.idx3-ubyte", images(1));
    await put("t10k-labels.idx1-ubyte", idx(0x0801, [1], [10]));
    expect(await winner()).toBe("idx-images");
    const found = await idxImages.read(root);
    expect(found.classes).toEqual(["0", "4", "10"]);
    expect(found.samples[0]).toEqual({ path: "t10k-images.idx3-ubyte", index: 0, label: "10", part: "test", number: 0 });
    expect(found.samples.slice(1).map(({ label, number }) => [label, number])).toEqual([
      ["4", 0],
      ["0", 1],
      ["4", 2],
    ]);
  });

  it.each([
    ["pictures that are cut off", images(3, 2), idx(0x0801, [3], [1, 2, 3]), /holds 2 of 3 pictures/],
    ["fewer labels than pictures", images(3), idx(0x0801, [2], [1, 2]), /2 labels for 3 pictures/],
    ["labels that are no labels", images(1), idx(0x0803, [1], [1]), /00 00 08 01/],
    ["pictures that are no pictures", idx(0x0801, [3], []), idx(0x0801, [1], [1]), /is not an idx file/],
  ])("refuses %s", async (_, pictures, labels, message) => {
    await put("train-images.idx3-ubyte", pictures);
    await put("train-labels.idx1-ubyte", labels);
    await expect(idxImages.read(root)).rejects.toMatchObject({
      code: "damaged",
      message: expect.stringMatching(message) as string,
    });
  });

  it("names packed files as the reason", async () => {
    await put("train-images-idx3-ubyte.gz", "x");
    await expect(idxImages.read(root)).rejects.toThrow(/unpack them first/);
  });
});

describe.skipIf(data === undefined)("real N-MNIST and MNIST (skipped where the reference data are not at hand)", () => {
  it("finds every recording and the picture it was filmed from", async () => {
    const recordings = await nMnist.read(join(pairs, "nmnist"));
    const pictures = await idxImages.read(join(pairs, "mnist"));
    expect(recordings.samples).toHaveLength(1090);
    expect(pictures.samples).toHaveLength(1090);
    const labels = new Map(pictures.samples.map(({ part, number, label }) => [`${part} ${number}`, label]));
    for (const { part, number, label } of recordings.samples) expect(labels.get(`${part} ${number}`)).toBe(label);
  });
});
