import type { ImuSample } from "#shared/events/beside.ts";
import type { DecoderState } from "../encoding.ts";

/** Words of one reading: acceleration x y z, temperature, rotation x y z. */
const CHANNELS = 7;
const COMPLETE = (1 << CHANNELS) - 1;

/**
 * Scales of the ranges that these cameras usually run with (±4 g, ±500 °/s), and of the chip's thermometer. The ranges are set in
 * preferences that the words do not carry.
 */
const PER_G = 8192;
const PER_DEGREE_A_SECOND = 65.5;
const PER_DEGREE = 340;
const ZERO_DEGREES = 35;

/** Puts inertial readings together from words that each carry one channel; a file may begin or end inside a reading. */
export class InertialWords {
  readonly #values = new Int16Array(CHANNELS);
  #have = 0;
  #time = 0;
  #found: ImuSample[] = [];
  /** Readings of which words are missing. */
  incomplete = 0;

  constructor(state?: DecoderState) {
    this.#have = state?.["imu"] ?? 0;
    this.#time = state?.["imuTime"] ?? 0;
    for (let i = 0; i < CHANNELS; i += 1) this.#values[i] = state?.[`imu${i}`] ?? 0;
  }

  /** A word at `t` (µs): channel in bits 30-28, signed value in bits 27-12. */
  add(word: number, t: number): void {
    const channel = (word >>> 28) & 7;
    if (channel >= CHANNELS) {
      this.incomplete += 1;
      return;
    }
    if (this.#have !== 0 && (t !== this.#time || (this.#have & (1 << channel)) !== 0)) {
      this.incomplete += 1;
      this.#have = 0;
    }
    this.#time = t;
    this.#have |= 1 << channel;
    this.#values[channel] = (word << 4) >> 16;
    if (this.#have !== COMPLETE) return;
    this.#have = 0;
    const [ax = 0, ay = 0, az = 0, temperature = 0, rx = 0, ry = 0, rz = 0] = this.#values;
    this.#found.push({
      t,
      temperature: temperature / PER_DEGREE + ZERO_DEGREES,
      acceleration: [ax / PER_G, ay / PER_G, az / PER_G],
      rotation: [rx / PER_DEGREE_A_SECOND, ry / PER_DEGREE_A_SECOND, rz / PER_DEGREE_A_SECOND],
    });
  }

  /** Readings completed since the last call. */
  take(): readonly ImuSample[] {
    if (this.#found.length === 0) return this.#found;
    const found = this.#found;
    this.#found = [];
    return found;
  }

  /** What a copy of the decoder needs to go on inside a reading. */
  state(): DecoderState {
    if (this.#have === 0) return {};
    const values = Array.from(this.#values, (value, i) => [`imu${i}`, value] as const);
    return { imu: this.#have, imuTime: this.#time, ...Object.fromEntries(values) };
  }
}
