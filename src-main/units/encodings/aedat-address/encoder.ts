import { AppError } from "#shared/api/errors.ts";
import type { Sensor } from "#shared/events/sensor.ts";
import type { Encoder } from "../encoding.ts";
import type { AddressLayout } from "./decoder.ts";

/** Largest pixel arrays whose coordinates the addresses can hold. */
const LIMITS = { dvs128: { width: 128, height: 128 }, davis: { width: 1024, height: 512 } } as const;

/** Words of the external input, rising and falling: kinds 3 and 2 of the DAVIS; the DVS128 tells no edges, so a falling one is ours. */
const EDGES = { dvs128: [0x8001, 0x8000], davis: [0x402, 0x403] } as const;

/**
 * Encoder of addresses and times. Events come in stored coordinates; the turns of the 32-bit time are left to the reader, so no
 * silence may be longer than half of its range.
 */
export function createAddressEncoder({ family, addressBytes }: AddressLayout, sensor: Sensor): Encoder {
  const limit = LIMITS[family];
  if (sensor.width > limit.width || sensor.height > limit.height) {
    const size = `${sensor.width}×${sensor.height}`;
    throw new AppError(
      "unsupported",
      `These address words cannot hold a sensor of ${size}: at most ${limit.width}×${limit.height}`,
      {
        hint: "Choose another format, or cut the recording to a smaller region.",
      },
    );
  }
  const recordBytes = addressBytes + 4;
  const davis = family === "davis";
  let bytes = new Uint8Array(recordBytes << 12);
  let view = new DataView(bytes.buffer);
  let last = -1;

  const room = (records: number): void => {
    if (records * recordBytes <= bytes.length) return;
    bytes = new Uint8Array(2 * records * recordBytes);
    view = new DataView(bytes.buffer);
  };
  /** The time as it is stored, once it is sure that a reader will find it again. */
  const stored = (t: number): number => {
    const time32 = t % 0x1_0000_0000;
    if (last >= 0 && last + ((time32 - last) | 0) !== t) {
      const step = `from ${last} to ${t} µs`;
      throw new AppError("unsupported", `The time goes ${step}, which AEDAT 2 cannot hold: its clock has 32 bits`, {
        hint: "Write the parts into files of their own, or choose AEDAT 4.",
      });
    }
    last = t;
    return time32;
  };

  return {
    encode: ({ t0, words }) => {
      room(words.length >>> 1);
      let at = 0;
      for (let i = 0; i < words.length; i += 2, at += recordBytes) {
        const t = t0 + words[i]!;
        const time32 = stored(t);
        const packed = words[i + 1]!;
        const x = packed & 0x3fff;
        const y = (packed >>> 14) & 0x3fff;
        const on = packed >>> 28;
        if (addressBytes === 4) view.setUint32(at, davis ? (y << 22) | (x << 12) | (on << 11) : (y << 8) | (x << 1) | (on ^ 1));
        else view.setUint16(at, (y << 8) | (x << 1) | (on ^ 1));
        view.setUint32(at + addressBytes, time32);
      }
      return bytes.subarray(0, at);
    },
    triggers: (found) => {
      room(found.length);
      let at = 0;
      for (const { t, value } of found) {
        const address = EDGES[family][value === 0 ? 0 : 1];
        if (addressBytes === 4) view.setUint32(at, address);
        else view.setUint16(at, address);
        view.setUint32(at + addressBytes, stored(t));
        at += recordBytes;
      }
      return bytes.subarray(0, at);
    },
    finish: () => new Uint8Array(0),
  };
}
