import type { EventKernels } from "./event-kernels.ts";
import * as at from "./layout.ts";

/** EVT 2.0, 2.1 and 4.0 and DAT in plain TypeScript, on the memory of the other twins. */
export function createPlainPropheseeKernels(
  memory: ArrayBuffer,
): Pick<EventKernels, "evt2Decode" | "evt21Decode" | "evt4Decode" | "datDecode"> {
  const words = new Uint32Array(memory);
  const slots = new Int32Array(memory);

  /** A new TIME_HIGH; answers whether the call goes on. */
  function turnTo(s: number, next: number): number {
    const old = slots[s + at.EVT2_HIGH]!;
    const turns = slots[s + at.EVT2_TURNS]!;
    let step = next - old;
    if (old >= 0 && step < -(at.EVT2_TURN / 2)) {
      slots[s + at.EVT2_TURNS] = turns + 1;
      step += at.EVT2_TURN;
    } else if (old >= 0 && step > at.EVT2_TURN / 2 && turns > 0) {
      slots[s + at.EVT2_TURNS] = turns - 1;
      step -= at.EVT2_TURN;
    }
    const offset = ((next << 6) - slots[s + at.BASE]!) | 0;
    slots[s + at.EVT2_HIGH] = next;
    slots[s + at.EVT2_OFFSET] = offset;
    if (old < 0) return at.STOP_BASE;
    if (step < -at.EVT2_FALL) return at.STOP_FALL;
    return offset < 0 || step >= at.EVT2_FAR ? at.STOP_BASE : at.STOP_END;
  }

  function reserved(s: number, word: number): void {
    if (slots[s + at.EVT2_RESERVED] === 0) slots[s + at.EVT2_FIRST_RESERVED] = word;
    slots[s + at.EVT2_RESERVED]! += 1;
  }

  /** Puts the start of a call into the state; answers the time high less the base. */
  function begin(s: number): number {
    const offset = ((slots[s + at.EVT2_HIGH]! << 6) - slots[s + at.BASE]!) | 0;
    slots[s + at.EVT2_OFFSET] = offset;
    return offset;
  }

  /** `out` and `trigger` are places in 32-bit words. */
  function finish(s: number, events: number, triggers: number, stop: number): void {
    slots[s + at.EVENTS] = events >>> 1;
    slots[s + at.TRIGGERS] = triggers >>> 1;
    slots[s + at.STOP] = stop;
  }

  function storeTrigger(trigger: number, offset: number, word: number): void {
    words[trigger] = offset + ((word >>> 22) & 0x3f);
    words[trigger + 1] = ((word & 0x1f00) >>> 7) | (word & 1);
  }

  /** Stores the pixels of a mask that begins at the word's column; answers where the next event goes. */
  function spread(s: number, out: number, word: number, pixels: number, offset: number, high: number): number {
    const width = slots[s + at.WIDTH]!;
    const y = word & 0x7ff;
    const t = offset + ((word >>> 22) & 0x3f);
    const packed = (word & 0x1000_0000) | (y << 14);
    const rowless = y >= slots[s + at.HEIGHT]!;
    let x = (word >>> 11) & 0x7ff;
    let to = out;
    for (let mask = pixels; mask !== 0; mask >>>= 1, x += 1) {
      if ((mask & 1) === 0) continue;
      if (high < 0) slots[s + at.DROPPED_TIMELESS]! += 1;
      else if (rowless || x >= width) slots[s + at.DROPPED_OUTSIDE]! += 1;
      else {
        words[to] = t;
        words[to + 1] = packed | x;
        to += 2;
      }
    }
    return to;
  }

  function evt2Decode(input: number, count: number, output: number, triggers: number, state: number): number {
    const s = state >>> 2;
    const width = slots[s + at.WIDTH]!;
    const height = slots[s + at.HEIGHT]!;
    let high = slots[s + at.EVT2_HIGH]!;
    let offset = begin(s);
    let stop: number = at.STOP_END;
    let out = output >>> 2;
    let trigger = triggers >>> 2;
    const first = input >>> 2;
    let i = first;
    const end = i + count;

    while (i < end) {
      const word = words[i++]!;
      const kind = word >>> 28;
      if (kind <= 1) {
        const x = (word >>> 11) & 0x7ff;
        const y = word & 0x7ff;
        if (high >= 0 && x < width && y < height) {
          words[out] = offset + ((word >>> 22) & 0x3f);
          words[out + 1] = (word & 0x1000_0000) | (y << 14) | x;
          out += 2;
        } else slots[s + (high < 0 ? at.DROPPED_TIMELESS : at.DROPPED_OUTSIDE)]! += 1;
      } else if (kind === 8) {
        const next = word & 0xfff_ffff;
        if (next === high) continue;
        stop = turnTo(s, next);
        high = next;
        offset = slots[s + at.EVT2_OFFSET]!;
        if (stop !== at.STOP_END) break;
      } else if (kind === 10) {
        if (high < 0) continue;
        storeTrigger(trigger, offset, word);
        trigger += 2;
      } else if (kind < 13) reserved(s, i - first - 1); // the others are IMU, OTHERS and CONTINUED: nothing of ours
    }

    finish(s, out - (output >>> 2), trigger - (triggers >>> 2), stop);
    return i - first;
  }

  function evt21Decode(input: number, count: number, output: number, triggers: number, state: number, half: number): number {
    const s = state >>> 2;
    let high = slots[s + at.EVT2_HIGH]!;
    let offset = begin(s);
    let stop: number = at.STOP_END;
    let out = output >>> 2;
    let trigger = triggers >>> 2;
    const first = input >>> 2;
    let i = first;
    const end = i + 2 * count;
    const typed = half >>> 2;

    while (i < end) {
      const word = words[i + typed]!;
      const mask = words[i + 1 - typed]!;
      const kind = word >>> 28;
      i += 2;
      if (kind <= 1) {
        out = spread(s, out, word, mask, offset, high);
      } else if (kind === 8) {
        const next = word & 0xfff_ffff;
        if (next === high) continue;
        stop = turnTo(s, next);
        high = next;
        offset = slots[s + at.EVT2_OFFSET]!;
        if (stop !== at.STOP_END) break;
      } else if (kind === 10) {
        if (high < 0) continue;
        storeTrigger(trigger, offset, word);
        trigger += 2;
      } else if (kind < 14) reserved(s, ((i - first) >>> 1) - 1); // the others are OTHERS and CONTINUED
    }

    finish(s, out - (output >>> 2), trigger - (triggers >>> 2), stop);
    return (i - first) >>> 1;
  }

  function evt4Decode(input: number, count: number, output: number, triggers: number, state: number): number {
    const s = state >>> 2;
    let high = slots[s + at.EVT2_HIGH]!;
    let vector = slots[s + at.EVT4_VECTOR]!;
    let offset = begin(s);
    let stop: number = at.STOP_END;
    let out = output >>> 2;
    let trigger = triggers >>> 2;
    const first = input >>> 2;
    let i = first;
    const end = i + count;

    while (i < end) {
      const word = words[i++]!;
      const kind = word >>> 28;
      if (vector !== 0) {
        out = spread(s, out, vector, word, offset, high);
        vector = 0;
      } else if (kind === 10 || kind === 11) {
        out = spread(s, out, word, 1, offset, high);
      } else if (kind === 12 || kind === 13) {
        vector = word; // its mask is the next word, whatever that looks like
      } else if (kind === 14) {
        const next = word & 0xfff_ffff;
        if (next === high) continue;
        stop = turnTo(s, next);
        high = next;
        offset = slots[s + at.EVT2_OFFSET]!;
        if (stop !== at.STOP_END) break;
      } else if (kind === 9) {
        if (high < 0) continue;
        storeTrigger(trigger, offset, word);
        trigger += 2;
      } else if (kind < 6 || kind === 8) reserved(s, i - first - 1); // the others are OTHERS, CONTINUED and padding
    }

    slots[s + at.EVT4_VECTOR] = vector;
    finish(s, out - (output >>> 2), trigger - (triggers >>> 2), stop);
    return i - first;
  }

  function datDecode(input: number, count: number, output: number, state: number, version: number): number {
    const s = state >>> 2;
    const width = slots[s + at.WIDTH]!;
    const height = slots[s + at.HEIGHT]!;
    const base = slots[s + at.BASE]!;
    let last = slots[s + at.DAT_LAST]!;
    let stop: number = at.STOP_END;
    let outside = 0;
    let out = output >>> 2;
    const first = input >>> 2;
    let i = first;
    const end = i + 2 * count;

    while (i < end) {
      const offset = (words[i]! - base) | 0;
      // The record stays unread: with a new base it is the first of the next packet.
      if (offset < 0 || offset < last - at.FALL_US) {
        stop = at.STOP_BASE;
        break;
      }
      last = offset;
      const address = words[i + 1]!;
      i += 2;
      let x: number;
      let y: number;
      let p: number;
      if (version === 1) {
        x = address & 0x1ff;
        y = (address >>> 9) & 0xff;
        p = (address & 0x2_0000) << 11;
      } else {
        x = address & 0x3fff;
        y = (address >>> 14) & 0x3fff;
        p = address >>> 28 === 0 ? 0 : 0x1000_0000;
      }
      if (x < width && y < height) {
        words[out] = offset;
        words[out + 1] = p | (y << 14) | x;
        out += 2;
      } else outside += 1;
    }

    slots[s + at.EVENTS] = (out - (output >>> 2)) >>> 1;
    slots[s + at.STOP] = stop;
    slots[s + at.DROPPED_OUTSIDE]! += outside;
    slots[s + at.DAT_LAST] = last;
    return (i - first) >>> 1;
  }

  return { evt2Decode, evt21Decode, evt4Decode, datDecode };
}
