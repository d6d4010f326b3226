import { AppError } from "#shared/api/errors.ts";
import type { Sensor } from "#shared/events/sensor.ts";
import type { Encoder } from "../encoding.ts";
import { STRUCT } from "./decoder.ts";

/** Largest coordinate plus one of a signed 16-bit number. */
const MAX_SIDE = 1 << 15;

/** Encoder of event structs. */
export function createStructEncoder({ width, height }: Sensor): Encoder {
  if (width > MAX_SIDE || height > MAX_SIDE) {
    throw new AppError("unsupported", `AEDAT 4 cannot hold a sensor of ${width}×${height}: at most ${MAX_SIDE}×${MAX_SIDE}`, {
      hint: "Cut the recording to a smaller region first.",
    });
  }
  let words = new Uint32Array(0);
  return {
    encode: (packet) => {
      const { t0, words: events } = packet;
      const needed = 2 * events.length;
      if (needed > words.length) words = new Uint32Array(2 * needed);
      const out = words;
      for (let i = 0, at = 0; i < events.length; i += 2, at += 4) {
        const t = t0 + events[i]!;
        const packed = events[i + 1]!;
        const high = Math.floor(t / 0x1_0000_0000);
        out[at] = t - high * 0x1_0000_0000;
        out[at + 1] = high;
        out[at + 2] = ((packed << 2) & 0x3fff_0000) | (packed & 0x3fff);
        out[at + 3] = packed >>> 28;
      }
      return new Uint8Array(words.buffer, 0, (events.length >>> 1) * STRUCT);
    },
    finish: () => new Uint8Array(0),
  };
}
