import { ROW_OUTSIDE } from "#main/kernels/layout.ts";
import type { DecoderState } from "../encoding.ts";

/** A row that no sensor has (EVT 3.0 holds 2048): what follows stays outside, as it was. */
const NO_ROW = 0x7ff;

/**
 * The words that bring a fresh decoder to where one with this state is, turns of the clock apart: time, row and vector base.
 * Empty while the time is unknown. A recording that begins in the middle of a stream loses nothing with them in front.
 */
export function evt3Preamble(state: DecoderState): Uint8Array {
  const { high = -1, low = 0, row = -1, vectorX = 0, vectorP = 0 } = state;
  if (high < 0) return new Uint8Array(0);
  const words = [0x8000 | high];
  if (low > 0) words.push(0x6000 | low);
  if (row >= 0) words.push(row);
  else if (row === ROW_OUTSIDE) words.push(NO_ROW);
  if (vectorX <= 0x7ff) words.push(0x3000 | (vectorP << 11) | vectorX);
  return new Uint8Array(Uint16Array.from(words).buffer);
}
