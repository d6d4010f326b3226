import type { IndexEntry, OpenRecording } from "#main/units/codecs/codec.ts";
import { cachePath, readCache, writeCache } from "./index-cache.ts";
import { openRecording } from "#main/units/codecs/open-recording.ts";

/** Distance of the places a recording can be entered at. A seek reads at most this much in vain. */
const EVERY_US = 100_000;
/** An entry far off the others in a damaged file must not make the cache useless. */
const MAX_ENTRIES = 1_000_000;

const isEntry = (value: unknown): value is IndexEntry =>
  typeof value === "object" &&
  value !== null &&
  "t" in value &&
  typeof value.t === "number" &&
  "offset" in value &&
  Number.isSafeInteger(value.offset) &&
  (value.offset as number) >= 0 &&
  "state" in value &&
  typeof value.state === "object" &&
  value.state !== null &&
  Object.values(value.state).every((item) => typeof item === "number");

/** Index entries as the cache holds them; `undefined` for anything else. */
export function parseIndex(value: unknown): readonly IndexEntry[] | undefined {
  if (typeof value !== "object" || value === null || !("entries" in value) || !Array.isArray(value.entries)) return undefined;
  return value.entries.every(isEntry) ? value.entries : undefined;
}

/**
 * Gives a recording its index: from the cache at once, else by a pass with a file handle of its own.
 * @param idle awaited between entries, so that playing goes first.
 * @returns how many entries there are, 0 for formats that need none.
 */
export async function ensureIndex(
  path: string,
  recording: OpenRecording,
  options: { readonly cacheDir: string | undefined; readonly idle: () => Promise<void>; readonly signal: AbortSignal },
): Promise<number> {
  if (recording.useIndex === undefined) return 0;
  const cached = await cachePath(options.cacheDir, path, "index");
  const known = await readCache(cached, parseIndex);
  if (known !== undefined) {
    recording.useIndex(known);
    return known.length;
  }
  const { recording: own } = await openRecording(path);
  try {
    if (own.buildIndex === undefined) return 0;
    const entries: IndexEntry[] = [];
    let handed = 8;
    for await (const entry of own.buildIndex(EVERY_US, options.signal)) {
      entries.push(entry);
      // What is known already serves seeks at once; handing it over ever more rarely keeps the work in proportion.
      if (entries.length >= 2 * handed) recording.useIndex(entries.slice(0, (handed = entries.length)));
      if (entries.length >= MAX_ENTRIES) break;
      await options.idle();
      if (options.signal.aborted) return entries.length;
    }
    recording.useIndex(entries);
    await writeCache(cached, { entries });
    return entries.length;
  } finally {
    await own.close();
  }
}
