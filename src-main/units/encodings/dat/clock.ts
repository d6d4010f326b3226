/** One turn of the 32-bit counter, µs. */
const TURN_US = 2 ** 32;

/**
 * The time of a record that says `low` behind one at `last` µs: a fall by more than half the counter's range is a turn, and a rise by
 * more than that a step back over the last turn, where there was one.
 */
export function timeAfter(last: number | undefined, low: number): number {
  if (last === undefined) return low;
  const step = (low - (last % TURN_US)) | 0;
  return last + step < 0 ? last + step + TURN_US : last + step;
}
