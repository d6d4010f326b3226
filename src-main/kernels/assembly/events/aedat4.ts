import * as at from "../../layout";
import { drop, slot } from "./state";

/** Event structs of AEDAT 4. See the twin in `plain-aedat4.ts`, which says the same in the same order. */
export function aedat4Decode(input: usize, count: i32, output: usize, state: usize): i32 {
  const width = load<i32>(slot(state, at.WIDTH));
  const height = load<i32>(slot(state, at.HEIGHT));
  const base = <i64>load<u32>(slot(state, at.BASE)) | (<i64>load<i32>(slot(state, at.AEDAT4_BASE_HIGH)) << 32);
  let last = <i64>load<i32>(slot(state, at.AEDAT4_LAST));
  let stop = at.STOP_END;
  let outside = 0;
  let impossible = 0;
  let out = output;
  let i = input;
  const end = input + (<usize>count << 4);

  const bases = i32x4.splat(<i32>base);
  const highs = i32x4.splat(<i32>(base >>> 32));

  while (i < end) {
    // Four structs at once as long as they follow each other, share the upper half of the base and lie on the sensor, as most do.
    let before = i32x4.splat(<i32>last);
    while (i + 64 <= end) {
      const a = v128.load(i);
      const b = v128.load(i, 16);
      const c = v128.load(i, 32);
      const d = v128.load(i, 48);
      const timesAB = v128.shuffle<i32>(a, b, 0, 4, 1, 5);
      const timesCD = v128.shuffle<i32>(c, d, 0, 4, 1, 5);
      const placesAB = v128.shuffle<i32>(a, b, 2, 6, 3, 7);
      const placesCD = v128.shuffle<i32>(c, d, 2, 6, 3, 7);
      const low = v128.shuffle<i32>(timesAB, timesCD, 0, 1, 4, 5);
      const high = v128.shuffle<i32>(timesAB, timesCD, 2, 3, 6, 7);
      const places = v128.shuffle<i32>(placesAB, placesCD, 0, 1, 4, 5);
      const marks = v128.shuffle<i32>(placesAB, placesCD, 2, 3, 6, 7);
      const times = i32x4.sub(low, bases);
      const steps = i32x4.sub(times, v128.shuffle<i32>(before, times, 3, 4, 5, 6));
      const x = v128.and(places, i32x4.splat(0xffff));
      const y = i32x4.shr_u(places, 16);
      const beyond = v128.or(i32x4.ge_s(x, i32x4.splat(width)), i32x4.ge_s(y, i32x4.splat(height)));
      const early = v128.or(i32x4.lt_u(low, bases), i32x4.lt_s(times, i32x4.splat(0)));
      const falls = v128.or(early, i32x4.lt_s(steps, i32x4.splat(-at.FALL_US)));
      if (v128.any_true(v128.or(v128.or(beyond, falls), i32x4.ne(high, highs)))) break;
      const unlit = i32x4.eq(v128.and(marks, i32x4.splat(0xff)), i32x4.splat(0));
      const polarity = v128.andnot(i32x4.splat(0x10000000), unlit);
      const packed = v128.or(v128.or(polarity, i32x4.shl(y, 14)), x);
      v128.store(out, v128.shuffle<i32>(times, packed, 0, 4, 1, 5));
      v128.store(out, v128.shuffle<i32>(times, packed, 2, 6, 3, 7), 16);
      before = times;
      out += 32;
      i += 64;
    }
    last = <i64>i32x4.extract_lane(before, 3);
    if (i >= end) break;
    const time = load<u64>(i);
    if (<u32>(time >>> 32) >= <u32>at.AEDAT4_IMPOSSIBLE) {
      impossible += 1;
      i += 16;
      continue;
    }
    const t = <i64>time - base;
    if (<u64>t > <u64>at.MAX_OFFSET || t < last - <i64>at.FALL_US) {
      stop = at.STOP_BASE;
      break;
    }
    last = t;
    const x = <i32>load<u16>(i, 8);
    const y = <i32>load<u16>(i, 10);
    const on = load<u8>(i, 12);
    i += 16;
    if (x < width && y < height) {
      store<i32>(out, <i32>t);
      store<i32>(out, (on ? 0x10000000 : 0) | (y << 14) | x, 4);
      out += 8;
    } else outside += 1;
  }

  store<i32>(slot(state, at.EVENTS), <i32>((out - output) >>> 3));
  store<i32>(slot(state, at.STOP), stop);
  drop(state, at.DROPPED_OUTSIDE, outside);
  drop(state, at.DROPPED_TIMELESS, impossible);
  store<i32>(slot(state, at.AEDAT4_LAST), <i32>last);
  return <i32>((i - input) >>> 4);
}
