/*
 * Which encoding bytes without a header are, by the tests that told ten recordings of all kinds apart: nearly all words have a known
 * type, there are time words, and the time does not fall but where its counter turns.
 */

const MIN_WORDS = 64;
const MIN_SHARE = 0.999;
const MAX_WORDS = 20_000;
/** Share of EVT 2 words that have to be time words. */
const MIN_HIGH_SHARE = 0.001;

const isValid3 = Array.from({ length: 16 }, (_, type) => [0, 2, 3, 4, 5, 6, 7, 8, 9, 10, 14, 15].includes(type));
const isValid2 = Array.from({ length: 16 }, (_, type) => [0, 1, 8, 10, 14, 15].includes(type));
const isValid21 = Array.from({ length: 16 }, (_, type) => [0, 1, 8, 10, 14].includes(type));

/** TIME_HIGH of EVT 3.0 never rises by 64 or more (modulo its 4096 values), and there are rows, times and events. */
export function looksLikeEvt3(bytes: Uint8Array): boolean {
  const words = Math.min(MAX_WORDS, bytes.length >>> 1);
  if (words < MIN_WORDS) return false;
  const counts = new Uint32Array(16);
  let valid = 0;
  let high = -1;
  for (let i = 0; i < words; i += 1) {
    const word = bytes[2 * i]! | (bytes[2 * i + 1]! << 8);
    const type = word >>> 12;
    counts[type]! += 1;
    if (isValid3[type]) valid += 1;
    if (type !== 8) continue;
    const next = word & 0xfff;
    if (high >= 0 && ((next - high) & 0xfff) >= 64) return false;
    high = next;
  }
  const pixels = counts[2]! + counts[4]! + counts[5]!;
  return valid >= MIN_SHARE * words && counts[8]! > 0 && counts[0]! > 0 && counts[6]! > 0 && pixels > 0;
}

/** What the types in one 32-bit part of each word say. */
interface Types {
  readonly words: number;
  /** Share of words of a known type. */
  readonly share: number;
  readonly times: number;
  readonly events: number;
  /** Whether the time falls by less than a turn of its counter. */
  readonly falls: boolean;
}

function typesOf(bytes: Uint8Array, wordBytes: number, half: number, isValid: readonly boolean[]): Types {
  const words = Math.min(MAX_WORDS, Math.floor(bytes.length / wordBytes));
  let valid = 0;
  let times = 0;
  let events = 0;
  let falls = false;
  let high = -1;
  for (let i = 0; i < words; i += 1) {
    const at = wordBytes * i + half;
    const type = bytes[at + 3]! >>> 4;
    if (isValid[type]) valid += 1;
    if (type <= 1) events += 1;
    if (type !== 8) continue;
    const next = ((bytes[at + 3]! & 0xf) << 24) | (bytes[at + 2]! << 16) | (bytes[at + 1]! << 8) | bytes[at]!;
    if (next < high && high - next < 2 ** 27) falls = true;
    high = next;
    times += 1;
  }
  return { words, share: words === 0 ? 0 : valid / words, times, events, falls };
}

const fits = ({ share, falls, times }: Types): boolean => share >= MIN_SHARE && !falls && times > 0;

/** Whether bytes without a header are EVT 2.0. */
export function looksLikeEvt2(bytes: Uint8Array): boolean {
  const types = typesOf(bytes, 4, 0, isValid2);
  return types.words >= MIN_WORDS && fits(types) && types.times >= MIN_HIGH_SHARE * types.words && types.events > 0;
}

/** Whether these can be EVT 2.1 words whose types lie in the half at byte `half`. */
export const fitsEvt21 = (bytes: Uint8Array, half: 0 | 4): boolean => fits(typesOf(bytes, 8, half, isValid21));

/** The order of EVT 2.1 words without a header; EVT 2.0 fits both orders, and is to be ruled out before. */
export function orderOfEvt21(bytes: Uint8Array): "little" | "legacy" | undefined {
  if (bytes.length < 8 * MIN_WORDS) return undefined;
  const little = fitsEvt21(bytes, 4);
  if (little === fitsEvt21(bytes, 0)) return undefined;
  return little ? "little" : "legacy";
}
