import * as at from "../../layout";
import { slot } from "./state";

/** Prophesee DAT records. See the twin in `plain-prophesee.ts`, which says the same in the same order. */
export function datDecode(input: usize, count: i32, output: usize, state: usize, version: i32): i32 {
  const width = load<i32>(slot(state, at.WIDTH));
  const height = load<i32>(slot(state, at.HEIGHT));
  const base = load<i32>(slot(state, at.BASE));
  let last = load<i32>(slot(state, at.DAT_LAST));
  let stop = at.STOP_END;
  let outside = 0;
  let out = output;
  let i = input;
  const end = input + (<usize>count << 3);

  const fields = i32x4.splat(0x3fff);
  const bases = i32x4(base, 0, base, 0);

  while (i < end) {
    // Four records at once as long as they follow each other, lie on the sensor and have a polarity of 0 or 1, as most do.
    let before = i32x4.splat(last);
    while (version != 1 && i + 32 <= end) {
      const two = i32x4.sub(v128.load(i), bases);
      const more = i32x4.sub(v128.load(i, 16), bases);
      const times = v128.shuffle<i32>(two, more, 0, 2, 4, 6);
      const addresses = v128.shuffle<i32>(two, more, 1, 3, 5, 7);
      const steps = i32x4.sub(times, v128.shuffle<i32>(before, times, 3, 4, 5, 6));
      const x = v128.and(addresses, fields);
      const y = v128.and(i32x4.shr_u(addresses, 14), fields);
      const beyond = v128.or(i32x4.ge_s(x, i32x4.splat(width)), i32x4.ge_s(y, i32x4.splat(height)));
      const falls = v128.or(i32x4.lt_s(times, i32x4.splat(0)), i32x4.lt_s(steps, i32x4.splat(-at.FALL_US)));
      if (v128.any_true(v128.or(v128.or(beyond, falls), i32x4.shr_u(addresses, 29)))) break;
      v128.store(out, two);
      v128.store(out, more, 16);
      before = times;
      out += 32;
      i += 32;
    }
    last = i32x4.extract_lane(before, 3);
    if (i >= end) break;
    const offset = load<i32>(i) - base;
    if (offset < 0 || offset < last - at.FALL_US) {
      stop = at.STOP_BASE;
      break;
    }
    last = offset;
    const address = load<i32>(i, 4);
    i += 8;
    let x: i32;
    let y: i32;
    let p: i32;
    if (version == 1) {
      x = address & 0x1ff;
      y = (address >>> 9) & 0xff;
      p = (address & 0x20000) << 11;
    } else {
      x = address & 0x3fff;
      y = (address >>> 14) & 0x3fff;
      p = address >>> 28 ? 0x10000000 : 0;
    }
    if (x < width && y < height) {
      store<i32>(out, offset);
      store<i32>(out, p | (y << 14) | x, 4);
      out += 8;
    } else outside += 1;
  }

  store<i32>(slot(state, at.EVENTS), <i32>((out - output) >>> 3));
  store<i32>(slot(state, at.STOP), stop);
  store<i32>(slot(state, at.DROPPED_OUTSIDE), load<i32>(slot(state, at.DROPPED_OUTSIDE)) + outside);
  store<i32>(slot(state, at.DAT_LAST), last);
  return <i32>((i - input) >>> 3);
}
