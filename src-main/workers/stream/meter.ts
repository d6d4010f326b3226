import type { EventPacket } from "#shared/events/packet.ts";

/** Event rates per second of stream time, before and after the filters. */
export interface Rates {
  readonly rateHz: number;
  readonly filteredRateHz: number;
  /** Share of ON events among those that passed the filters. */
  readonly onShare: number;
}

/** Rates are taken over about this much wall time: long enough to be calm, short enough to follow a hand. */
const SPAN_MS = 500;
const SAMPLES = 10;

/** Counts events against the stream's clock. */
export class Meter {
  #samples: { wall: number; t: number; raw: number; kept: number; on: number }[] = [];
  #raw = 0;
  #kept = 0;
  #on = 0;
  #t = 0;
  readonly #now: () => number;

  constructor(now: () => number) {
    this.#now = now;
  }

  /** Begins anew at stream time `t`. */
  reset(t: number): void {
    this.#samples = [];
    this.#raw = this.#kept = this.#on = 0;
    this.#t = t;
    this.#sample();
  }

  add(raw: EventPacket, kept: EventPacket): void {
    const { words } = kept;
    let on = 0;
    for (let i = 1; i < words.length; i += 2) on += (words[i] ?? 0) >>> 28;
    this.#on += on;
    this.#kept += words.length >>> 1;
    this.#raw += raw.words.length >>> 1;
  }

  /** Everything before `t` has been counted. */
  advance(t: number): void {
    this.#t = t;
    const newest = this.#samples.at(-1);
    if (newest === undefined || this.#now() - newest.wall >= SPAN_MS / SAMPLES) this.#sample();
  }

  rates(): Rates {
    const first = this.#samples[0];
    if (first === undefined || this.#t <= first.t) return { rateHz: 0, filteredRateHz: 0, onShare: 0 };
    const seconds = (this.#t - first.t) / 1e6;
    const kept = this.#kept - first.kept;
    return {
      rateHz: (this.#raw - first.raw) / seconds,
      filteredRateHz: kept / seconds,
      onShare: kept === 0 ? 0 : (this.#on - first.on) / kept,
    };
  }

  #sample(): void {
    this.#samples.push({ wall: this.#now(), t: this.#t, raw: this.#raw, kept: this.#kept, on: this.#on });
    if (this.#samples.length > SAMPLES + 1) this.#samples.shift();
  }
}
