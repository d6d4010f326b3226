import * as at from "../../layout";
import { drop, slot } from "./state";

/*
 * EVT 2.0, 2.1 and 4.0 share their clock: time words of 28 bits in steps of 64 us. See the twins in `plain-prophesee.ts`, which say
 * the same in the same order.
 */

/** A new TIME_HIGH; answers whether the call goes on. */
function turnTo(state: usize, next: i32): i32 {
  const old = load<i32>(slot(state, at.EVT2_HIGH));
  const turns = load<i32>(slot(state, at.EVT2_TURNS));
  let step = next - old;
  if (old >= 0 && step < -(at.EVT2_TURN / 2)) {
    store<i32>(slot(state, at.EVT2_TURNS), turns + 1);
    step += at.EVT2_TURN;
  } else if (old >= 0 && step > at.EVT2_TURN / 2 && turns > 0) {
    store<i32>(slot(state, at.EVT2_TURNS), turns - 1);
    step -= at.EVT2_TURN;
  }
  const offset = (next << 6) - load<i32>(slot(state, at.BASE));
  store<i32>(slot(state, at.EVT2_HIGH), next);
  store<i32>(slot(state, at.EVT2_OFFSET), offset);
  if (old < 0) return at.STOP_BASE;
  if (step < -at.EVT2_FALL) return at.STOP_FALL;
  return offset < 0 || step >= at.EVT2_FAR ? at.STOP_BASE : at.STOP_END;
}

function reserved(state: usize, word: i32): void {
  if (load<i32>(slot(state, at.EVT2_RESERVED)) == 0) store<i32>(slot(state, at.EVT2_FIRST_RESERVED), word);
  drop(state, at.EVT2_RESERVED, 1);
}

/** Puts the start of a call into the state; answers the time high less the base. */
function begin(state: usize): i32 {
  const offset = (load<i32>(slot(state, at.EVT2_HIGH)) << 6) - load<i32>(slot(state, at.BASE));
  store<i32>(slot(state, at.EVT2_OFFSET), offset);
  return offset;
}

function finish(state: usize, events: usize, triggers: usize, stop: i32): void {
  store<i32>(slot(state, at.EVENTS), <i32>(events >>> 3));
  store<i32>(slot(state, at.TRIGGERS), <i32>(triggers >>> 3));
  store<i32>(slot(state, at.STOP), stop);
}

// @ts-ignore: decorators are AssemblyScript's
@inline
function storeTrigger(trigger: usize, offset: i32, word: i32): void {
  store<i32>(trigger, offset + ((word >>> 22) & 0x3f));
  store<i32>(trigger, ((word & 0x1f00) >>> 7) | (word & 1), 4);
}

/** Stores the pixels of a mask that begins at the word's column; answers where the next event goes. */
// @ts-ignore: decorators are AssemblyScript's
@inline
function spread(state: usize, out: usize, word: i32, pixels: i32, offset: i32, high: i32): usize {
  const width = load<i32>(slot(state, at.WIDTH));
  const first = (word >>> 11) & 0x7ff;
  const y = word & 0x7ff;
  if (high < 0 || y >= load<i32>(slot(state, at.HEIGHT))) {
    drop(state, high < 0 ? at.DROPPED_TIMELESS : at.DROPPED_OUTSIDE, popcnt<i32>(pixels));
    return out;
  }
  let mask = pixels;
  if (first + 32 > width) {
    const inside = first < width ? (1 << (width - first)) - 1 : 0;
    const outside = mask & ~inside;
    if (outside != 0) drop(state, at.DROPPED_OUTSIDE, popcnt<i32>(outside));
    mask &= inside;
  }
  const t = offset + ((word >>> 22) & 0x3f);
  const packed = (word & 0x10000000) | (y << 14);
  let to = out;
  while (mask != 0) {
    store<i32>(to, t);
    store<i32>(to, packed | (first + ctz<i32>(mask)), 4);
    to += 8;
    mask &= mask - 1;
  }
  return to;
}

/** EVT 2.0. */
export function evt2Decode(input: usize, count: i32, output: usize, triggers: usize, state: usize): i32 {
  const width = load<i32>(slot(state, at.WIDTH));
  const height = load<i32>(slot(state, at.HEIGHT));
  let high = load<i32>(slot(state, at.EVT2_HIGH));
  let offset = begin(state);
  let stop = at.STOP_END;
  let out = output;
  let trigger = triggers;
  let i = input;
  const end = input + (<usize>count << 2);

  const widths = i32x4.splat(width);
  const heights = i32x4.splat(height);
  const coordinate = i32x4.splat(0x7ff);

  while (i < end) {
    // Four words at once as long as all of them are events on the sensor, which most are.
    const base = i32x4.splat(offset);
    while (high >= 0 && i + 16 <= end) {
      const four = v128.load(i);
      const x = v128.and(i32x4.shr_u(four, 11), coordinate);
      const y = v128.and(four, coordinate);
      const beyond = v128.or(i32x4.ge_s(x, widths), i32x4.ge_s(y, heights));
      if (v128.any_true(v128.or(beyond, i32x4.shr_u(four, 29)))) break;
      const t = i32x4.add(base, v128.and(i32x4.shr_u(four, 22), i32x4.splat(0x3f)));
      const packed = v128.or(v128.or(v128.and(four, i32x4.splat(0x10000000)), i32x4.shl(y, 14)), x);
      v128.store(out, v128.shuffle<i32>(t, packed, 0, 4, 1, 5));
      v128.store(out, v128.shuffle<i32>(t, packed, 2, 6, 3, 7), 16);
      out += 32;
      i += 16;
    }
    // One by one up to and behind the word that was not.
    let plain = true;
    while (plain && i < end) {
      const word = load<i32>(i);
      i += 4;
      const kind = word >>> 28;
      plain = false;
      if (kind <= 1) {
        const x = (word >>> 11) & 0x7ff;
        const y = word & 0x7ff;
        if (high >= 0 && x < width && y < height) {
          store<i32>(out, offset + ((word >>> 22) & 0x3f));
          store<i32>(out, (word & 0x10000000) | (y << 14) | x, 4);
          out += 8;
          plain = true;
        } else drop(state, high < 0 ? at.DROPPED_TIMELESS : at.DROPPED_OUTSIDE, 1);
      } else if (kind == 8) {
        const next = word & 0xfffffff;
        if (next == high) continue;
        stop = turnTo(state, next);
        high = next;
        offset = load<i32>(slot(state, at.EVT2_OFFSET));
      } else if (kind == 10) {
        if (high < 0) continue;
        storeTrigger(trigger, offset, word);
        trigger += 8;
      } else if (kind < 13) reserved(state, <i32>((i - input) >>> 2) - 1);
    }
    if (stop != at.STOP_END) break;
  }

  finish(state, out - output, trigger - triggers, stop);
  return <i32>((i - input) >>> 2);
}

/** EVT 2.1. */
export function evt21Decode(input: usize, count: i32, output: usize, triggers: usize, state: usize, half: usize): i32 {
  let high = load<i32>(slot(state, at.EVT2_HIGH));
  let offset = begin(state);
  let stop = at.STOP_END;
  let out = output;
  let trigger = triggers;
  let i = input;
  const end = input + (<usize>count << 3);

  while (i < end) {
    const word = load<i32>(i + half);
    const mask = load<i32>(i + 4 - half);
    const kind = word >>> 28;
    i += 8;
    if (kind <= 1) {
      out = spread(state, out, word, mask, offset, high);
    } else if (kind == 8) {
      const next = word & 0xfffffff;
      if (next == high) continue;
      stop = turnTo(state, next);
      high = next;
      offset = load<i32>(slot(state, at.EVT2_OFFSET));
      if (stop != at.STOP_END) break;
    } else if (kind == 10) {
      if (high < 0) continue;
      storeTrigger(trigger, offset, word);
      trigger += 8;
    } else if (kind < 14) reserved(state, <i32>((i - input) >>> 3) - 1);
  }

  finish(state, out - output, trigger - triggers, stop);
  return <i32>((i - input) >>> 3);
}

/** EVT 4.0. */
export function evt4Decode(input: usize, count: i32, output: usize, triggers: usize, state: usize): i32 {
  let high = load<i32>(slot(state, at.EVT2_HIGH));
  let vector = load<i32>(slot(state, at.EVT4_VECTOR));
  let offset = begin(state);
  let stop = at.STOP_END;
  let out = output;
  let trigger = triggers;
  let i = input;
  const end = input + (<usize>count << 2);

  while (i < end) {
    const word = load<i32>(i);
    const kind = word >>> 28;
    i += 4;
    if (vector != 0) {
      out = spread(state, out, vector, word, offset, high);
      vector = 0;
    } else if (kind == 10 || kind == 11) {
      out = spread(state, out, word, 1, offset, high);
    } else if (kind == 12 || kind == 13) {
      vector = word;
    } else if (kind == 14) {
      const next = word & 0xfffffff;
      if (next == high) continue;
      stop = turnTo(state, next);
      high = next;
      offset = load<i32>(slot(state, at.EVT2_OFFSET));
      if (stop != at.STOP_END) break;
    } else if (kind == 9) {
      if (high < 0) continue;
      storeTrigger(trigger, offset, word);
      trigger += 8;
    } else if (kind < 6 || kind == 8) reserved(state, <i32>((i - input) >>> 2) - 1);
  }

  store<i32>(slot(state, at.EVT4_VECTOR), vector);
  finish(state, out - output, trigger - triggers, stop);
  return <i32>((i - input) >>> 2);
}
