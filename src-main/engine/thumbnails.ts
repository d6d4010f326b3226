import { createHash } from "node:crypto";
import { mkdir, readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import type { RateStrip, Thumbnail } from "#shared/api/stream-api.ts";
import { decodeFrame, encodeFrame } from "#shared/channel/frames.ts";
import type { TimeRange } from "#shared/events/sensor.ts";
import type { RawParams } from "#shared/units/params.ts";
import { fileError, writeAtomic } from "#main/lib/files.ts";
import { log } from "#main/lib/log.ts";
import type { Workers } from "./workers.ts";

/** Moving pictures of clips in lists: small enough for hundreds on a page, long enough to see a gesture. */
const SIZE = { width: 96, height: 72, frames: 12 };
/** Grows when a worker draws differently, so that old pictures are not shown as new ones. */
const DRAWING = 1;

/** Small pictures and rate strips, made by a worker once and kept in the cache folder. */
export interface Thumbnails {
  /** @param answers how the file is to be read where it does not say so itself. */
  thumbnail(path: string, range: TimeRange | undefined, answers?: RawParams): Promise<Thumbnail>;
  rate(path: string, columns: number): Promise<RateStrip>;
}

export function createThumbnails(cache: string, workers: Workers): Thumbnails {
  const folder = join(cache, "thumbnails");
  const underway = new Map<string, Promise<unknown>>();

  /** The file's size and time are in the key: a file that has changed has no old picture. */
  const keyOf = async (path: string, what: readonly unknown[]): Promise<string> => {
    const info = await stat(path).catch((error: unknown) => {
      throw fileError(error, path, "read");
    });
    const words = [DRAWING, path, info.size, info.mtimeMs, ...what].join("\n");
    return createHash("sha256").update(words).digest("hex").slice(0, 32);
  };
  const cached = async <T extends object>(path: string, what: readonly unknown[], make: () => Promise<T>): Promise<T> => {
    const key = await keyOf(path, what);
    const known = underway.get(key);
    if (known !== undefined) return (await known) as T;
    const file = join(folder, key.slice(0, 2), key);
    const work = async (): Promise<T> => {
      try {
        return decodeFrame(await readFile(file)) as T;
      } catch (error) {
        // Not there yet, or not whole: either way it is made again.
        log("debug", "thumbnails", String(error));
      }
      const made = await make();
      try {
        await mkdir(join(folder, key.slice(0, 2)), { recursive: true });
        await writeAtomic(file, encodeFrame(made));
      } catch (error) {
        log("warning", "thumbnails", `not kept: ${String(error)}`); // a full cache disk must not cost the picture
      }
      return made;
    };
    const making = work().finally(() => underway.delete(key));
    underway.set(key, making);
    return making;
  };
  return {
    thumbnail: (path, range, answers) => {
      const size = answers === undefined ? SIZE : { ...SIZE, answers };
      const what = ["thumbnail", range?.start, range?.end, ...(answers === undefined ? [] : [JSON.stringify(answers)])];
      return cached(path, what, () => workers.files((api) => api.thumbnail(path, range, size)));
    },
    rate: (path, columns) => cached(path, ["rate", columns], () => workers.files((api) => api.rate(path, columns))),
  };
}
