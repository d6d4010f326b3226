import * as at from "../../layout";
import { slot } from "./state";

/** ATIS 5-byte records. See the twin in `plain-events.ts`, which says the same in the same order. */
export function atisDecode(input: usize, count: i32, output: usize, state: usize): i32 {
  const width = load<i32>(slot(state, at.WIDTH));
  const height = load<i32>(slot(state, at.HEIGHT));
  const base = load<i32>(slot(state, at.BASE));
  let overflows = load<i32>(slot(state, at.ATIS_OVERFLOWS));
  let last = load<i32>(slot(state, at.ATIS_TIME));
  let stop = at.STOP_END;
  let outside = 0;
  let out = output;
  let i = input;
  const end = input + 5 * <usize>count;

  while (i < end) {
    // Four records at once as long as they are events on the sensor that follow each other, as most are.
    const later = i32x4.splat(overflows * at.OVERFLOW_US - base);
    let before = i32x4.splat(last);
    while (last != at.ATIS_TIMELESS && i + 21 <= end) {
      const first = v128.load(i);
      const rest = v128.load(i, 5); // overlaps: a shuffle takes from two vectors
      // bytes 0, 1, 2 of each record, and bytes 4, 3, 2; the fourth is masked off
      const head = v128.shuffle<i8>(first, rest, 0, 1, 2, 2, 5, 6, 7, 7, 10, 11, 12, 12, 26, 27, 28, 28);
      const tail = v128.shuffle<i8>(first, rest, 4, 3, 2, 2, 9, 8, 7, 7, 14, 13, 12, 12, 30, 29, 28, 28);
      const times = v128.and(tail, i32x4.splat(0x7fffff));
      const offsets = i32x4.add(times, later);
      const steps = i32x4.sub(times, v128.shuffle<i32>(before, times, 3, 4, 5, 6));
      const x = v128.and(head, i32x4.splat(0xff));
      const y = v128.and(i32x4.shr_u(head, 8), i32x4.splat(0xff));
      const p = v128.and(i32x4.shl(head, 5), i32x4.splat(0x10000000));
      const beyond = v128.or(i32x4.ge_s(x, i32x4.splat(width)), i32x4.ge_s(y, i32x4.splat(height)));
      const falls = v128.or(i32x4.lt_s(offsets, i32x4.splat(0)), i32x4.lt_s(steps, i32x4.splat(-at.FALL_US)));
      const marks = v128.or(v128.or(beyond, falls), i32x4.eq(y, i32x4.splat(240)));
      if (v128.any_true(marks)) break;
      const packed = v128.or(v128.or(p, i32x4.shl(y, 14)), x);
      v128.store(out, v128.shuffle<i32>(offsets, packed, 0, 4, 1, 5));
      v128.store(out, v128.shuffle<i32>(offsets, packed, 2, 6, 3, 7), 16);
      before = times;
      out += 32;
      i += 20;
    }
    last = i32x4.extract_lane(before, 3);
    const x = <i32>load<u8>(i);
    const y = <i32>load<u8>(i, 1);
    if (y == 240) {
      overflows += 1;
      if (last != at.ATIS_TIMELESS) last -= at.OVERFLOW_US;
      i += 5;
      continue;
    }
    const b2 = <i32>load<u8>(i, 2);
    const t = ((b2 & 0x7f) << 16) | (<i32>load<u8>(i, 3) << 8) | <i32>load<u8>(i, 4);
    const offset = t + overflows * at.OVERFLOW_US - base;
    if (offset < 0 || last == at.ATIS_TIMELESS || last - t > at.FALL_US) {
      stop = last != at.ATIS_TIMELESS && last - t > at.FALL_US ? at.STOP_FALL : at.STOP_BASE;
      last = t;
      break;
    }
    last = t;
    i += 5;
    if (x < width && y < height) {
      store<i32>(out, offset);
      store<i32>(out, ((b2 & 0x80) << 21) | (y << 14) | x, 4);
      out += 8;
    } else outside += 1;
  }

  store<i32>(slot(state, at.EVENTS), <i32>((out - output) >>> 3));
  store<i32>(slot(state, at.STOP), stop);
  store<i32>(slot(state, at.DROPPED_OUTSIDE), load<i32>(slot(state, at.DROPPED_OUTSIDE)) + outside);
  store<i32>(slot(state, at.ATIS_OVERFLOWS), overflows);
  store<i32>(slot(state, at.ATIS_TIME), last);
  return <i32>(i - input) / 5;
}
