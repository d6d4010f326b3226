import { AppError } from "#shared/api/errors.ts";
import type { Trigger } from "#shared/events/beside.ts";
import type { EventPacket } from "#shared/events/packet.ts";
import type { Sensor } from "#shared/events/sensor.ts";
import type { Encoder } from "../encoding.ts";

const EXT_TRIGGER = 0xa000_0000;
const TIME_HIGH = 0x8000_0000;

/** Steps of TIME_HIGH (64 µs) in one turn of the clock. */
const TURN = 2 ** 28;
/** Steps between time words in silence: 960 µs, since the vendor's decoder looks for turns within 10 ms. */
const SILENT_STEPS = 15;
/** Time words that one silence is filled with at most: over an hour at that distance, longer ones get wider steps. */
const MAX_SILENT_WORDS = 1 << 22;
/** Highest trigger channel that five bits hold. */
const MAX_CHANNEL = 31;

/** Encoder of EVT 2.0: the order of the events is kept exactly, and silence is filled with time words. */
export function createEvt2Encoder(sensor: Sensor): Required<Encoder> {
  if (sensor.width > 2048 || sensor.height > 2048) {
    throw new AppError("unsupported", `EVT 2.0 cannot hold a sensor of ${sensor.width}×${sensor.height}: at most 2048×2048`, {
      hint: "Cut the recording to a smaller region first.",
    });
  }
  let words = new Uint32Array(1 << 14);
  let high = -1; // turns included

  function reserve(needed: number): void {
    if (needed <= words.length) return;
    const grown = new Uint32Array(Math.max(needed, 2 * words.length));
    grown.set(words);
    words = grown;
  }

  /** Writes the first time. A reader starts to count at zero: falls of the counter tell it how often it has turned. */
  function begin(from: number, next: number): number {
    let at = from;
    reserve(at + 4 * Math.ceil(next / TURN) + 8);
    let reached = next < TURN ? next : 0;
    while (reached < next) {
      // No step may look like one back over a turn, and the vendor's decoder wants a word right before a turn and one behind it.
      const turn = (Math.floor(reached / TURN) + 1) * TURN;
      reached = Math.min(next, reached + TURN / 2 - 1, reached < turn - 1 ? turn - 1 : turn);
      words[at++] = TIME_HIGH + (reached % TURN);
    }
    if (next < TURN) words[at++] = TIME_HIGH + next;
    return at;
  }

  /** Writes the time words that lead to `next`; answers the new length. */
  function advance(from: number, next: number): number {
    if (next < 0 || high - next >= TURN / 2) {
      throw new AppError("bad-argument", `The time falls to ${next * 64} µs, which EVT 2.0 cannot hold`, {
        hint: "Sort the events by time, or write the parts into files of their own.",
      });
    }
    let at = from;
    if (high < 0) at = begin(from, next);
    else {
      const step = Math.max(SILENT_STEPS, Math.ceil((next - high) / MAX_SILENT_WORDS));
      reserve(at + Math.max(0, Math.ceil((next - high) / step)) + 8);
      for (let reached = high + step; reached < next; reached += step) words[at++] = TIME_HIGH + (reached % TURN);
      words[at++] = TIME_HIGH + (next % TURN);
    }
    high = next;
    return at;
  }

  const bytes = (length: number): Uint8Array => new Uint8Array(words.buffer, 0, 4 * length);

  return {
    encode: ({ t0, words: events }: EventPacket) => {
      let at = 0;
      for (let i = 0; i < events.length; i += 2) {
        const t = t0 + events[i]!;
        const packed = events[i + 1]!;
        const next = Math.floor(t / 64);
        if (next !== high) at = advance(at, next);
        if (at + 1 > words.length) reserve(at + 1);
        words[at++] = (packed & 0x1000_0000) | ((t - next * 64) << 22) | ((packed & 0x7ff) << 11) | ((packed >>> 14) & 0x7ff);
      }
      return bytes(at);
    },
    triggers: (found: readonly Trigger[]) => {
      let at = 0;
      for (const { t, channel, value } of found) {
        if (channel > MAX_CHANNEL) {
          throw new AppError("unsupported", `EVT 2.0 cannot hold trigger channel ${channel}: at most ${MAX_CHANNEL}`, {
            hint: "Choose another format.",
          });
        }
        const next = Math.floor(t / 64);
        if (next !== high) at = advance(at, next);
        if (at + 1 > words.length) reserve(at + 1);
        words[at++] = EXT_TRIGGER + (((t - next * 64) << 22) | (channel << 8) | (value & 1));
      }
      return bytes(at);
    },
    advance: (t: number) => {
      const next = Math.floor(t / 64);
      return bytes(next > high ? advance(0, next) : 0);
    },
    finish: () => new Uint8Array(0),
  };
}
