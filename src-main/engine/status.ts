import { readFile } from "node:fs/promises";
import type { SystemStatus } from "#shared/api/engine-api.ts";
import { pause } from "./topic.ts";

const EVERY_MS = 1000;
/** Linux counts memory in pages of this size in `statm`. */
const PAGE_BYTES = 4096;

/** Resident memory of a process; only Linux tells without starting a program, elsewhere the workers are left out. */
async function residentOf(pid: number): Promise<number> {
  if (process.platform !== "linux") return 0;
  const text = await readFile(`/proc/${pid}/statm`, "utf8").catch(() => ""); // it may have ended since
  return Number(text.split(" ")[1] ?? 0) * PAGE_BYTES;
}

/** Memory of this process and of the workers. */
export async function memoryOf(pids: readonly number[]): Promise<number> {
  const sizes = await Promise.all(pids.map(residentOf));
  return sizes.reduce((sum, size) => sum + size, process.memoryUsage.rss());
}

/** What the status bar shows, about once a second. */
export async function* statusFeed(
  read: () => Promise<SystemStatus>,
  signal?: AbortSignal,
): AsyncGenerator<SystemStatus, void, undefined> {
  while (signal?.aborted !== true) {
    yield await read();
    await pause(EVERY_MS, signal);
  }
}
