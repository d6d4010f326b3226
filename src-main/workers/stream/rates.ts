import type { RateStrip } from "#shared/api/stream-api.ts";
import { AppError } from "#shared/api/errors.ts";
import type { OpenRecording } from "#main/units/codecs/codec.ts";
import { cachePath, readCache, writeCache } from "./index-cache.ts";
import { openRecording } from "#main/units/codecs/open-recording.ts";
import { rangeOf } from "./range.ts";

/** Columns kept in the cache; screens ask for a few hundred to a few thousand of them put together. */
const FINE_COLUMNS = 16_384;
const MAX_COLUMNS = FINE_COLUMNS;

/** Event counts of a whole recording in equal steps, ON and OFF apart. */
export interface FineRates {
  readonly start: number;
  readonly end: number;
  readonly stepUs: number;
  readonly on: Uint32Array;
  readonly off: Uint32Array;
}

/** Counts every event of a recording. */
export async function countRates(
  recording: Pick<OpenRecording, "info" | "read">,
  columns: number,
  signal?: AbortSignal,
): Promise<FineRates> {
  const { start, end } = await rangeOf(recording, signal);
  const stepUs = Math.max(1, Math.ceil((end - start) / columns));
  const length = Math.max(1, Math.ceil((end - start) / stepUs));
  const on = new Uint32Array(length);
  const off = new Uint32Array(length);
  for await (const packet of recording.read(signal === undefined ? {} : { signal })) {
    const { words } = packet;
    const shift = packet.t0 - start;
    for (let i = 0; i < words.length; i += 2) {
      const column = Math.floor(((words[i] ?? 0) + shift) / stepUs);
      const counts = (words[i + 1] ?? 0) >>> 28 === 0 ? off : on;
      // Times outside the range (damaged files) are no typed-array index and change nothing.
      counts[column] = (counts[column] ?? 0) + 1;
    }
  }
  signal?.throwIfAborted();
  return { start, end, stepUs, on, off };
}

/** Puts fine columns together. A fine column goes where its middle lies, so an edge is off by at most half of one. */
export function coarsen(fine: FineRates, columns: number): RateStrip {
  const span = fine.end - fine.start;
  const stepUs = Math.max(1, Math.ceil(span / columns));
  const length = Math.max(1, Math.ceil(span / stepUs));
  const on = new Uint32Array(length);
  const off = new Uint32Array(length);
  for (let i = 0; i < fine.on.length; i++) {
    const column = Math.min(length - 1, Math.floor(((i + 0.5) * fine.stepUs) / stepUs));
    on[column] = (on[column] ?? 0) + (fine.on[i] ?? 0);
    off[column] = (off[column] ?? 0) + (fine.off[i] ?? 0);
  }
  return { start: fine.start, stepUs, on, off };
}

const isCounts = (value: unknown): value is readonly number[] =>
  Array.isArray(value) && value.length > 0 && value.every((count) => Number.isSafeInteger(count) && count >= 0);

function parseRates(value: unknown): FineRates | undefined {
  if (typeof value !== "object" || value === null) return undefined;
  const { start, end, stepUs, on, off } = value as Record<string, unknown>;
  if (typeof start !== "number" || typeof end !== "number" || typeof stepUs !== "number" || !(stepUs >= 1)) return undefined;
  if (!isCounts(on) || !isCounts(off) || on.length !== off.length) return undefined;
  return { start, end, stepUs, on: Uint32Array.from(on), off: Uint32Array.from(off) };
}

/** The event counts of a recording, from the cache or by reading all of it once. */
export async function fineRates(path: string, cacheDir: string | undefined, signal?: AbortSignal): Promise<FineRates> {
  const cached = await cachePath(cacheDir, path, "rates");
  const known = await readCache(cached, parseRates);
  if (known !== undefined) return known;
  const { recording } = await openRecording(path);
  try {
    const fine = await countRates(recording, FINE_COLUMNS, signal);
    await writeCache(cached, { ...fine, on: Array.from(fine.on), off: Array.from(fine.off) });
    return fine;
  } finally {
    await recording.close();
  }
}

/** Event counts over a recording in at most `columns` columns. */
export async function rateStrip(
  path: string,
  columns: number,
  cacheDir: string | undefined,
  signal?: AbortSignal,
): Promise<RateStrip> {
  if (!Number.isSafeInteger(columns) || columns < 1 || columns > MAX_COLUMNS) {
    throw new AppError("bad-argument", `Cannot count events in ${columns} columns`, { hint: `Ask for 1 to ${MAX_COLUMNS}.` });
  }
  return coarsen(await fineRates(path, cacheDir, signal), columns);
}
