import { AppError } from "#shared/api/errors.ts";
import type { Trigger } from "#shared/events/beside.ts";
import type { EventPacket } from "#shared/events/packet.ts";
import type { Sensor } from "#shared/events/sensor.ts";
import type { Encoder } from "../encoding.ts";

const ADDR_Y = 0x0000;
const ADDR_X = 0x2000;
const VECT_BASE_X = 0x3000;
const VECT_12 = 0x4000;
const VECT_8 = 0x5000;
const TIME_LOW = 0x6000;
const TIME_HIGH = 0x8000;
const EXT_TRIGGER = 0xa000;
/** Highest trigger channel that four bits hold. */
const MAX_CHANNEL = 15;

/** Steps of TIME_HIGH in one turn of the counter (2^24 µs). */
const TURN = 4096;
/** Turns that a recording may begin with: 19 hours, written as 16 KiB of time words. */
const MAX_FIRST_TURNS = 4096;
/** Pixels that one group of vector words covers, and how many events make it shorter than single words. */
const GROUP = 32;
const GROUP_MIN_EVENTS = 3;

/**
 * Encoder of EVT 3.0. The order of the events is kept exactly: only neighbors in the stream with rising x share a vector, and
 * vectors are always whole groups of 12, 12 and 8, which the vendor's default decoder needs. Every 4.096 ms of recorded time
 * there is a TIME_HIGH, silence included, so that readers count the turns of the 24-bit clock.
 */
export function createEvt3Encoder(sensor: Sensor): Required<Encoder> {
  if (sensor.width > 2048 || sensor.height > 2048) {
    throw new AppError("unsupported", `EVT 3.0 cannot hold a sensor of ${sensor.width}×${sensor.height}: at most 2048×2048`, {
      hint: "Cut the recording to a smaller region first.",
    });
  }
  let words = new Uint16Array(1 << 14);
  let high = -1; // turns included
  let low = -1;
  let row = -1;

  /** Writes the time words that lead to `nextHigh`; answers the new length. */
  function advance(from: number, nextHigh: number): number {
    let at = from;
    const first = high < 0;
    if (first && nextHigh / TURN > MAX_FIRST_TURNS) {
      throw new AppError("unsupported", `EVT 3.0 cannot begin at ${nextHigh * 4096} µs: at most 19 hours`, {
        hint: "Let times begin at zero: --from-zero, or the switch of that name in the export.",
      });
    }
    if (!first && high - nextHigh >= TURN / 2) {
      throw new AppError("bad-argument", `The time falls by ${(high - nextHigh) * 4096} µs, which EVT 3.0 cannot hold`, {
        hint: "Sort the events by time, or write the parts into files of their own.",
      });
    }
    const turns = first ? Math.floor(nextHigh / TURN) : 0;
    const steps = first ? 2 * turns + 1 : Math.max(1, nextHigh - high);
    if (at + steps + 8 > words.length) words = grow(words, at + steps + 8);
    if (first) {
      // A reader starts to count at zero: so many falls of the counter tell it how often it has turned.
      for (let turn = 0; turn < turns; turn += 1) {
        words[at++] = TIME_HIGH | (TURN - 1);
        words[at++] = TIME_HIGH;
      }
      words[at++] = TIME_HIGH | (nextHigh % TURN);
    } else if (nextHigh < high) words[at++] = TIME_HIGH | (nextHigh % TURN);
    else for (let step = high + 1; step <= nextHigh; step += 1) words[at++] = TIME_HIGH | (step % TURN);
    high = nextHigh;
    low = -1;
    return at;
  }

  return {
    encode: (packet: EventPacket) => {
      const { t0, words: events } = packet;
      let at = 0;
      for (let i = 0; i < events.length;) {
        const offset = events[i]!;
        const packed = events[i + 1]!;
        const t = t0 + offset;
        const nextHigh = Math.floor(t / 4096);
        if (nextHigh !== high) at = advance(at, nextHigh);
        if (at + 8 > words.length) words = grow(words, at + 8);
        const nextLow = t - nextHigh * 4096;
        if (nextLow !== low) {
          low = nextLow;
          words[at++] = TIME_LOW | low;
        }
        const y = (packed >>> 14) & 0x3fff;
        if (y !== row) {
          row = y;
          words[at++] = ADDR_Y | y;
        }
        const x = packed & 0x3fff;
        const polarity = (packed >>> 28) << 11;

        // Neighbors of the same time, row and polarity with rising x differ by less than 32 in the packed word.
        let mask = 1;
        let end = i + 2;
        let last = packed;
        while (end < events.length && events[end] === offset) {
          const next = events[end + 1]!;
          if (next <= last || next - packed >= GROUP || next >>> 14 !== packed >>> 14) break;
          mask |= 1 << (next - packed);
          last = next;
          end += 2;
        }
        if (end - i >= 2 * GROUP_MIN_EVENTS) {
          words[at] = VECT_BASE_X | polarity | x;
          words[at + 1] = VECT_12 | (mask & 0xfff);
          words[at + 2] = VECT_12 | ((mask >>> 12) & 0xfff);
          words[at + 3] = VECT_8 | (mask >>> 24);
          at += 4;
          i = end;
        } else {
          words[at++] = ADDR_X | polarity | x;
          i += 2;
        }
      }
      return new Uint8Array(words.buffer, 0, 2 * at);
    },
    triggers: (found: readonly Trigger[]) => {
      let at = 0;
      for (const { t, channel, value } of found) {
        if (channel > MAX_CHANNEL) {
          throw new AppError("unsupported", `EVT 3.0 cannot hold trigger channel ${channel}: at most ${MAX_CHANNEL}`, {
            hint: "Write EVT 2.0 (prophesee-raw-evt2), which holds 31.",
          });
        }
        const nextHigh = Math.floor(t / 4096);
        if (nextHigh !== high) at = advance(at, nextHigh);
        if (at + 2 > words.length) words = grow(words, at + 2);
        low = t - nextHigh * 4096;
        words[at++] = TIME_LOW | low;
        words[at++] = EXT_TRIGGER | (channel << 8) | (value & 1);
      }
      return new Uint8Array(words.buffer, 0, 2 * at);
    },
    advance: (t: number) => {
      const nextHigh = Math.floor(t / 4096);
      const at = nextHigh > high ? advance(0, nextHigh) : 0;
      return new Uint8Array(words.buffer, 0, 2 * at);
    },
    finish: () => new Uint8Array(0),
  };
}

function grow(words: Uint16Array<ArrayBuffer>, needed: number): Uint16Array<ArrayBuffer> {
  let capacity = words.length;
  while (capacity < needed) capacity *= 2;
  const grown = new Uint16Array(capacity);
  grown.set(words);
  return grown;
}
