import { symlink } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { findDataset } from "./detect.ts";
import { put, putAll, root, useTree } from "./testing/tree.ts";

useTree();

const digits = ["Train/0/00001.bin", "Train/1/00002.bin", "Test/0/00001.bin", "Test/1/00002.bin"];

describe("which layout a folder has", () => {
  it("is found in the only folder inside, with paths from the one that was chosen", async () => {
    await putAll(digits.map((path) => `download/N-MNIST/${path}`));
    const found = await findDataset(root, undefined);
    expect(found.layout).toBe("n-mnist");
    expect(found.samples[0]?.path).toBe("download/N-MNIST/Test/0/00001.bin");
    expect(found.warnings).toContain("Read from the folder download/N-MNIST in it.");
  });

  it("does not descend where the folder itself fits better", async () => {
    await putAll(["rock/anna/1.raw", "rock/anna/2.raw"]);
    const found = await findDataset(root, undefined);
    expect(found).toMatchObject({ layout: "folder-per-class", classes: ["rock"] });
    expect(found.samples[0]).toMatchObject({ path: "rock/anna/1.raw", subject: "anna" });
  });

  it("says when another one is as likely", async () => {
    await putAll(["rock/1.raw", "rock/1.png", "paper/1.raw", "paper/1.png"]);
    const found = await findDataset(root, undefined);
    expect(found.warnings[0]).toMatch(/^Read as .*; it could also be .*: name the layout (images-folder|folder-per-class)/);
  });

  it("is the one that is named, whatever else fits", async () => {
    await putAll(["rock/1.raw", "rock/1.png"]);
    expect(await findDataset(root, "images-folder")).toMatchObject({ kind: "images" });
    await expect(findDataset(root, "n-mnist")).rejects.toMatchObject({ code: "unknown-format" });
    await expect(findDataset(root, "nmist")).rejects.toMatchObject({ code: "unknown-unit" });
  });

  it("is not made up of several data sets side by side", async () => {
    await putAll([...digits.map((path) => `nmnist/${path}`), "mnist/train-images-idx3-ubyte", "own/rock/1.raw"]);
    await expect(findDataset(root, undefined)).rejects.toMatchObject({
      message: expect.stringMatching(/holds data sets and is none itself/) as string,
      hint: "Choose one of the folders in it: mnist (Pictures in idx files (MNIST)), nmnist (N-MNIST).",
    });
    expect(await findDataset(join(root, "own"), undefined)).toMatchObject({ layout: "folder-per-class" });
    await put("none/readme.md");
    await expect(findDataset(join(root, "none"), undefined)).rejects.toMatchObject({
      code: "unknown-format",
      hint: expect.stringMatching(/^Known: /) as string,
    });
  });

  it("keeps a part that lies alone", async () => {
    await putAll(["Train/0/00001.bin", "Train/1/00002.bin"]);
    const found = await findDataset(root, undefined);
    expect(found.samples.map(({ part }) => part)).toEqual(["train", "train"]);
    expect(found.warnings).toContain("The parts Train and Test are not both there.");
  });

  it("names what is no folder", async () => {
    await put("a.raw", "x");
    await expect(findDataset(join(root, "a.raw"), undefined)).rejects.toMatchObject({ code: "bad-argument" });
    await expect(findDataset(join(root, "nothing"), undefined)).rejects.toMatchObject({ code: "not-found" });
  });
});

describe("what does not belong to a data set", () => {
  it("is passed over: leftovers of systems, hidden files, links", async () => {
    await putAll(digits);
    await putAll([".DS_Store", "Train/.DS_Store", "Train/0/._00001.bin", "Train/1/Thumbs.db", "__MACOSX/Train/0/00009.bin"]);
    await put("Train/1/desktop.ini");
    await symlink(join(root, "Train", "0"), join(root, "Train", "7"));
    await symlink(join(root, "Train", "0", "00001.bin"), join(root, "Train", "0", "00003.bin"));
    const found = await findDataset(root, undefined);
    expect(found.samples.map(({ path }) => path)).toEqual(digits.toSorted());
    expect(found.classes).toEqual(["0", "1"]);
  });
});
