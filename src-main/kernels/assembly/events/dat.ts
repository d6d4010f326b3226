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

  while (i < end) {
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
