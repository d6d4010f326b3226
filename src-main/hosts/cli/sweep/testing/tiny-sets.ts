import { mkdir, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { PNG } from "pngjs";
import { packXyp } from "#shared/events/packet.ts";
import type { Sensor } from "#shared/events/sensor.ts";
import { seeded } from "#main/lib/testing/random.ts";
import { seeds as matSeeds } from "#main/units/codecs/mat/seeds.ts";
import { CIFAR_RECORD } from "#main/units/datasets/cifar10/records.ts";
import { codecFor, newRecording } from "#main/workers/stream/convert.ts";

/*
 * Small data sets of our own in the folders and formats of the public ones: random events and random pictures, enough to walk,
 * pair, split, read and train.
 */

const padded = (number: number, digits = 4): string => String(number).padStart(digits, "0");
const range = (count: number, from = 0): readonly number[] => Array.from({ length: count }, (_, index) => from + index);

async function put(path: string, bytes: Uint8Array | string): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, bytes);
}

/** Random events, 100 of them in each of so many spans of 100 ms. */
async function record(path: string, codec: string, sensor: Sensor, seed: number, spans = 1): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  const random = seeded(seed);
  const made = await newRecording(path, codecFor(path, codec), { sensor, label: path }, {});
  const words = range(100 * spans).flatMap((i) => [
    1000 * i,
    packXyp(Math.floor(random() * sensor.width), Math.floor(random() * sensor.height), i % 2),
  ]);
  await made.sink.write({ t0: 0, words: Uint32Array.from(words) });
  await made.finish();
}

function picture(side: number, seed: number): Uint8Array {
  const random = seeded(seed);
  const png = new PNG({ width: side, height: side });
  for (let i = 0; i < png.data.length; i += 1) png.data[i] = i % 4 === 3 ? 255 : Math.floor(256 * random());
  return PNG.sync.write(png);
}

/** Two digits in turn; recording n shows picture n - 1 of its part. */
async function mnist(root: string): Promise<void> {
  const sensor = { width: 34, height: 34 };
  for (const [part, name, count] of [
    ["Train", "train", 16],
    ["Test", "t10k", 6],
  ] as const) {
    for (const n of range(count))
      await record(join(root, "n-mnist", part, String(n % 2), `${padded(n + 1, 5)}.bin`), "nmnist-bin", sensor, n);
    const head = (...numbers: readonly number[]): Buffer => {
      const bytes = Buffer.alloc(4 * numbers.length);
      for (const [i, number] of numbers.entries()) bytes.writeUInt32BE(number, 4 * i);
      return bytes;
    };
    const random = seeded(count);
    const pixels = Buffer.from(range(count * 28 * 28).map(() => Math.floor(256 * random())));
    await put(join(root, "mnist", `${name}-images-idx3-ubyte`), Buffer.concat([head(0x0803, count, 28, 28), pixels]));
    await put(
      join(root, "mnist", `${name}-labels-idx1-ubyte`),
      Buffer.concat([head(0x0801, count), Buffer.from(range(count).map((n) => n % 2))]),
    );
  }
}

async function caltech(root: string): Promise<void> {
  for (const [place, label] of ["BACKGROUND_Google", "accordion", "yin_yang"].entries()) {
    for (const n of range(20, 1)) {
      const sensor = { width: 40 + n, height: 30 };
      await record(
        join(root, "n-caltech101", "Caltech101", label, `image_${padded(n)}.bin`),
        "nmnist-bin",
        sensor,
        100 * place + n,
      );
      await put(join(root, "caltech101", "101_ObjectCategories", label, `image_${padded(n)}.jpg`), picture(24, 100 * place + n));
    }
  }
}

async function cifar(root: string): Promise<void> {
  const sensor = { width: 128, height: 128 };
  for (const label of ["airplane", "automobile"]) {
    for (const n of range(20)) await record(join(root, "cifar10-dvs", label, `cifar10_${label}_${n}.aedat`), "aedat2", sensor, n);
  }
  const random = seeded(3);
  const batch = (count: number): Buffer =>
    Buffer.concat(
      range(count).map((n) => Buffer.from([n % 2, ...range(CIFAR_RECORD - 1).map(() => Math.floor(256 * random()))])),
    );
  await put(join(root, "cifar-10", "data_batch_1.bin"), batch(60));
  await put(join(root, "cifar-10", "test_batch.bin"), batch(4));
}

async function omniglot(root: string): Promise<void> {
  const table = [",start,end", ...range(20).map((n) => `${n},${n * 100_000},${n * 100_000 + 90_000}`), ""].join("\n");
  for (const n of [1, 2]) {
    const folder = join("Greek", `character${padded(n, 2)}`);
    const events = join(root, "n-omniglot", "dvs_background", folder, padded(n));
    await record(`${events}.aedat4`, "aedat4", { width: 346, height: 260 }, n, 20);
    await put(`${events}.csv`, table);
    for (const drawer of range(20, 1)) {
      await put(
        join(root, "omniglot", "images_background", folder, `${padded(n)}_${padded(drawer, 2)}.png`),
        picture(105, drawer),
      );
    }
  }
}

/** Recordings and pictures lie in one folder, as in the original. */
async function cep(root: string): Promise<void> {
  const [seed] = (await matSeeds()).filter(({ name }) => name === "columns.mat");
  const folder = join(root, "cep-dvs");
  await put(
    join(folder, "pathFile.csv"),
    ["path", ...range(40).map((n) => `${n} a b c ${n % 2 === 0 ? "fish" : "trees"} x.jpg`)].join("\n"),
  );
  for (const n of range(40)) {
    await put(join(folder, "data", "MAT", "img", `${n}.mat`), seed?.bytes ?? new Uint8Array(0));
    await put(join(folder, "data", "img", `${n}.jpg`), picture(32, n));
  }
}

/** All of them, under the names that the files in assets/experiments use. */
export async function writeTinySets(root: string): Promise<void> {
  await Promise.all([mnist(root), caltech(root), cifar(root), omniglot(root), cep(root)]);
}
