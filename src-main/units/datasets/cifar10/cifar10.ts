import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { AppError } from "#shared/api/errors.ts";
import type { FoundSample } from "#shared/api/stream-api.ts";
import { fileError } from "#main/lib/files.ts";
import type { DatasetLayout } from "../layout.ts";
import { foundPictures } from "../pictures.ts";
import { countOf, filesIn, foldersIn, notLikeThis, someOf } from "../walk.ts";
import { cifar10Classes } from "./classes.ts";
import { cifarLabels, isCifarBatch } from "./records.ts";

/** What the archive of the binary version unpacks to. */
const FOLDER = "cifar-10-batches-bin";
const PICKLES = "cifar-10-batches-py";
const PICKLE = /^(data_batch_[1-5]|test_batch)$/;
const ARCHIVE = /^cifar-10-(binary|python)\.tar(\.gz)?$/;
const ALL = [
  "data_batch_1.bin",
  "data_batch_2.bin",
  "data_batch_3.bin",
  "data_batch_4.bin",
  "data_batch_5.bin",
  "test_batch.bin",
];

const refusePickles = (root: string): AppError =>
  new AppError("unsupported", `${root} holds CIFAR-10 as Python pickles, which are programs and are not opened here`, {
    hint: "Use the binary version: cifar-10-binary.tar.gz from the same page, unpacked.",
  });

/** Pictures are numbered within their class and part, in the order of the batches. */
class Numbers {
  readonly #next = new Map<string, number>();

  take(key: string): number {
    const number = this.#next.get(key) ?? 0;
    this.#next.set(key, number + 1);
    return number;
  }
}

/** CIFAR-10 in its binary version: five batches for training, one for the test. */
export const cifar10 = {
  id: "cifar-10",
  label: "CIFAR-10",
  summary: "Small color pictures of 10 classes in binary batches: data_batch_1.bin and so on (Krizhevsky, 2009).",
  params: {},
  probe: ({ files, folders }) => {
    if (files.some((name) => isCifarBatch(name)) || folders.includes(FOLDER)) return 0.95;
    return files.some((name) => PICKLE.test(name) || ARCHIVE.test(name)) || folders.includes(PICKLES) ? 0.6 : 0;
  },
  read: async (root, signal?: AbortSignal) => {
    const [names, folders] = [await filesIn(root), await foldersIn(root)];
    const base = !names.some((name) => isCifarBatch(name)) && folders.includes(FOLDER) ? FOLDER : "";
    const batches = (base === "" ? names : await filesIn(join(root, base))).filter((name) => isCifarBatch(name));
    if (batches.length === 0) {
      if (names.some((name) => PICKLE.test(name)) || folders.includes(PICKLES)) throw refusePickles(root);
      const packed = names.find((name) => ARCHIVE.test(name));
      const found = packed === undefined ? countOf(names.length, "other file") : `${packed}: unpack it first`;
      throw notLikeThis(root, "CIFAR-10 (data_batch_1.bin …)", found);
    }
    const samples: FoundSample[] = [];
    const numbers = new Numbers();
    for (const name of batches) {
      signal?.throwIfAborted();
      const path = base === "" ? name : `${base}/${name}`;
      const file = join(root, path);
      const bytes = await readFile(file).catch((error: unknown) => {
        throw fileError(error, file, "read the pictures from");
      });
      const part = name.startsWith("test") ? "test" : "train";
      for (const [index, number] of cifarLabels(bytes, file).entries()) {
        const label = cifar10Classes[number] ?? String(number);
        samples.push({ path, index, label, part, number: numbers.take(`${part} ${label}`) });
      }
    }
    const missing = ALL.filter((name) => !batches.includes(name));
    return foundPictures({
      layout: "cifar-10",
      samples,
      classes: cifar10Classes,
      warnings: missing.length > 0 ? [`Not there: ${someOf(missing)}.`] : [],
      pairing: { pictures: "CIFAR-10", numbers: "guessed" },
    });
  },
} as const satisfies DatasetLayout;
