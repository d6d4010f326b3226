import type { ViewFrame } from "#shared/api/stream-api.ts";
import type { Sensor } from "#shared/events/sensor.ts";

/** What can be read off a running stream without asking the user anything. */
export type StreamReadings = {
  /** Pixels that fire on while their neighbours are still. */
  readonly hotPixels: number;
  /** How deep the event rate swings with the mains, 0 to 1, and at which frequency. */
  readonly flicker: { readonly hz: number; readonly depth: number };
  readonly onShare: number;
  readonly events: number;
};

/** Bins of the flicker check. */
const BIN_US = 1000;
const BINS = 1000;
/** Light on the mains of 50 and 60 Hz flickers at twice that. */
const MAINS_HZ = [100, 120] as const;
/** A pixel is hot above so many events a second while the eight around it have less than a tenth each. */
const HOT_HZ = 40;
/** Below so many events a second a swing of the rate is chance. */
const FEWEST_FOR_FLICKER = 2000;

/** Depth of a sine in the bins, relative to their mean (Goertzel's algorithm at one frequency). */
export function swing(bins: ArrayLike<number>, perSecond: number, hz: number): number {
  const w = (2 * Math.PI * hz) / perSecond;
  const c = 2 * Math.cos(w);
  let [a, b, sum] = [0, 0, 0];
  for (let i = 0; i < bins.length; i++) {
    const value = bins[i] ?? 0;
    sum += value;
    const next = value + c * a - b;
    b = a;
    a = next;
  }
  const power = a * a + b * b - c * a * b;
  return sum === 0 ? 0 : Math.min(1, (2 * Math.sqrt(Math.max(0, power))) / sum);
}

/** Collects a second of events and then tells what it found. */
export class StreamChecks {
  readonly #sensor: Sensor;
  readonly #counts: Uint16Array;
  readonly #bins = new Uint32Array(BINS);
  #start: number | undefined;
  #on = 0;
  #events = 0;
  /** False while frames come as counts: their times inside the frame are not known. */
  #timed = true;

  constructor(sensor: Sensor) {
    this.#sensor = sensor;
    this.#counts = new Uint16Array(sensor.width * sensor.height);
  }

  /** Takes a frame; answers once a second of stream time. */
  add(frame: ViewFrame): StreamReadings | undefined {
    if (frame.reset || this.#start === undefined) this.#begin(frame.from);
    const start = this.#start ?? frame.from;
    const { width, height } = this.#sensor;
    if (frame.kind === "events") {
      const { t0, words } = frame.packet;
      for (let i = 0; i < words.length; i += 2) {
        const xyp = words[i + 1] ?? 0;
        const x = xyp & 0x3fff;
        const y = (xyp >>> 14) & 0x3fff;
        if (x >= width || y >= height) continue;
        this.#counts[y * width + x] = (this.#counts[y * width + x] ?? 0) + 1;
        this.#on += xyp >>> 28;
        this.#events += 1;
        const bin = Math.floor((t0 + (words[i] ?? 0) - start) / BIN_US);
        if (bin >= 0 && bin < BINS) this.#bins[bin] = (this.#bins[bin] ?? 0) + 1;
      }
    } else {
      this.#timed = false;
      for (let i = 0; i < frame.on.length; i++) {
        this.#on += frame.on[i] ?? 0;
        this.#events += (frame.on[i] ?? 0) + (frame.off[i] ?? 0);
        if (frame.factor === 1) this.#counts[i] = (this.#counts[i] ?? 0) + (frame.on[i] ?? 0) + (frame.off[i] ?? 0);
      }
    }
    if (frame.t - start < BINS * BIN_US) return undefined;
    const readings = this.#read();
    this.#begin(frame.t);
    return readings;
  }

  #begin(t: number): void {
    this.#start = t;
    this.#counts.fill(0);
    this.#bins.fill(0);
    this.#on = 0;
    this.#events = 0;
    this.#timed = true;
  }

  #read(): StreamReadings {
    let flicker = { hz: 0, depth: 0 };
    if (this.#timed && this.#events >= FEWEST_FOR_FLICKER) {
      for (const hz of MAINS_HZ) {
        const depth = swing(this.#bins, 1e6 / BIN_US, hz);
        if (depth > flicker.depth) flicker = { hz, depth };
      }
    }
    return { hotPixels: this.#hot(), flicker, onShare: this.#events === 0 ? 0 : this.#on / this.#events, events: this.#events };
  }

  #hot(): number {
    const { width, height } = this.#sensor;
    const counts = this.#counts;
    let hot = 0;
    for (let y = 0; y < height; y++) {
      for (let x = 0; x < width; x++) {
        const own = counts[y * width + x] ?? 0;
        if (own < HOT_HZ) continue;
        let around = 0;
        let neighbours = 0;
        for (let dy = -1; dy <= 1; dy++) {
          for (let dx = -1; dx <= 1; dx++) {
            const [nx, ny] = [x + dx, y + dy];
            if ((dx === 0 && dy === 0) || nx < 0 || ny < 0 || nx >= width || ny >= height) continue;
            around += counts[ny * width + nx] ?? 0;
            neighbours += 1;
          }
        }
        if (around / neighbours < own / 10) hot += 1;
      }
    }
    return hot;
  }
}
