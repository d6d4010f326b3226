import { createContext } from "svelte";
import { SvelteMap } from "svelte/reactivity";
import type { RateStrip, Thumbnail } from "#shared/api/stream-api.ts";
import type { TimeRange } from "#shared/events/sensor.ts";
import { toAppError } from "#shared/api/errors.ts";
import type { App } from "./app.svelte.ts";

/** Thumbnails kept: 600 of about 60 kB. */
const MOST = 600;
/** Asked for at once; the worker makes one after the other anyway. */
const LANES = 4;

/** Moving pictures and strips for the grid: what is in view first, each once. */
export class Thumbnails {
  #made = new SvelteMap<string, Thumbnail>();
  #strips = new SvelteMap<string, RateStrip>();
  #wanted: { readonly key: string; readonly run: () => Promise<void> }[] = [];
  #running = 0;
  #failed = new Set<string>();
  readonly #app: App;

  constructor(app: App) {
    this.#app = app;
  }

  static key = (recordingId: string, range: TimeRange | undefined): string =>
    `${recordingId}:${range?.start ?? ""}-${range?.end ?? ""}`;

  picture(recordingId: string, range: TimeRange | undefined): Thumbnail | undefined {
    return this.#made.get(Thumbnails.key(recordingId, range));
  }
  strip(recordingId: string): RateStrip | undefined {
    return this.#strips.get(recordingId);
  }

  /** Asks for a picture; the answer takes the wish back while it waits. */
  want(recordingId: string, range: TimeRange | undefined): () => void {
    const key = Thumbnails.key(recordingId, range);
    if (this.#made.has(key)) return () => undefined;
    return this.#queue(key, async () => {
      const made = await this.#app.use().library.thumbnail(recordingId, range);
      this.#made.set(key, made);
      if (this.#made.size > MOST) {
        const [oldest] = this.#made.keys();
        if (oldest !== undefined) this.#made.delete(oldest);
      }
    });
  }

  wantStrip(recordingId: string, columns: number): () => void {
    if (this.#strips.has(recordingId)) return () => undefined;
    return this.#queue(`strip:${recordingId}`, async () => {
      this.#strips.set(recordingId, await this.#app.use().library.rate(recordingId, columns));
    });
  }

  #queue(key: string, run: () => Promise<void>): () => void {
    if (this.#failed.has(key)) return () => undefined;
    const wish = { key, run };
    this.#wanted.push(wish);
    this.#next();
    return () => {
      this.#wanted = this.#wanted.filter((other) => other !== wish);
    };
  }

  #next(): void {
    if (this.#running >= LANES) return;
    const wish = this.#wanted.shift();
    if (wish === undefined) return;
    this.#running += 1;
    wish
      .run()
      .catch((error: unknown) => {
        // One file that cannot be read is told where it is opened; a grid full of banners helps nobody.
        this.#failed.add(wish.key);
        console.warn(`thumbnail: ${toAppError(error).message}`);
      })
      .finally(() => {
        this.#running -= 1;
        this.#next();
      });
  }
}

export const [useThumbnails, provideThumbnails] = createContext<Thumbnails>();
