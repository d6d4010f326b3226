import { createHash } from "node:crypto";
import { mkdir, readFile, stat } from "node:fs/promises";
import { join, resolve } from "node:path";
import { fileError, writeAtomic } from "#main/lib/files.ts";
import { log } from "#main/lib/log.ts";
import { rememberedAnswers } from "#main/units/codecs/answers.ts";

/*
 * What has been found out about a recording by reading all of it, kept in the cache folder. The key is path, size and
 * time of change, so a file that has changed is a new one. Anything that cannot be used is built anew: a cache never fails.
 */

/** Raised when the contents change their meaning. */
const VERSION = 1;

/** Kinds of cached knowledge: `index` = places to enter at, `rates` = event counts over time. */
export type CacheKind = "index" | "rates";

/** Where cached knowledge about a file lies; `undefined` without a cache folder. */
export async function cachePath(cacheDir: string | undefined, file: string, kind: CacheKind): Promise<string | undefined> {
  if (cacheDir === undefined) return undefined;
  const path = resolve(file);
  try {
    const { size, mtimeMs } = await stat(path);
    const answers = JSON.stringify(await rememberedAnswers(path)); // another unit of time is another index
    const key = createHash("sha256").update(`${path}\n${size}\n${mtimeMs}\n${VERSION}\n${answers}`).digest("hex").slice(0, 32);
    return join(cacheDir, kind, `${key}.json`);
  } catch (error) {
    throw fileError(error, path, "open");
  }
}

/**
 * Cached knowledge, or `undefined` when there is none that can be used.
 * @param parse answers `undefined` for anything that does not have the right shape.
 */
export async function readCache<T>(path: string | undefined, parse: (value: unknown) => T | undefined): Promise<T | undefined> {
  if (path === undefined) return undefined;
  try {
    const known = parse(JSON.parse(await readFile(path, "utf8")));
    if (known === undefined) log("warning", "cache", `${path} does not have the expected shape; built anew`);
    return known;
  } catch (error) {
    const failure = fileError(error, path, "read");
    if (failure.code !== "not-found") log("warning", "cache", `${failure.message}; built anew`);
    return undefined;
  }
}

/** Keeps knowledge for next time. A full disk only costs the time to find it out again. */
export async function writeCache(path: string | undefined, value: unknown): Promise<void> {
  if (path === undefined) return;
  try {
    await mkdir(join(path, ".."), { recursive: true });
    await writeAtomic(path, JSON.stringify(value));
  } catch (error) {
    log("warning", "cache", fileError(error, path, "write").message);
  }
}
