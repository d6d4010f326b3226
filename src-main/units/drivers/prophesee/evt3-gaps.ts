const TIME_HIGH = 0x80;
/** Time words count in steps of 4096 µs and go round at 4096. */
const STEPS = 4096;
const none: readonly number[] = [];

/**
 * Notices missing time in EVT 3.0: the sensor writes its time words in silence too, so each one follows or repeats the one before.
 * A jump is the only sign of a memory that ran over in the camera; losses shorter than a step of 4 ms leave none. Answers the places
 * in the bytes before which something is missing.
 */
export function evt3Gaps(): (chunk: Uint8Array) => readonly number[] {
  let previous = -1;
  /** First byte of a word that the transfer before ended within. */
  let half = -1;

  return (chunk) => {
    let gaps: number[] | undefined;
    const length = chunk.length;
    // The second byte of a word holds its type.
    let at = half < 0 ? 1 : 0;
    for (; at < length; at += 2) {
      const high = chunk[at] ?? 0;
      if ((high & 0xf0) !== TIME_HIGH) continue;
      const time = ((high & 0xf) << 8) | (at === 0 ? half : (chunk[at - 1] ?? 0));
      if (time === previous) continue;
      if (previous >= 0 && (time - previous + STEPS) % STEPS !== 1) (gaps ??= []).push(Math.max(0, at - 1));
      previous = time;
    }
    half = at === length ? (chunk[length - 1] ?? 0) : -1;
    return gaps ?? none;
  };
}
