const TIME_HIGH = 0x80;
/** Time words count in steps of 4096 µs and go round at 4096. */
const STEPS = 4096;

/**
 * Notices missing time in EVT 3.0: the sensor writes its time words in silence too, so each one follows or repeats the one before.
 * A jump is the only sign of a memory that ran over in the camera; losses shorter than a step of 4 ms leave none. Answers the places
 * in the bytes before which something is missing.
 */
export function evt3Gaps(): (chunk: Uint8Array) => readonly number[] {
  let previous = -1;
  /** First byte of a word that the transfer before ended within. */
  let half = -1;
  let gaps: number[] = [];

  /** Looks at the word whose second byte, which holds its type, lies at `at`. */
  const look = (chunk: Uint8Array, at: number): void => {
    const high = chunk[at] ?? 0;
    if ((high & 0xf0) !== TIME_HIGH) return;
    const time = ((high & 0xf) << 8) | (at === 0 ? half : (chunk[at - 1] ?? 0));
    if (time === previous) return;
    if (previous >= 0 && (time - previous + STEPS) % STEPS !== 1) gaps.push(Math.max(0, at - 1));
    previous = time;
  };

  return (chunk) => {
    const length = chunk.length;
    let at = half < 0 ? 1 : 0;
    if (gaps.length > 0) gaps = [];
    if (half < 0 && (chunk.byteOffset & 3) === 0) {
      // Two words at a time: few of them are time words. A half of `types` is zero where one is; a wrong guess costs a look.
      const pairs = new Int32Array(chunk.buffer, chunk.byteOffset, length >>> 2);
      for (let i = 0; i < pairs.length; i++) {
        const types = ((pairs[i] ?? 0) & 0xf000_f000) ^ 0x8000_8000;
        if (((types - 0x1000_1000) & ~types & 0x8000_8000) === 0) continue;
        look(chunk, 4 * i + 1);
        look(chunk, 4 * i + 3);
      }
      at = 4 * pairs.length + 1;
    }
    for (; at < length; at += 2) look(chunk, at);
    half = at === length ? (chunk[length - 1] ?? 0) : -1;
    return gaps;
  };
}
