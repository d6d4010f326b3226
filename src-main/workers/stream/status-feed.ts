import type { StreamStatus } from "#shared/api/stream-api.ts";

/** Between two reports when nothing happens: ten a second. */
const EVERY_MS = 100;

/** Lets feeds wait for "something has changed" or for time to pass. */
export class Pulse {
  readonly #waiting = new Set<() => void>();

  /** Wakes everybody. */
  fire(): void {
    for (const wake of [...this.#waiting]) wake();
  }

  /** Resolves at the next `fire`, after `ms`, or when the signal is aborted. */
  wait(ms: number, signal: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      if (signal.aborted) return resolve();
      const done = (): void => {
        clearTimeout(timer);
        signal.removeEventListener("abort", done);
        this.#waiting.delete(done);
        resolve();
      };
      const timer = setTimeout(done, ms);
      this.#waiting.add(done);
      signal.addEventListener("abort", done);
    });
  }
}

/** A report at once, then ten a second and at every change. */
export async function* statusFeed(read: () => StreamStatus, pulse: Pulse, signal: AbortSignal): AsyncGenerator<StreamStatus> {
  while (!signal.aborted) {
    yield read();
    await pulse.wait(EVERY_MS, signal);
  }
}
