const VALID = [0, 2, 3, 4, 5, 6, 7, 8, 9, 10, 14, 15];
const IS_VALID = Array.from({ length: 16 }, (_, type) => VALID.includes(type));
const MIN_WORDS = 64;
const MIN_SHARE = 0.999;

/**
 * Whether headerless bytes are EVT 3.0: nearly all words have a known type, there are events and rows, and TIME_HIGH never
 * rises by 64 or more (modulo its 4096 values).
 */
export function looksLikeEvt3(bytes: Uint8Array): boolean {
  const words = Math.min(20_000, bytes.length >>> 1);
  if (words < MIN_WORDS) return false;
  const counts = new Uint32Array(16);
  let valid = 0;
  let high = -1;
  for (let i = 0; i < words; i += 1) {
    const word = bytes[2 * i]! | (bytes[2 * i + 1]! << 8);
    const type = word >>> 12;
    counts[type]! += 1;
    if (IS_VALID[type]) valid += 1;
    if (type !== 8) continue;
    const next = word & 0xfff;
    if (high >= 0 && ((next - high) & 0xfff) >= 64) return false;
    high = next;
  }
  const pixels = counts[2]! + counts[4]! + counts[5]!;
  return valid >= MIN_SHARE * words && counts[8]! > 0 && counts[0]! > 0 && counts[6]! > 0 && pixels > 0;
}
