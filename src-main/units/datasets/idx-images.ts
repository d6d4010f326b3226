import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { AppError } from "#shared/api/errors.ts";
import type { FoundSample } from "#shared/api/stream-api.ts";
import { fileError, openFile } from "#main/lib/files.ts";
import type { DatasetLayout } from "./layout.ts";
import { foundPictures } from "./pictures.ts";
import { countOf, filesIn, notLikeThis } from "./walk.ts";

/*
 * The files of MNIST and its kin: pictures in one, labels in another. Big-endian: two zero bytes, the type (0x08 is u8),
 * the number of dimensions, each size as u32, then the data (Y. LeCun, C. Cortes, C. Burges, "The MNIST database").
 */
const IMAGES = /^(train|t10k|test)-images[.-]idx3-ubyte$/;
const GZIPPED = /^(train|t10k|test)-(images|labels)[.-]idx[13]-ubyte\.gz$/;
const IMAGES_MAGIC = 0x0803;
const LABELS_MAGIC = 0x0801;

const damaged = (path: string, why: string): AppError =>
  new AppError("damaged", `${path} is not an idx file: ${why}`, { hint: "Copy or download it again." });

/** Number of pictures in a file, and whether they are all there. */
async function countImages(path: string): Promise<number> {
  const file = await openFile(path);
  try {
    const head = Buffer.from(await file.read(0, 16, new Uint8Array(16)));
    if (head.length < 16 || head.readUInt32BE(0) !== IMAGES_MAGIC) throw damaged(path, "it does not begin with 00 00 08 03");
    const [count, height, width] = [head.readUInt32BE(4), head.readUInt32BE(8), head.readUInt32BE(12)];
    const there = Math.floor((file.size - 16) / (height * width));
    if (there < count) throw damaged(path, `it holds ${there} of ${count} pictures`);
    return count;
  } finally {
    await file.close();
  }
}

async function readLabels(path: string): Promise<Uint8Array> {
  const bytes = await readFile(path).catch((error: unknown) => {
    throw fileError(error, path, "read the labels of the pictures from");
  });
  if (bytes.length < 8 || bytes.readUInt32BE(0) !== LABELS_MAGIC) throw damaged(path, "it does not begin with 00 00 08 01");
  const count = bytes.readUInt32BE(4);
  if (bytes.length - 8 < count) throw damaged(path, `it holds ${bytes.length - 8} of ${count} labels`);
  return bytes.subarray(8, 8 + count);
}

/** One part: pictures and labels have to be as many. */
async function readPart(root: string, name: string): Promise<readonly FoundSample[]> {
  const labelsName = name.replace("images", "labels").replace("idx3", "idx1");
  const [count, labels] = await Promise.all([countImages(join(root, name)), readLabels(join(root, labelsName))]);
  if (labels.length !== count) throw damaged(join(root, labelsName), `${labels.length} labels for ${count} pictures`);
  const part = name.startsWith("train") ? "train" : "test";
  return Array.from(labels, (label, index) => ({ path: name, index, label: String(label), part, number: index }));
}

/** MNIST and its kin: the pictures that N-MNIST was filmed from. */
export const idxImages = {
  id: "idx-images",
  label: "Pictures in idx files (MNIST)",
  summary: "Pairs of idx files with pictures and labels: train-images.idx3-ubyte and train-labels.idx1-ubyte.",
  params: {},
  probe: ({ files }) => (files.some((name) => IMAGES.test(name)) ? 0.9 : files.some((name) => GZIPPED.test(name)) ? 0.6 : 0),
  read: async (root, signal?: AbortSignal) => {
    const names = await filesIn(root);
    const files = names.filter((name) => IMAGES.test(name)).toSorted();
    if (files.length === 0) {
      const packed = names.some((name) => GZIPPED.test(name));
      throw notLikeThis(
        root,
        "idx files of pictures",
        packed ? "packed files (.gz): unpack them first" : countOf(names.length, "other file"),
      );
    }
    const samples: FoundSample[] = [];
    for (const name of files) {
      signal?.throwIfAborted();
      for (const sample of await readPart(root, name)) samples.push(sample);
    }
    const numbers = [...new Set(samples.map(({ label }) => Number(label)))].toSorted((a, b) => a - b);
    const pairing = { pictures: "MNIST", numbers: "part" } as const;
    return foundPictures({ layout: "idx-images", classes: numbers.map(String), samples, pairing });
  },
} as const satisfies DatasetLayout;
