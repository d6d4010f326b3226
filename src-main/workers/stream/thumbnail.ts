import { AppError } from "#shared/api/errors.ts";
import type { Thumbnail } from "#shared/api/stream-api.ts";
import { slicePacket } from "#shared/events/packet.ts";
import type { Sensor, TimeRange } from "#shared/events/sensor.ts";
import type { RawParams } from "#shared/units/params.ts";
import { checkAnswers } from "#main/units/codecs/answers.ts";
import type { EventSource } from "#shared/events/source.ts";
import { countRates, fineRates } from "./rates.ts";
import { openRecording } from "#main/units/codecs/open-recording.ts";
import { rangeOf } from "./range.ts";
import { ensureIndex } from "./recording-index.ts";

/** What one picture shows at most: longer spans would only be gray. */
const MAX_FRAME_US = 200_000;
/** Spans up to this are counted anew to find their densest moment; for whole long recordings the cached counts do. */
const MAX_COUNT_US = 20_000_000;
const COLUMNS = 64;
/** From this size on an index is worth its pass. */
const INDEX_BYTES = 4 << 20;
const MAX_SIDE = 1024;
const MAX_FRAMES = 100;

export interface ThumbnailSize {
  readonly width: number;
  readonly height: number;
  readonly frames: number;
  /** How the file is to be read where it does not say so itself. */
  readonly answers?: RawParams;
}

/** Adds ON, takes off OFF. Several pixels of the sensor share one of the picture; none is left out. */
function accumulate(words: Uint32Array, counts: Int32Array, sensor: Sensor, width: number, height: number): void {
  for (let i = 1; i < words.length; i += 2) {
    const word = words[i] ?? 0;
    const x = Math.floor(((word & 0x3fff) * width) / sensor.width);
    const y = Math.floor((((word >>> 14) & 0x3fff) * height) / sensor.height);
    if (x >= width || y >= height) continue;
    const index = y * width + x;
    counts[index] = (counts[index] ?? 0) + (word >>> 28 === 0 ? -1 : 1);
  }
}

/** The middle of the densest column. */
function densest(start: number, stepUs: number, on: Uint32Array, off: Uint32Array): number {
  let best = 0;
  let most = -1;
  for (let i = 0; i < on.length; i++) {
    const count = (on[i] ?? 0) + (off[i] ?? 0);
    if (count > most) {
      most = count;
      best = i;
    }
  }
  return start + (best + 0.5) * stepUs;
}

/** @param path of a recording whose counts are cached; without one the span is counted. */
async function densestMoment(
  path: string | undefined,
  source: EventSource,
  range: TimeRange,
  cacheDir: string | undefined,
  signal?: AbortSignal,
): Promise<number> {
  const { start, end } = range;
  if (end - start > MAX_COUNT_US && path !== undefined) {
    const fine = await fineRates(path, cacheDir, signal);
    const first = Math.max(0, Math.floor((start - fine.start) / fine.stepUs));
    const last = Math.ceil((end - fine.start) / fine.stepUs);
    return densest(fine.start + first * fine.stepUs, fine.stepUs, fine.on.subarray(first, last), fine.off.subarray(first, last));
  }
  const part = {
    info: { ...source.info, range },
    read: (options: { signal?: AbortSignal }) => source.read({ from: start, to: end, ...options }),
  };
  const counts = await countRates(part, COLUMNS, signal);
  return densest(counts.start, counts.stepUs, counts.on, counts.off);
}

/** Which part of the recording each frame shows. */
async function framesOf(frames: number, whole: TimeRange, moment: () => Promise<number>): Promise<readonly TimeRange[]> {
  const { start, end } = whole;
  if (frames === 1) {
    if (end - start <= MAX_FRAME_US) return [whole];
    const middle = await moment();
    const from = Math.round(Math.min(Math.max(start, middle - MAX_FRAME_US / 2), end - MAX_FRAME_US));
    return [{ start: from, end: from + MAX_FRAME_US }];
  }
  const share = (end - start) / frames;
  const shown = Math.min(share, MAX_FRAME_US);
  return Array.from({ length: frames }, (_, i) => {
    const from = start + i * share + (share - shown) / 2;
    return { start: Math.round(from), end: Math.round(from + shown) };
  });
}

/**
 * A small picture of a part of a recording (`frames` 1: its densest moment) or a small film of it. A frame shows its share of
 * the span, or the middle 0.2 s of it where the share is longer. The picture fits into `size` and keeps the sensor's shape.
 */
export async function makeThumbnail(
  path: string,
  range: TimeRange | undefined,
  size: ThumbnailSize,
  cacheDir: string | undefined,
  signal?: AbortSignal,
): Promise<Thumbnail> {
  for (const [name, most] of [
    ["width", MAX_SIDE],
    ["height", MAX_SIDE],
    ["frames", MAX_FRAMES],
  ] as const) {
    if (!(Number.isSafeInteger(size[name]) && size[name] >= 1 && size[name] <= most)) {
      throw new AppError("bad-argument", `A picture with a ${name} of ${size[name]} is not possible`, {
        hint: `Ask for 1 to ${most}.`,
      });
    }
  }
  const { answers } = size;
  const { recording, bytes } = await openRecording(path, answers === undefined ? {} : { answers: checkAnswers(answers, path) });
  try {
    const { sensor } = recording.info;
    // In a long recording each frame would otherwise be found by decoding all that lies before it. What is kept was made
    // without these answers.
    if (bytes > INDEX_BYTES && answers === undefined) {
      const idle = (): Promise<void> => Promise.resolve();
      await ensureIndex(path, recording, { cacheDir, idle, signal: signal ?? new AbortController().signal });
    }
    const whole = range ?? (await rangeOf(recording, signal));
    const scale = Math.min(size.width / sensor.width, size.height / sensor.height, 1);
    const width = Math.max(1, Math.round(sensor.width * scale));
    const height = Math.max(1, Math.round(sensor.height * scale));
    const pixels = new Int8Array(size.frames * width * height);
    const parts = await framesOf(size.frames, whole, () =>
      densestMoment(answers === undefined ? path : undefined, recording, whole, cacheDir, signal),
    );
    const counts = parts.map(() => new Int32Array(width * height));
    for (const run of joined(parts)) {
      const options = signal === undefined ? {} : { signal };
      for await (const packet of recording.read({ from: run.start, to: run.end, ...options })) {
        for (const [i, part] of parts.entries()) {
          const own = counts[i];
          if (own === undefined || part.start < run.start || part.end > run.end) continue;
          const { words } = slicePacket(packet, part.start, part.end);
          if (words.length > 0) accumulate(words, own, sensor, width, height);
        }
      }
      signal?.throwIfAborted();
    }
    for (const [i, own] of counts.entries()) {
      pixels.set(
        own.map((count) => Math.max(-127, Math.min(127, count))),
        i * width * height,
      );
    }
    return { width, height, frames: size.frames, pixels };
  } finally {
    await recording.close();
  }
}

/** Parts that follow each other without a gap are read in one go. */
function joined(parts: readonly TimeRange[]): readonly TimeRange[] {
  const runs: TimeRange[] = [];
  for (const part of parts) {
    const last = runs.at(-1);
    if (last !== undefined && last.end === part.start) runs[runs.length - 1] = { start: last.start, end: part.end };
    else runs.push(part);
  }
  return runs;
}
