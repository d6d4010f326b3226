import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";

/** A failed download is not tried again for so long. */
const DAY_MS = 24 * 3600 * 1000;

/** The reason of a download that failed less than a day ago for the same version. */
export function recentFailure(file: string, version: string, now = Date.now()): string | undefined {
  if (!existsSync(file)) return undefined;
  try {
    const kept = JSON.parse(readFileSync(file, "utf8")) as { version?: unknown; at?: unknown; reason?: unknown };
    const { at, reason } = kept;
    if (kept.version !== version || typeof at !== "number" || typeof reason !== "string") return undefined;
    return now - at < DAY_MS && now >= at ? reason : undefined;
  } catch {
    return undefined; // a broken note is as good as none: the download is tried
  }
}

/** Remembers why a download failed; without a reason it forgets. */
export function noteFailure(file: string, version: string, reason: string | undefined): void {
  if (reason === undefined) return rmSync(file, { force: true });
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, JSON.stringify({ version, at: Date.now(), reason }));
}
