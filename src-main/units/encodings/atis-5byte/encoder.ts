import { AppError } from "#shared/api/errors.ts";
import type { EventPacket } from "#shared/events/packet.ts";
import type { Sensor } from "#shared/events/sensor.ts";
import type { Encoder } from "../encoding.ts";

const RECORD = 5;
const OVERFLOW_US = 8192;
/** Longest time in a record, 23 bits. */
const MAX_TIME = 0x7f_ffff;
/** The row that marks an overflow record, and so cannot hold events. */
const OVERFLOW_ROW = 240;

/**
 * Encoder of ATIS records. Times beyond 8.39 s are carried by overflow records (y = 240, 8192 µs each), which some readers do
 * not know; shorter clips have none.
 */
export function createAtisEncoder(sensor: Sensor): Encoder {
  if (sensor.width > 256 || sensor.height > OVERFLOW_ROW) {
    throw new AppError("unsupported", `ATIS records cannot hold a sensor of ${sensor.width}×${sensor.height}: at most 256×240`, {
      hint: "Choose another format, or cut the recording to a smaller region.",
    });
  }
  let bytes = new Uint8Array(RECORD << 12);
  let overflows = 0;
  return {
    encode: (packet: EventPacket) => {
      const { t0, words } = packet;
      let at = 0;
      for (let i = 0; i < words.length; i += 2) {
        const packed = words[i + 1]!;
        let t = t0 + words[i]! - overflows * OVERFLOW_US;
        const more = t > MAX_TIME ? Math.ceil((t - MAX_TIME) / OVERFLOW_US) : 0;
        if (t < 0) {
          throw new AppError("bad-argument", `The time falls to ${t0 + words[i]!} µs, which ATIS records cannot hold any more`, {
            hint: "Sort the events by time first.",
          });
        }
        const needed = at + RECORD * (more + 1);
        if (needed > bytes.length) {
          const grown = new Uint8Array(Math.max(needed, 2 * bytes.length));
          grown.set(bytes);
          bytes = grown;
        }
        for (let step = 0; step < more; step += 1, at += RECORD) bytes.set([0, OVERFLOW_ROW, 0, 0, 0], at);
        overflows += more;
        t -= more * OVERFLOW_US;
        bytes[at] = packed & 0x3fff;
        bytes[at + 1] = (packed >>> 14) & 0x3fff;
        bytes[at + 2] = ((packed >>> 28) << 7) | (t >>> 16);
        bytes[at + 3] = t >>> 8;
        bytes[at + 4] = t;
        at += RECORD;
      }
      return bytes.subarray(0, at);
    },
    finish: () => new Uint8Array(0),
  };
}
