import { AppError } from "#shared/api/errors.ts";
import type { EventPacket } from "#shared/events/packet.ts";
import type { Sensor } from "#shared/events/sensor.ts";
import type { Encoder } from "../encoding.ts";

/** First time that 32 bits cannot hold: 71.6 minutes. */
const MAX_TIME_US = 2 ** 32;

/**
 * Encoder of DAT records, version 2. Readers differ in what they make of a turn of the clock, so none is written: a recording ends
 * before 2^32 µs.
 */
export function createDatEncoder(_sensor: Sensor): Encoder {
  let words = new Uint32Array(1 << 14);
  return {
    encode: ({ t0, words: events }: EventPacket) => {
      const { length } = events;
      if (words.length < length) words = new Uint32Array(2 * length);
      for (let i = 0; i < length; i += 2) {
        const t = t0 + events[i]!;
        if (t < 0 || t >= MAX_TIME_US) {
          throw new AppError("unsupported", `DAT files cannot hold an event at ${t} µs: their clock has 32 bits (71.6 minutes)`, {
            hint: "Write an earlier part with --from and --to, or choose another format, for example Prophesee RAW.",
          });
        }
        words[i] = t;
        words[i + 1] = events[i + 1]!;
      }
      return new Uint8Array(words.buffer, 0, 4 * length);
    },
    finish: () => new Uint8Array(0),
  };
}
