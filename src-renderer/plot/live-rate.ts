import type { RateStrip, ViewFrame } from "#shared/api/stream-api.ts";

/** The last seconds of a live stream as a rate strip, filled from what the picture receives. */
export class LiveRate {
  readonly #stepUs: number;
  readonly #columns: number;
  readonly #on: Uint32Array;
  readonly #off: Uint32Array;
  /** Index of the newest bin since time 0. */
  #newest = -1;

  constructor(spanUs = 10_000_000, columns = 500) {
    this.#stepUs = spanUs / columns;
    this.#columns = columns;
    this.#on = new Uint32Array(columns);
    this.#off = new Uint32Array(columns);
  }

  add(frame: ViewFrame): void {
    if (frame.reset || Math.floor(frame.t / this.#stepUs) < this.#newest) {
      this.#on.fill(0);
      this.#off.fill(0);
      this.#newest = -1;
    }
    this.#advance(Math.floor(frame.t / this.#stepUs));
    if (frame.kind === "events") {
      const { t0, words } = frame.packet;
      for (let i = 0; i < words.length; i += 2) this.#put(t0 + (words[i] ?? 0), (words[i + 1] ?? 0) >>> 28, 1);
    } else {
      // Counts have no times of their own: they belong to the middle of their frame.
      const t = (frame.from + frame.t) / 2;
      for (const count of frame.on) if (count > 0) this.#put(t, 1, count);
      for (const count of frame.off) if (count > 0) this.#put(t, 0, count);
    }
  }

  #put(t: number, p: number, count: number): void {
    const bin = Math.floor(t / this.#stepUs);
    if (bin > this.#newest || bin <= this.#newest - this.#columns) return;
    const at = bin % this.#columns;
    const target = p === 1 ? this.#on : this.#off;
    target[at] = (target[at] ?? 0) + count;
  }

  #advance(bin: number): void {
    for (let next = Math.max(this.#newest + 1, bin - this.#columns + 1); next <= bin; next++) {
      this.#on[next % this.#columns] = 0;
      this.#off[next % this.#columns] = 0;
    }
    this.#newest = Math.max(this.#newest, bin);
  }

  /** The strip so far, oldest first; its end is now. */
  strip(): RateStrip {
    const order = (source: Uint32Array): Uint32Array =>
      Uint32Array.from({ length: this.#columns }, (_, i) => source[(this.#newest + 1 + i) % this.#columns] ?? 0);
    return {
      start: (this.#newest + 1 - this.#columns) * this.#stepUs,
      stepUs: this.#stepUs,
      on: order(this.#on),
      off: order(this.#off),
    };
  }
}
