import * as at from "../../layout";
import { drop, slot } from "./state";

/** EVT 3.0. See the twin in `plain-events.ts`, which says the same in the same order. */
export function evt3Decode(input: usize, count: i32, output: usize, triggers: usize, state: usize): i32 {
  const width = load<i32>(slot(state, at.WIDTH));
  const height = load<i32>(slot(state, at.HEIGHT));
  const base = load<i32>(slot(state, at.BASE));
  let high = load<i32>(slot(state, at.EVT3_HIGH));
  let low = load<i32>(slot(state, at.EVT3_LOW));
  let wraps = load<i32>(slot(state, at.EVT3_WRAPS));
  let row = load<i32>(slot(state, at.EVT3_ROW));
  let vectorX = load<i32>(slot(state, at.EVT3_VECTOR_X));
  let vectorP = load<i32>(slot(state, at.EVT3_VECTOR_P)) << 28;
  let stop = at.STOP_END;
  let begun = (wraps << 24) + (high << 12) - base; // where the time high lies in the packet
  let offset = begun + low;
  let out = output;
  let trigger = triggers;
  let i = input;
  const end = input + (<usize>count << 1);

  // Before the first time nothing can be said of an event but that it was there. The first time ends the call.
  while (high < 0 && i < end) {
    const word = <i32>load<u16>(i);
    i += 2;
    const kind = word >>> 12;
    if (kind == 2) drop(state, at.DROPPED_TIMELESS, 1);
    else if (kind == 4) drop(state, at.DROPPED_TIMELESS, popcnt<i32>(word & 0xfff));
    else if (kind == 5) drop(state, at.DROPPED_TIMELESS, popcnt<i32>(word & 0xff));
    else if (kind == 8) {
      high = word & 0xfff;
      low = 0;
      stop = at.STOP_BASE;
    }
  }

  while (stop == at.STOP_END && i < end) {
    const word = <i32>load<u16>(i);
    i += 2;
    const kind = word >>> 12;
    if (kind == 2) {
      const x = word & 0x7ff;
      if (row >= 0 && x < width) {
        store<i32>(out, offset);
        store<i32>(out, ((word & 0x800) << 17) | (row << 14) | x, 4);
        out += 8;
      } else drop(state, row == at.ROW_UNKNOWN ? at.DROPPED_ROWLESS : at.DROPPED_OUTSIDE, 1);
    } else if (kind == 0) {
      const y = word & 0x7ff;
      row = y < height ? y : at.ROW_OUTSIDE;
    } else if (kind == 4 || kind == 5) {
      let mask = kind == 4 ? word & 0xfff : word & 0xff;
      const first = vectorX;
      vectorX += kind == 4 ? 12 : 8;
      if (row < 0) {
        drop(state, row == at.ROW_UNKNOWN ? at.DROPPED_ROWLESS : at.DROPPED_OUTSIDE, popcnt<i32>(mask));
        continue;
      }
      if (vectorX > width) {
        const inside = first < width ? (1 << (width - first)) - 1 : 0;
        const outside = mask & ~inside;
        if (outside != 0) drop(state, at.DROPPED_OUTSIDE, popcnt<i32>(outside));
        mask &= inside;
      }
      const packed = vectorP | (row << 14);
      while (mask != 0) {
        store<i32>(out, offset);
        store<i32>(out, packed | (first + ctz<i32>(mask)), 4);
        out += 8;
        mask &= mask - 1;
      }
    } else if (kind == 3) {
      vectorX = word & 0x7ff;
      vectorP = ((word >>> 11) & 1) << 28;
    } else if (kind == 6) {
      low = word & 0xfff;
      offset = begun + low;
      if (offset < 0) stop = at.STOP_BASE;
    } else if (kind == 8) {
      const next = word & 0xfff;
      if (next == high) continue;
      const fall = high - next;
      if (fall >= 2048) wraps += 1;
      high = next;
      low = 0;
      begun = (wraps << 24) + (high << 12) - base;
      offset = begun;
      if (fall > at.FALL_HIGH && fall < 2048) stop = at.STOP_FALL;
      else if (offset < 0) stop = at.STOP_BASE;
    } else if (kind == 10) {
      store<i32>(trigger, offset);
      store<i32>(trigger, ((word & 0xf00) >>> 7) | (word & 1), 4);
      trigger += 8;
    } else if (kind == 1 || kind == 9 || kind == 11 || kind == 12) drop(state, at.EVT3_RESERVED, 1);
  }

  store<i32>(slot(state, at.EVENTS), <i32>((out - output) >>> 3));
  store<i32>(slot(state, at.TRIGGERS), <i32>((trigger - triggers) >>> 3));
  store<i32>(slot(state, at.STOP), stop);
  store<i32>(slot(state, at.EVT3_HIGH), high);
  store<i32>(slot(state, at.EVT3_LOW), low);
  store<i32>(slot(state, at.EVT3_WRAPS), wraps);
  store<i32>(slot(state, at.EVT3_ROW), row);
  store<i32>(slot(state, at.EVT3_VECTOR_X), vectorX);
  store<i32>(slot(state, at.EVT3_VECTOR_P), vectorP >>> 28);
  return <i32>((i - input) >>> 1);
}
