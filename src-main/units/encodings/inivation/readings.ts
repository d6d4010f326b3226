import type { ImuSample } from "#shared/events/beside.ts";
import type { DecoderState } from "../encoding.ts";

/** Bytes of a whole reading: acceleration, temperature, rotation. */
const READING_BYTES = 14;
const ALL_GROUPS = 7;

/** How a chip's numbers become units, by the byte of its settings that comes with every reading. */
export interface InertialScale {
  /** Largest acceleration, g, and rotation, °/s, of a full-scale number. */
  ranges(settings: number): readonly [g: number, degreesPerSecond: number];
  celsius(raw: number): number;
  /** Places of x, y and z in the order in which they come. */
  readonly axes: readonly [x: number, y: number, z: number];
}

/** BMI160 of the DVXplorer family. */
export const bmi160 = (axes: InertialScale["axes"]): InertialScale => ({
  ranges: (settings) => [2 << ((settings >> 3) & 3), 2000 >> Math.min(4, settings & 7)],
  celsius: (raw) => raw / 512 + 23,
  axes,
});

/** MPU-6050/6150 (type 1) or MPU-9250 (type 2) of the DAVIS family. */
export const mpu = (type: number): InertialScale => ({
  ranges: (settings) => [2 << ((settings >> 2) & 3), 250 << (settings & 3)],
  celsius: type === 2 ? (raw) => raw / 333.87 + 21 : (raw) => raw / 340 + 35,
  axes: [0, 1, 2],
});

/** A reading in units. `flips`: bits 2, 1, 0 turn x, y, z round. */
export function sampleOf(
  t: number,
  settings: number,
  raw: { readonly acceleration: readonly number[]; readonly temperature: number; readonly rotation: readonly number[] },
  scale: InertialScale,
  flips = 0,
): ImuSample {
  const [g, degrees] = scale.ranges(settings);
  const along = (values: readonly number[], full: number): readonly [number, number, number] => {
    const axis = (number: 0 | 1 | 2): number =>
      (((flips >> (2 - number)) & 1 ? -1 : 1) * (values[scale.axes[number]] ?? 0) * full) / 0x8000;
    return [axis(0), axis(1), axis(2)];
  };
  return {
    t,
    temperature: scale.celsius(raw.temperature),
    acceleration: along(raw.acceleration, g),
    rotation: along(raw.rotation, degrees),
  };
}

/** Puts readings together from words that carry a byte each, between a start word and an end word. */
export class ReadingWords {
  readonly #scale: InertialScale;
  readonly #flips: number;
  readonly #bytes = new Uint8Array(READING_BYTES);
  readonly #view = new DataView(this.#bytes.buffer);
  /** Bytes so far; -1 outside a reading. */
  #count: number;
  #settings: number;
  #time: number;
  #found: ImuSample[] = [];
  /** Readings of which words are missing, or that do not hold all three groups. */
  incomplete = 0;

  constructor(scale: InertialScale, flips: number, state?: DecoderState) {
    this.#scale = scale;
    this.#flips = flips;
    this.#count = Math.min(READING_BYTES + 1, state?.["imu"] ?? -1);
    this.#settings = state?.["imuSettings"] ?? 0;
    this.#time = state?.["imuTime"] ?? 0;
    for (let i = 0; i < this.#count; i += 1) this.#bytes[i] = state?.[`imu${i}`] ?? 0;
  }

  begin(t: number): void {
    if (this.#count >= 0) this.incomplete += 1;
    this.#count = 0;
    this.#settings = 0;
    this.#time = t;
  }

  /** Which groups come, and the ranges. */
  settings(value: number): void {
    this.#settings = value;
  }

  byte(value: number): void {
    if (this.#count < 0) return;
    if (this.#count < READING_BYTES) this.#bytes[this.#count] = value;
    this.#count = Math.min(this.#count + 1, READING_BYTES + 1);
  }

  end(): void {
    if (this.#count < 0) return;
    const complete = this.#count === READING_BYTES && this.#settings >> 5 === ALL_GROUPS;
    this.#count = -1;
    if (!complete) {
      this.incomplete += 1;
      return;
    }
    const at = (index: number): number => this.#view.getInt16(2 * index);
    const raw = { acceleration: [at(0), at(1), at(2)], temperature: at(3), rotation: [at(4), at(5), at(6)] };
    this.#found.push(sampleOf(this.#time, this.#settings, raw, this.#scale, this.#flips));
  }

  /** Words were lost: a reading that has begun is one no more. */
  forget(): void {
    if (this.#count >= 0) this.incomplete += 1;
    this.#count = -1;
  }

  /** Readings completed since the last call. */
  take(): readonly ImuSample[] {
    if (this.#found.length === 0) return this.#found;
    const found = this.#found;
    this.#found = [];
    return found;
  }

  state(): DecoderState {
    if (this.#count < 0) return {};
    const bytes = Array.from(this.#bytes.subarray(0, this.#count), (byte, i) => [`imu${i}`, byte] as const);
    return { imu: this.#count, imuSettings: this.#settings, imuTime: this.#time, ...Object.fromEntries(bytes) };
  }
}
