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
