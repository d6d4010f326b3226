import { availableMemory } from "node:process";
import { AppError, toAppError } from "#shared/api/errors.ts";
import type { JobSample } from "#shared/api/run.ts";
import type { Sensor } from "#shared/events/sensor.ts";
import { log } from "#main/lib/log.ts";
import { ClipReader } from "./clip.ts";
import { openClipCache } from "./clip-cache.ts";
import { pictureFrame, PictureReader } from "./pictures.ts";
import type { Recipe } from "./spec.ts";

/** Samples in memory, ready to be put into batches. */
export interface Samples {
  readonly samples: readonly JobSample[];
  /** Clips: `[T, H, W, C]`; pictures: `[H, W, C]`, one frame for all steps. */
  readonly values: readonly Float32Array[];
}

export const noSamples: Samples = { samples: [], values: [] };

/** What loading has found out besides the values. */
export interface LoadReport {
  readonly warnings: readonly string[];
  readonly skipped: number;
  /** Median span of the clips, µs, and the sensor of most of them. */
  readonly windowUs: number;
  readonly sensor: Sensor;
  readonly bytes: number;
}

/** Progress of loading: called now and then. */
export type OnProgress = (done: number, total: number) => void;

/** Share of the free memory that clips may take. */
const MEMORY_SHARE = 0.8;

/** More skipped samples than this are counted and not named. */
const NAMED = 5;

const median = (values: readonly number[]): number => values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;

const canGoOn = (error: AppError): boolean => error.code !== "aborted" && error.code !== "internal" && error.code !== "disk-full";

/** Lets waiting calls (a window to classify, a wish to stop) in between. */
const breathe = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/** Clips are kept in memory as frames. @throws AppError `too-large` before anything is read when they will not fit. */
function checkRoom(clips: number, { input }: Recipe): void {
  const bytes = clips * 4 * input.reduce((product, side) => product * side, 1);
  const free = availableMemory();
  if (bytes < MEMORY_SHARE * free) return;
  const gigabytes = (value: number): string => (value / 1e9).toFixed(1);
  throw new AppError(
    "too-large",
    `${clips} clips as ${input.join("×")} frames take ${gigabytes(bytes)} GB, and ${gigabytes(free)} GB are free`,
    {
      hint: "Choose a smaller network or fewer steps, or limit the labelled clips per class.",
    },
  );
}

function sensorOfMost(sensors: readonly Sensor[]): Sensor {
  const counts = new Map<string, { readonly sensor: Sensor; count: number }>();
  for (const sensor of sensors) {
    const key = `${sensor.width}×${sensor.height}`;
    const entry = counts.get(key) ?? { sensor, count: 0 };
    entry.count += 1;
    counts.set(key, entry);
  }
  return [...counts.values()].toSorted((a, b) => b.count - a.count)[0]?.sensor ?? { width: 0, height: 0 };
}

/** Collects what could not be read, so that a broken file costs one sample and not the run. */
class Skips {
  readonly warnings: string[] = [];
  count = 0;

  add(sample: JobSample, thrown: unknown): void {
    const error = toAppError(thrown);
    if (!canGoOn(error)) throw error;
    this.count += 1;
    if (this.count <= NAMED) this.warnings.push(`${sample.id} is left out: ${error.message}`);
    log("warning", "compute", `${sample.id} is left out: ${error.message}`);
  }

  summary(): readonly string[] {
    return this.count > NAMED ? [...this.warnings, `${this.count} samples in all are left out`] : this.warnings;
  }
}

/**
 * Clips of several lists as network input, from the cache where they are there. Unreadable ones are left out with a
 * warning. @throws AppError `empty` when nothing is left of the first list.
 */
export async function loadClips<K extends string>(
  lists: Readonly<Record<K, readonly JobSample[]>>,
  recipe: Recipe,
  cacheDir: string | undefined,
  onProgress: OnProgress = () => undefined,
  signal?: AbortSignal,
): Promise<{ readonly sets: Readonly<Record<K, Samples>>; readonly report: LoadReport }> {
  const { representation, filters } = recipe.spec;
  checkRoom(
    Object.values<readonly JobSample[]>(lists).reduce((sum, { length }) => sum + length, 0),
    recipe,
  );
  const cache = cacheDir === undefined ? undefined : await openClipCache(cacheDir, { representation, filters });
  const reader = new ClipReader();
  const skips = new Skips();
  const spans: number[] = [];
  const sensors: Sensor[] = [];
  const sets: Partial<Record<K, Samples>> = {};
  const names = Object.keys(lists) as K[];
  const total = names.reduce((sum, name) => sum + lists[name].length, 0);
  let done = 0;
  let bytes = 0;
  try {
    for (const name of names) {
      const samples: JobSample[] = [];
      const values: Float32Array[] = [];
      for (const sample of lists[name]) {
        signal?.throwIfAborted();
        try {
          let clip = await cache?.get(sample);
          if (clip === undefined) {
            clip = await reader.read(sample, recipe, signal);
            await cache?.put(sample, clip);
          }
          samples.push(sample);
          values.push(clip.values);
          spans.push(clip.spanUs);
          sensors.push(clip.sensor);
          bytes += clip.values.byteLength;
        } catch (error) {
          signal?.throwIfAborted();
          skips.add(sample, error);
        }
        done += 1;
        onProgress(done, total);
        if (done % 32 === 0) await breathe();
      }
      sets[name] = { samples, values };
    }
  } finally {
    await reader.close();
    await cache?.close();
  }
  const first = names[0];
  if (first !== undefined && lists[first].length > 0 && sets[first]?.samples.length === 0) {
    throw new AppError("empty", `None of the ${lists[first].length} training clips can be read. ${skips.warnings[0] ?? ""}`, {
      hint: "Check the folder of the data set.",
    });
  }
  const report = {
    warnings: skips.summary(),
    skipped: skips.count,
    windowUs: median(spans),
    sensor: sensorOfMost(sensors),
    bytes,
  };
  return { sets: sets as Record<K, Samples>, report };
}

/** Pictures as frames of network input. */
export async function loadPictures(
  list: readonly JobSample[],
  recipe: Recipe,
  sensor: Sensor,
  onProgress: OnProgress = () => undefined,
  signal?: AbortSignal,
): Promise<{ readonly pictures: Samples; readonly warnings: readonly string[]; readonly bytes: number }> {
  const options = recipe.transfer.pictures;
  if (options === undefined) return { pictures: noSamples, warnings: [], bytes: 0 };
  const [, height, width] = recipe.input;
  const reader = new PictureReader();
  const skips = new Skips();
  const samples: JobSample[] = [];
  const values: Float32Array[] = [];
  let bytes = 0;
  for (const [index, sample] of list.entries()) {
    signal?.throwIfAborted();
    try {
      const frame = pictureFrame(await reader.read(sample), options, sensor, height, width);
      samples.push(sample);
      values.push(frame);
      bytes += frame.byteLength;
    } catch (error) {
      skips.add(sample, error);
    }
    onProgress(index + 1, list.length);
    if (index % 64 === 63) await breathe();
  }
  return { pictures: { samples, values }, warnings: skips.summary(), bytes };
}

function meanSquare({ values }: Samples): number {
  let sum = 0;
  let count = 0;
  for (const sample of values) {
    for (let i = 0; i < sample.length; i += 1) sum += (sample[i] ?? 0) ** 2;
    count += sample.length;
  }
  return count === 0 ? 0 : sum / count;
}

/**
 * Multiplies all pictures by one factor that makes them as strong as the clips. Event frames hold counts, pictures 0 to
 * 1; a batch that holds both is normalised as a whole, and the weaker half would be lost in it. Answers the factor.
 */
export function matchScale(pictures: Samples, clips: Samples): number {
  const [from, to] = [meanSquare(pictures), meanSquare(clips)];
  if (from === 0 || to === 0) return 1;
  const factor = Math.sqrt(to / from);
  for (const frame of pictures.values) {
    for (let i = 0; i < frame.length; i += 1) frame[i] = (frame[i] ?? 0) * factor;
  }
  return factor;
}
