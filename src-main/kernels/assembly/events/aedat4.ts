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

  for (; i < end; i += 16) {
    const time = load<u64>(i);
    if (<u32>(time >>> 32) >= <u32>at.AEDAT4_IMPOSSIBLE) {
      impossible += 1;
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
    if (x < width && y < height) {
      store<i32>(out, <i32>t);
      store<i32>(out, (load<u8>(i, 12) ? 0x10000000 : 0) | (y << 14) | x, 4);
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
