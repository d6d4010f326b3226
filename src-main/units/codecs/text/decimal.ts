/** Powers of ten that a double holds exactly. */
export const POW10: readonly number[] = Array.from({ length: 23 }, (_, i) => Number(`1e${i}`));
/** More digits than this do not add to a double. */
const MAX_DIGITS = 15;
const [ZERO, MINUS, PLUS] = [48, 45, 43];

/** The parts of a number as text: where its digits lie and how far its point is to be moved. */
interface Parts {
  readonly negative: boolean;
  /** Places of the digits before and behind the point. */
  readonly whole: readonly [from: number, to: number];
  readonly fraction: readonly [from: number, to: number];
  readonly exponent: number;
}

const isDigit = (byte: number | undefined): boolean => byte !== undefined && byte >= ZERO && byte <= ZERO + 9;

/** The parts of the number in `[start, end)`; `undefined` when it is none. */
function partsOf(bytes: Uint8Array, start: number, end: number, point: number): Parts | undefined {
  let at = start;
  const negative = bytes[at] === MINUS;
  if (negative || bytes[at] === PLUS) at += 1;
  const digits = (): readonly [number, number] => {
    const from = at;
    while (at < end && isDigit(bytes[at])) at += 1;
    return [from, at];
  };
  const whole = digits();
  let fraction: readonly [number, number] = [at, at];
  if (at < end && bytes[at] === point) {
    at += 1;
    fraction = digits();
  }
  if (whole[0] === whole[1] && fraction[0] === fraction[1]) return undefined;
  let exponent = 0;
  if (at < end && (bytes[at]! | 0x20) === 0x65) {
    at += 1;
    const below = bytes[at] === MINUS;
    if (below || bytes[at] === PLUS) at += 1;
    const [from, to] = digits();
    if (from === to || to - from > 3) return undefined;
    for (let i = from; i < to; i += 1) exponent = 10 * exponent + bytes[i]! - ZERO;
    if (below) exponent = -exponent;
  }
  return at === end ? { negative, whole, fraction, exponent } : undefined;
}

/** `true`, `false`, `on` and `off` in any case as 1 and 0; NaN for another word. */
function wordValue(bytes: Uint8Array, start: number, end: number): number {
  if (end - start > 5) return NaN;
  const word = String.fromCharCode(...bytes.subarray(start, end)).toLowerCase();
  return word === "true" || word === "on" ? 1 : word === "false" || word === "off" ? 0 : NaN;
}

/** The number in `[start, end)` as the nearest double but for the last digits of long ones; NaN when it is none. */
export function parseDecimal(bytes: Uint8Array, start: number, end: number, point: number): number {
  const parts = partsOf(bytes, start, end, point);
  if (parts === undefined) return wordValue(bytes, start, end);
  let value = 0;
  let used = 0;
  let { exponent } = parts;
  for (const [from, to] of [parts.whole, parts.fraction]) {
    const behind = from === parts.fraction[0];
    for (let i = from; i < to; i += 1) {
      if (used < MAX_DIGITS) {
        value = 10 * value + bytes[i]! - ZERO;
        if (value > 0) used += 1;
        if (behind) exponent -= 1;
      } else if (!behind) exponent += 1;
    }
  }
  const scaled = exponent < 0 ? value / tenTo(-exponent) : value * tenTo(exponent);
  return parts.negative ? -scaled : scaled;
}

const tenTo = (power: number): number => POW10[power] ?? 10 ** power;

/** The number in `[start, end)` times 10^shift, rounded to a whole one by its digits and never through a fraction; NaN when it is none. */
export function parseScaled(bytes: Uint8Array, start: number, end: number, point: number, shift: number): number {
  const parts = partsOf(bytes, start, end, point);
  if (parts === undefined) return NaN;
  const { whole, fraction } = parts;
  const inWhole = whole[1] - whole[0];
  const all = inWhole + fraction[1] - fraction[0];
  const wanted = inWhole + parts.exponent + shift;
  const digitAt = (i: number): number => bytes[i < inWhole ? whole[0] + i : fraction[0] + i - inWhole]! - ZERO;
  let value = 0;
  for (let i = 0; i < wanted && value < Number.MAX_SAFE_INTEGER; i += 1) value = 10 * value + (i < all ? digitAt(i) : 0);
  if (wanted >= 0 && wanted < all && digitAt(wanted) >= 5) value += 1;
  return parts.negative && value !== 0 ? -value : value;
}
