import type { EventKernels } from "./event-kernels.ts";
import * as at from "./layout.ts";
import { createPlainAedat4Kernel } from "./plain-aedat4.ts";
import { createPlainPropheseeKernels } from "./plain-prophesee.ts";

/**
 * The event kernels in plain TypeScript: the oracle of the compiled module, and what runs where that is missing.
 * Same memory, same arguments, same state as `assembly/events`.
 */
export function createPlainEventKernels(): EventKernels {
  const memory = new ArrayBuffer(at.MEMORY_PAGES * 65536);
  const bytes = new Uint8Array(memory);
  const words16 = new Uint16Array(memory);
  const words32 = new Uint32Array(memory);
  const slots = new Int32Array(memory);

  function evt3Decode(input: number, count: number, output: number, triggers: number, state: number): number {
    const s = state >>> 2;
    const width = slots[s + at.WIDTH]!;
    const height = slots[s + at.HEIGHT]!;
    const base = slots[s + at.BASE]!;
    let high = slots[s + at.EVT3_HIGH]!;
    let low = slots[s + at.EVT3_LOW]!;
    let wraps = slots[s + at.EVT3_WRAPS]!;
    let row = slots[s + at.EVT3_ROW]!;
    let vectorX = slots[s + at.EVT3_VECTOR_X]!;
    let vectorP = slots[s + at.EVT3_VECTOR_P]!;
    let stop: number = at.STOP_END;
    let offset = ((wraps << 24) + (high << 12) + low - base) | 0;
    let out = output >>> 2;
    let trigger = triggers >>> 2;
    let i = input >>> 1;
    const end = i + count;

    while (i < end) {
      const word = words16[i++]!;
      const kind = word >>> 12;
      if (kind === 8) {
        const next = word & 0xfff;
        if (next === high) continue;
        const old = high;
        if (next < old && old - next >= 2048) wraps += 1;
        high = next;
        low = 0;
        offset = ((wraps << 24) + (high << 12) - base) | 0;
        if (old < 0) {
          stop = at.STOP_BASE;
          break;
        }
        if (old - next > at.FALL_HIGH && old - next < 2048) {
          stop = at.STOP_FALL;
          break;
        }
        if (offset < 0) {
          stop = at.STOP_BASE;
          break;
        }
        continue;
      }
      if (high < 0) {
        // Before the first time nothing can be said of an event but that it was there.
        if (kind === 2) slots[s + at.DROPPED_TIMELESS]! += 1;
        else if (kind === 4) slots[s + at.DROPPED_TIMELESS]! += bitsOf(word & 0xfff);
        else if (kind === 5) slots[s + at.DROPPED_TIMELESS]! += bitsOf(word & 0xff);
        continue;
      }
      switch (kind) {
        case 0: {
          const y = word & 0x7ff;
          row = y < height ? y : at.ROW_OUTSIDE;
          break;
        }
        case 2: {
          const x = word & 0x7ff;
          if (row >= 0 && x < width) {
            words32[out] = offset;
            words32[out + 1] = ((word & 0x800) << 17) | (row << 14) | x;
            out += 2;
          } else slots[s + (row === at.ROW_UNKNOWN ? at.DROPPED_ROWLESS : at.DROPPED_OUTSIDE)]! += 1;
          break;
        }
        case 3:
          vectorX = word & 0x7ff;
          vectorP = (word >>> 11) & 1;
          break;
        case 4:
        case 5: {
          let mask = kind === 4 ? word & 0xfff : word & 0xff;
          if (row >= 0) {
            const packed = (vectorP << 28) | (row << 14);
            let x = vectorX;
            for (; mask !== 0; mask >>>= 1, x += 1) {
              if ((mask & 1) === 0) continue;
              if (x < width) {
                words32[out] = offset;
                words32[out + 1] = packed | x;
                out += 2;
              } else slots[s + at.DROPPED_OUTSIDE]! += 1;
            }
          } else slots[s + (row === at.ROW_UNKNOWN ? at.DROPPED_ROWLESS : at.DROPPED_OUTSIDE)]! += bitsOf(mask);
          vectorX += kind === 4 ? 12 : 8;
          break;
        }
        case 6:
          low = word & 0xfff;
          offset = ((wraps << 24) + (high << 12) + low - base) | 0;
          if (offset < 0) stop = at.STOP_BASE;
          break;
        case 10:
          words32[trigger] = offset;
          words32[trigger + 1] = ((word & 0xf00) >>> 7) | (word & 1);
          trigger += 2;
          break;
        case 1:
        case 9:
        case 11:
        case 12:
          slots[s + at.EVT3_RESERVED]! += 1;
          break;
        default:
          break; // parts of OTHERS, IMU, padding: nothing of ours
      }
      if (stop !== at.STOP_END) break;
    }

    slots[s + at.EVENTS] = (out - (output >>> 2)) >>> 1;
    slots[s + at.TRIGGERS] = (trigger - (triggers >>> 2)) >>> 1;
    slots[s + at.STOP] = stop;
    slots[s + at.EVT3_HIGH] = high;
    slots[s + at.EVT3_LOW] = low;
    slots[s + at.EVT3_WRAPS] = wraps;
    slots[s + at.EVT3_ROW] = row;
    slots[s + at.EVT3_VECTOR_X] = vectorX;
    slots[s + at.EVT3_VECTOR_P] = vectorP;
    return i - (input >>> 1);
  }

  function atisDecode(input: number, count: number, output: number, state: number): number {
    const s = state >>> 2;
    const width = slots[s + at.WIDTH]!;
    const height = slots[s + at.HEIGHT]!;
    const base = slots[s + at.BASE]!;
    let overflows = slots[s + at.ATIS_OVERFLOWS]!;
    let last = slots[s + at.ATIS_TIME]!;
    let stop: number = at.STOP_END;
    let outside = 0;
    let out = output >>> 2;
    let i = input;
    const end = input + 5 * count;

    while (i < end) {
      const x = bytes[i]!;
      const y = bytes[i + 1]!;
      const b2 = bytes[i + 2]!;
      if (y === 240) {
        overflows += 1;
        if (last !== at.ATIS_TIMELESS) last -= at.OVERFLOW_US; // so that it compares with the times to come
        i += 5;
        continue;
      }
      const t = ((b2 & 0x7f) << 16) | (bytes[i + 3]! << 8) | bytes[i + 4]!;
      const offset = (t + Math.imul(overflows, at.OVERFLOW_US) - base) | 0;
      // The record stays unread: with a new base it is the first of the next packet.
      if (offset < 0 || last === at.ATIS_TIMELESS || last - t > at.FALL_US) {
        stop = last !== at.ATIS_TIMELESS && last - t > at.FALL_US ? at.STOP_FALL : at.STOP_BASE;
        last = t;
        break;
      }
      last = t;
      i += 5;
      if (x < width && y < height) {
        words32[out] = offset;
        words32[out + 1] = ((b2 & 0x80) << 21) | (y << 14) | x;
        out += 2;
      } else outside += 1;
    }

    slots[s + at.EVENTS] = (out - (output >>> 2)) >>> 1;
    slots[s + at.STOP] = stop;
    slots[s + at.DROPPED_OUTSIDE]! += outside;
    slots[s + at.ATIS_OVERFLOWS] = overflows;
    slots[s + at.ATIS_TIME] = last;
    return (i - input) / 5;
  }

  return {
    memory,
    compiled: false,
    evt3Decode,
    atisDecode,
    ...createPlainPropheseeKernels(memory),
    ...createPlainAedat4Kernel(memory),
  };
}

/** Number of bits set in a mask of at most twelve. */
function bitsOf(mask: number): number {
  let bits = 0;
  for (let rest = mask; rest !== 0; rest &= rest - 1) bits += 1;
  return bits;
}
