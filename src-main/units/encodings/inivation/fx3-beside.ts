import type { Trigger } from "#shared/events/beside.ts";
import { CLOCK_RESET_CHANNEL } from "#shared/events/beside.ts";
import type { DavisFrames } from "./davis-frames.ts";
import type { ReadingWords } from "./readings.ts";

/** Numbers of the words that mark something (code 0). */
export const SPECIAL_RESET = 1;
const FALLING = 2;
const RISING = 3;
const PULSE = 4;
const READING_START = 5;
const READING_END = 7;
const GLOBAL_FRAME = 8;
const ROLLING_FRAME = 9;
const FRAME_END = 10;
const RESET_COLUMN = 11;
const SIGNAL_COLUMN = 12;
const COLUMN_END = 13;
const EXPOSURE_START = 14;
const EXPOSURE_END = 15;
const GENERATOR_FALLING = 16;
const GENERATOR_RISING = 17;

/** Channels of triggers: the input connector, and the generator of the output connector. */
const INPUT = 0;
const GENERATOR = 1;

/** What the boards with 16-bit words send beside events. */
export class Fx3Beside {
  readonly readings: ReadingWords;
  readonly frames: DavisFrames | undefined;
  #triggers: Trigger[] = [];
  /** Words of no known kind. */
  foreign = 0;

  constructor(readings: ReadingWords, frames?: DavisFrames) {
    this.readings = readings;
    this.frames = frames;
  }

  /** A word of code 0 at `t`; the clock has been set back already where it says so. */
  special(code: number, t: number): void {
    const { frames, readings } = this;
    switch (code) {
      case SPECIAL_RESET:
        return this.#edge(t, CLOCK_RESET_CHANNEL, 1);
      case FALLING:
        return this.#edge(t, INPUT, 0);
      case RISING:
      case PULSE:
        return this.#edge(t, INPUT, 1);
      case GENERATOR_FALLING:
        return this.#edge(t, GENERATOR, 0);
      case GENERATOR_RISING:
        return this.#edge(t, GENERATOR, 1);
      case READING_START:
        return readings.begin(t);
      case READING_END:
        return readings.end();
      case GLOBAL_FRAME:
      case ROLLING_FRAME:
        return frames?.begin(t);
      case FRAME_END:
        return frames?.end(t);
      case RESET_COLUMN:
        return frames?.column(1);
      case SIGNAL_COLUMN:
        return frames?.column(2);
      case COLUMN_END:
        return frames?.columnEnd();
      case EXPOSURE_START:
        return frames?.exposureStart(t);
      case EXPOSURE_END:
        return frames?.exposureEnd(t);
      default:
        this.foreign += 1;
    }
  }

  /** A word of code 5: a byte, with its kind above it. */
  byte(data: number): void {
    const value = data & 0xff;
    switch (data >> 8) {
      case 0:
        return this.readings.byte(value);
      case 1:
      case 2:
        return this.frames?.region(value);
      case 3:
        return this.readings.settings(value);
      default:
        this.foreign += 1;
    }
  }

  #edge(t: number, channel: number, value: number): void {
    this.#triggers.push({ t, channel, value });
  }

  triggers(): readonly Trigger[] {
    if (this.#triggers.length === 0) return this.#triggers;
    const found = this.#triggers;
    this.#triggers = [];
    return found;
  }

  forget(): void {
    this.readings.forget();
    this.frames?.forget();
  }
}
