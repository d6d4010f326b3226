import type { ClockEstimate } from "#shared/api/stream-api.ts";

export type { ClockEstimate };

/** The least delays are kept for so many stretches of time; when there are more, two become one. */
const MAX_BINS = 512;
const FIRST_BIN_US = 20_000;
/** Below this the drift says nothing. */
const MIN_SPAN_US = 500_000;

interface Bin {
  readonly t: number;
  readonly delay: number;
}

/** The corners of the lower convex hull of points in the order of their times. */
function lowerHull(points: readonly Bin[]): readonly Bin[] {
  const hull: Bin[] = [];
  for (const point of points) {
    for (;;) {
      const [a, b] = [hull.at(-2), hull.at(-1)];
      if (a === undefined || b === undefined) break;
      if ((b.delay - a.delay) * (point.t - a.t) < (point.delay - a.delay) * (b.t - a.t)) break;
      hull.pop();
    }
    hull.push(point);
  }
  return hull;
}

const median = (values: readonly number[]): number => values.toSorted((a, b) => a - b)[values.length >> 1] ?? 0;

/**
 * Estimates offset and drift of a camera's clock from the times at which its data arrived. A delay on the way only ever adds, so the
 * true relation is the line that lies as close as possible below all of them: the edge of the lower convex hull over their middle
 * (Zhang, Liu, Xia: Clock synchronization algorithms for network measurements, INFOCOM 2002, doi:10.1109/INFCOM.2002.1019257).
 */
export class HostClock {
  #bins: Bin[] = [];
  #binUs = FIRST_BIN_US;
  #base: number | undefined;

  /** What the camera stamped `t` has arrived at `hostUs`. */
  add(t: number, hostUs: number): void {
    // Small numbers keep the fit exact.
    this.#base ??= hostUs - t;
    const delay = hostUs - t - this.#base;
    const last = this.#bins.at(-1);
    if (last === undefined || Math.floor(t / this.#binUs) > Math.floor(last.t / this.#binUs)) {
      this.#bins.push({ t, delay });
      if (this.#bins.length > MAX_BINS) this.#halve();
    } else if (delay < last.delay && t >= last.t) {
      this.#bins[this.#bins.length - 1] = { t, delay };
    }
  }

  /** `undefined` while too little is known. */
  estimate(): ClockEstimate | undefined {
    const bins = this.#bins;
    const [first, last] = [bins[0], bins.at(-1)];
    if (first === undefined || last === undefined || this.#base === undefined) return undefined;
    const spanUs = last.t - first.t;
    if (spanUs < MIN_SPAN_US) return undefined;
    const middle = first.t + spanUs / 2;
    const hull = lowerHull(bins);
    const at = Math.max(
      1,
      hull.findIndex(({ t }) => t >= middle),
    );
    const [a, b] = [hull[at - 1] ?? first, hull[at] ?? last];
    const slope = b.t > a.t ? (b.delay - a.delay) / (b.t - a.t) : 0;
    const delayAt = (t: number): number => a.delay + slope * (t - a.t);
    const t = Math.round(middle);
    return {
      hostUs: Math.round(this.#base + t + delayAt(t)),
      t,
      // The host counts (1 + slope) µs for each of the camera's.
      driftPpm: Number(((1 / (1 + slope) - 1) * 1e6).toFixed(3)),
      jitterUs: Math.round(median(bins.map((bin) => bin.delay - delayAt(bin.t)))),
      spanUs,
    };
  }

  #halve(): void {
    this.#binUs *= 2;
    const kept: Bin[] = [];
    for (const bin of this.#bins) {
      const last = kept.at(-1);
      if (last === undefined || Math.floor(bin.t / this.#binUs) > Math.floor(last.t / this.#binUs)) kept.push(bin);
      else if (bin.delay < last.delay) kept[kept.length - 1] = bin;
    }
    this.#bins = kept;
  }
}

/** The same relation for a clock that is `shiftUs` behind. */
export const shiftedClock = (estimate: ClockEstimate, shiftUs: number): ClockEstimate => ({
  ...estimate,
  t: estimate.t - shiftUs,
});
