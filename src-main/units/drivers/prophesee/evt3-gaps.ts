const TIME_HIGH = 0x8;
/** Time words count in steps of 4096 µs and go round at 4096. */
const STEPS = 4096;

/**
 * Notices time that is missing between transfers of EVT 3.0: the sensor writes its time words in silence too, so the first one of a
 * transfer follows the last one of the transfer before, or repeats it. That is the only sign of a memory that ran over in the camera.
 */
export function evt3LostBefore(): (chunk: Uint8Array) => boolean {
  let previous: number | undefined;
  /** A transfer may end within a word. */
  let odd = 0;

  return (chunk) => {
    const first = odd;
    const words = (chunk.length - first) >>> 1;
    odd = (chunk.length - first) & 1;
    const timeAt = (word: number): number | undefined => {
      const high = chunk[first + 2 * word + 1] ?? 0;
      return high >>> 4 === TIME_HIGH ? ((high & 0xf) << 8) | (chunk[first + 2 * word] ?? 0) : undefined;
    };
    let begins: number | undefined;
    for (let word = 0; word < words && begins === undefined; word++) begins = timeAt(word);
    if (begins === undefined) return false;
    const step = previous === undefined ? 0 : (begins - previous + STEPS) % STEPS;
    for (let word = words - 1; word >= 0; word--) {
      previous = timeAt(word);
      if (previous !== undefined) break;
    }
    return step > 1;
  };
}
