import { AppError } from "#shared/api/errors.ts";
import { sourceOf } from "#main/lib/files.ts";
import type { Codec, OpenRecording } from "../codec.ts";

/** More events than this in a small file are a decompression that got out of hand. */
const MAX_EVENTS = 1 << 23;
/** Reasons for which a file may be refused. */
const REFUSALS: readonly string[] = ["empty", "damaged", "unsupported", "unknown-format", "bad-parameter"];

export type Outcome = "read" | "refused";

/** What one pass gives, checked as it goes. */
async function readAll(recording: OpenRecording, fail: (what: string) => never): Promise<number> {
  const { width, height } = recording.info.sensor;
  let events = 0;
  for await (const { t0, words } of recording.read({})) {
    if (!Number.isSafeInteger(t0)) fail(`a packet begins at ${t0} µs`);
    events += words.length / 2;
    if (events > MAX_EVENTS) fail(`more than ${MAX_EVENTS} events come from it`);
    for (let i = 1; i < words.length; i += 2) {
      const word = words[i]!;
      if ((word & 0x3fff) >= width || ((word >>> 14) & 0x3fff) >= height || word >>> 28 > 1) {
        fail(`event (${word & 0x3fff}, ${(word >>> 14) & 0x3fff}, ${word >>> 28}) does not fit into ${width} × ${height}`);
      }
    }
  }
  return events;
}

/**
 * What a codec must keep to whatever the bytes are: it reads them or refuses them with an AppError, gives events on its sensor,
 * reports damage inside the file, and gives the same again on a second pass (`twice`).
 * @throws Error that says which promise was broken.
 */
export async function checkBytes(codec: Codec, bytes: Uint8Array, name: string, twice: boolean): Promise<Outcome> {
  const fail = (what: string): never => {
    throw new Error(`${codec.id}: ${what}`);
  };
  codec.probe(bytes.subarray(0, 4096), name, bytes.length);
  let recording: OpenRecording;
  try {
    recording = await codec.open(sourceOf(bytes, name));
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    return REFUSALS.includes(error.code) ? "refused" : fail(`refused with "${error.code}": ${error.message}`);
  }
  try {
    const events = await readAll(recording, fail);
    if (twice && (await readAll(recording, fail)) !== events) fail("a second pass gives another number of events");
    for (const { offset, bytes: length, reason } of recording.report().damage)
      if (!(offset >= 0 && length >= 0 && offset + length <= bytes.length))
        fail(`damage outside the file: ${length} at ${offset} (${reason})`);
    return "read";
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    return REFUSALS.includes(error.code) ? "refused" : fail(`ended with "${error.code}": ${error.message}`);
  } finally {
    await recording.close();
  }
}
