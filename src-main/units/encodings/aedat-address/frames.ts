import type { Frame } from "#shared/events/beside.ts";
import type { Sensor } from "#shared/events/sensor.ts";

/** A pixel that has not been read; readings have ten bits. */
const UNREAD = 0xffff;

/**
 * Puts frames together from words that each carry one reading of one pixel: the picture is reset reading less signal reading. The
 * scan may run in any direction, and with a rolling shutter both readings may interleave; only whole frames count.
 */
export class FrameWords {
  readonly #width: number;
  readonly #height: number;
  #resets = new Uint16Array(0);
  #signals = new Uint16Array(0);
  #haveResets = 0;
  #haveSignals = 0;
  #firstReset = 0;
  #lastReset = 0;
  #firstSignal = 0;
  #found: Frame[] = [];
  /** Frames of which pixels are missing. */
  incomplete = 0;
  /** Readings of pixels beyond the sensor. */
  outside = 0;

  constructor({ width, height }: Sensor) {
    this.#width = width;
    this.#height = height;
  }

  /** A word at `t` (µs): row in bits 30-22 from below, column in bits 21-12, signal or reset in bit 10, reading in bits 9-0. */
  add(word: number, t: number): void {
    const x = (word >>> 12) & 0x3ff;
    const y = (word >>> 22) & 0x1ff;
    if (x >= this.#width || y >= this.#height) {
      this.outside += 1;
      return;
    }
    if (this.#resets.length === 0) {
      this.#resets = new Uint16Array(this.#width * this.#height).fill(UNREAD);
      this.#signals = new Uint16Array(this.#width * this.#height).fill(UNREAD);
    }
    const isSignal = (word & 0x400) !== 0;
    const readings = isSignal ? this.#signals : this.#resets;
    const pixel = (this.#height - 1 - y) * this.#width + x; // columns run as on the screen, rows do not
    if (readings[pixel] !== UNREAD) this.#startAnew();
    readings[pixel] = word & 0x3ff;
    if (isSignal) {
      if (this.#haveSignals === 0) this.#firstSignal = t;
      this.#haveSignals += 1;
    } else {
      if (this.#haveResets === 0) this.#firstReset = t;
      this.#lastReset = t;
      this.#haveResets += 1;
    }
    const pixels = readings.length;
    if (this.#haveResets === pixels && this.#haveSignals === pixels) this.#finish(t);
  }

  /** Frames completed since the last call. */
  take(): readonly Frame[] {
    if (this.#found.length === 0) return this.#found;
    const found = this.#found;
    this.#found = [];
    return found;
  }

  #startAnew(): void {
    this.incomplete += 1;
    this.#clear();
  }

  #clear(): void {
    this.#resets.fill(UNREAD);
    this.#signals.fill(UNREAD);
    this.#haveResets = 0;
    this.#haveSignals = 0;
  }

  #finish(end: number): void {
    const pixels = new Uint16Array(this.#resets.length);
    for (let i = 0; i < pixels.length; i += 1) {
      const value = Math.max(0, this.#resets[i]! - this.#signals[i]!);
      pixels[i] = (value << 6) | (value >>> 4);
    }
    // A global shutter resets all pixels before it reads the first; a rolling one exposes from its first reset on.
    const global = this.#lastReset <= this.#firstSignal;
    const exposure = { start: global ? this.#lastReset : this.#firstReset, end: Math.max(this.#firstSignal, this.#firstReset) };
    this.#found.push({
      t: Math.floor((exposure.start + exposure.end) / 2),
      exposure,
      readout: { start: this.#firstReset, end },
      width: this.#width,
      height: this.#height,
      offset: { x: 0, y: 0 },
      channels: 1,
      pixels,
    });
    this.#clear();
  }
}
