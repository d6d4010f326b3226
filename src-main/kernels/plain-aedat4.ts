import type { EventKernels } from "./event-kernels.ts";
import * as at from "./layout.ts";

/** Event structs of AEDAT 4 in plain TypeScript, on the memory of the other twins. */
export function createPlainAedat4Kernel(memory: ArrayBuffer): Pick<EventKernels, "aedat4Decode"> {
  const bytes = new Uint8Array(memory);
  const words16 = new Uint16Array(memory);
  const words = new Uint32Array(memory);
  const slots = new Int32Array(memory);

  function aedat4Decode(input: number, count: number, output: number, state: number): number {
    const s = state >>> 2;
    const width = slots[s + at.WIDTH]!;
    const height = slots[s + at.HEIGHT]!;
    const base = slots[s + at.BASE]! >>> 0;
    const baseHigh = slots[s + at.AEDAT4_BASE_HIGH]!;
    let last = slots[s + at.AEDAT4_LAST]!;
    let stop: number = at.STOP_END;
    let outside = 0;
    let impossible = 0;
    let out = output >>> 2;
    let i = input;
    const end = input + 16 * count;

    for (; i < end; i += 16) {
      const word = i >>> 2;
      const low = words[word]!;
      const high = words[word + 1]!;
      if (high >= at.AEDAT4_IMPOSSIBLE) {
        impossible += 1;
        continue;
      }
      const offset = low - base; // and a turn more for each step of the upper half
      const steps = high - baseHigh;
      const t = steps === 0 ? offset : steps === 1 ? offset + 0x1_0000_0000 : -1;
      if (t < 0 || t > at.MAX_OFFSET || t < last - at.FALL_US) {
        stop = at.STOP_BASE;
        break;
      }
      last = t;
      const x = words16[(i + 8) >>> 1]!;
      const y = words16[(i + 10) >>> 1]!;
      if (x < width && y < height) {
        words[out] = t;
        words[out + 1] = (bytes[i + 12] !== 0 ? 0x1000_0000 : 0) | (y << 14) | x;
        out += 2;
      } else outside += 1;
    }

    slots[s + at.EVENTS] = (out - (output >>> 2)) >>> 1;
    slots[s + at.STOP] = stop;
    slots[s + at.DROPPED_OUTSIDE]! += outside;
    slots[s + at.DROPPED_TIMELESS]! += impossible;
    slots[s + at.AEDAT4_LAST] = last;
    return (i - input) >>> 4;
  }

  return { aedat4Decode };
}
