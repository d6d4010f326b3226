import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { PNG } from "pngjs";
import type { JobSample, RunSpec, TrainJob } from "#shared/api/run.ts";
import { createRandom } from "#main/tensor/random.ts";

/*
 * A data set that a test can make in milliseconds: bars that sweep over a small sensor in one of three directions, as
 * N-MNIST files, and pictures of the bars.
 */

const SIDE = 34;
const SPAN_US = 100_000;
const PER_STEP = 40;
export const tinyClasses = ["across", "down", "diagonal"] as const;

/** Place of a point of the bar: `along` runs over the bar, `t` from 0 to 1 over the sweep. */
function place(kind: number, along: number, t: number): readonly [x: number, y: number] {
  const at = 6 + 20 * t;
  if (kind === 0) return [at, 6 + along];
  if (kind === 1) return [6 + along, at];
  return [6 + along + 4 * t, 6 + along];
}

/** One recording as ATIS 5-byte records: x, y, polarity in the top bit, time in the 23 bits below. */
function recording(kind: number, seed: number): Buffer {
  const random = createRandom(seed, "tiny recording");
  const steps = 50;
  const bytes = Buffer.alloc(5 * steps * PER_STEP);
  const shiftX = random.below(5) - 2;
  const shiftY = random.below(5) - 2;
  let at = 0;
  for (let step = 0; step < steps; step += 1) {
    for (let i = 0; i < PER_STEP; i += 1) {
      const t = Math.floor(((step + i / PER_STEP) * SPAN_US) / steps);
      const noise = random.next() < 0.2;
      const [x, y] = noise ? [random.below(SIDE), random.below(SIDE)] : place(kind, random.below(20), step / steps);
      bytes[at] = Math.min(SIDE - 1, Math.max(0, Math.round(x) + shiftX));
      bytes[at + 1] = Math.min(SIDE - 1, Math.max(0, Math.round(y) + shiftY));
      bytes.writeUIntBE((random.below(2) << 23) | t, at + 2, 3);
      at += 5;
    }
  }
  return bytes;
}

function picture(kind: number, seed: number): Buffer {
  const random = createRandom(seed, "tiny picture");
  const png = new PNG({ width: SIDE, height: SIDE });
  png.data.fill(0);
  for (let i = 3; i < png.data.length; i += 4) png.data[i] = 255;
  for (const t of [0.2, 0.5, 0.8]) {
    for (let along = 0; along < 20; along += 1) {
      const [x, y] = place(kind, along, t);
      const pixel = 4 * (Math.round(y) * SIDE + Math.round(x));
      png.data.fill(160 + random.below(96), pixel, pixel + 3);
    }
  }
  return PNG.sync.write(png);
}

/** Writes clips and pictures into `folder` and describes them as lists. */
export async function tinySamples(
  folder: string,
  perClass: number,
  pictures = 4,
): Promise<{ readonly clips: JobSample[]; readonly pictures: JobSample[] }> {
  const clips: JobSample[] = [];
  const stills: JobSample[] = [];
  for (const [classIndex, label] of tinyClasses.entries()) {
    await mkdir(join(folder, "clips", label), { recursive: true });
    await mkdir(join(folder, "pictures", label), { recursive: true });
    for (let n = 0; n < perClass; n += 1) {
      const path = join(folder, "clips", label, `${n}.bin`);
      await writeFile(path, recording(classIndex, 100 * n + classIndex));
      clips.push({ id: `${label}/${n}`, path, label, classIndex });
    }
    for (let n = 0; n < pictures; n += 1) {
      const path = join(folder, "pictures", label, `${n}.png`);
      await writeFile(path, picture(classIndex, 100 * n + classIndex));
      stills.push({ id: `${label}/still ${n}`, path, label, classIndex });
    }
  }
  return { clips, pictures: stills };
}

/** A complete spec; `over` replaces parts of it. */
export const tinySpec = (over: Partial<RunSpec> = {}): RunSpec => ({
  dataset: { name: "tiny" },
  split: { test: 0.2, validation: 0.1, by: "sample" },
  labels: { perClass: 0 },
  filters: [],
  representation: { id: "event-frame" },
  model: { id: "vgg-snn", params: { preset: "nano" } },
  neuron: { id: "lif-he" },
  surrogate: { id: "quadratic-gate" },
  transfer: { id: "scratch" },
  optimizer: { id: "adamw", params: { learningRate: 0.003 } },
  backend: "wasm",
  epochs: 2,
  batchSize: 8,
  seed: 1,
  control: false,
  ...over,
});

/** A job over fresh samples: every fourth clip is for testing, every fourth for validation. */
export async function tinyJob(folder: string, over: Partial<RunSpec> = {}, name = "run"): Promise<TrainJob> {
  const { clips, pictures } = await tinySamples(join(folder, "data"), 8);
  const part = (wanted: readonly number[]): JobSample[] => clips.filter((_, index) => wanted.includes(index % 4));
  return {
    runId: name,
    runDir: join(folder, name),
    modelDir: join(folder, "models", name),
    spec: tinySpec(over),
    classes: tinyClasses,
    train: part([0, 1]),
    validation: part([2]),
    test: part([3]),
    source: pictures,
    excludedSource: 0,
    warnings: [],
    cacheDir: join(folder, "cache"),
    resume: false,
  };
}
