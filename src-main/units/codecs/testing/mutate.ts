/*
 * Structure-aware mutations of files: besides bits and blocks they change what parsers trust, which is lengths, counts and
 * offsets (whole little- and big-endian numbers), lines of text headers, and the order of parts; and they cross two files.
 */

/** Numbers at which parsers break: ends of ranges, signs, sizes. */
const NUMBERS = [
  0, 1, 2, 3, 4, 7, 8, 15, 16, 31, 32, 63, 64, 127, 128, 255, 256, 1000, 4095, 4096, 32_767, 32_768, 65_535, 65_536, 0x7fff_ffff,
  0x8000_0000, 0xffff_ffff,
] as const;

type Random = () => number;
const below = (random: Random, end: number): number => Math.floor(random() * end);

/** Overwrites a whole number at a place, in either byte order. */
function setNumber(random: Random, bytes: Uint8Array): void {
  const size = ([1, 2, 4, 8] as const)[below(random, 4)] ?? 1;
  if (bytes.length < size) return;
  const at = below(random, bytes.length - size + 1) & (random() < 0.5 ? ~(size - 1) : ~0);
  const value = random() < 0.15 ? bytes.length + below(random, 9) - 4 : (NUMBERS[below(random, NUMBERS.length)] ?? 0);
  const big = BigInt(value) * (random() < 0.2 ? -1n : 1n);
  const little = random() < 0.6;
  for (let i = 0; i < size; i += 1) bytes[at + (little ? i : size - 1 - i)] = Number((big >> BigInt(8 * i)) & 0xffn);
}

/** Adds a little to, or takes a little from, a whole number. */
function nudgeNumber(random: Random, bytes: Uint8Array): void {
  if (bytes.length === 0) return;
  const at = below(random, bytes.length);
  bytes[at] = (bytes[at] ?? 0) + [1, -1, 2, -2, 16, -16, 128][below(random, 7)]!;
}

/** Repeats, removes or exchanges lines near the start, where headers are. */
function editLines(random: Random, bytes: Uint8Array): Uint8Array {
  const ends: number[] = [];
  for (let i = 0; i < Math.min(bytes.length, 4096); i += 1) if (bytes[i] === 10) ends.push(i + 1);
  if (ends.length < 2) return bytes;
  const line = below(random, ends.length);
  const [from, to] = [line === 0 ? 0 : ends[line - 1]!, ends[line]!];
  const text = bytes.subarray(from, to);
  const kind = below(random, 3);
  if (kind === 0) return Buffer.concat([bytes.subarray(0, from), bytes.subarray(to)]);
  const at = ends[below(random, ends.length)]!;
  if (kind === 1) return Buffer.concat([bytes.subarray(0, at), text, bytes.subarray(at)]);
  const digits = Uint8Array.from(text, (byte) =>
    byte >= 0x30 && byte <= 0x39 && random() < 0.5 ? 0x30 + below(random, 10) : byte,
  );
  return Buffer.concat([bytes.subarray(0, from), digits, bytes.subarray(to)]);
}

/** A changed copy of a file; `other` is a second one of the same format to cross it with. Deterministic in `random`. */
export function mutate(random: Random, original: Uint8Array, other: Uint8Array): Uint8Array {
  let bytes: Uint8Array = Uint8Array.from(original);
  for (let changes = 1 + below(random, 4); changes > 0; changes -= 1) {
    const [a, b] = [below(random, bytes.length + 1), below(random, bytes.length + 1)].sort((x, y) => x - y) as [number, number];
    const kind = below(random, 12);
    if (kind === 0 && bytes.length > 0) bytes[a % bytes.length]! ^= 1 << below(random, 8);
    else if (kind === 1) bytes = bytes.slice(0, a);
    else if (kind === 2) bytes = Buffer.concat([bytes.subarray(0, a), bytes.subarray(b)]);
    else if (kind === 3) bytes = Buffer.concat([bytes.subarray(0, b), other]);
    else if (kind === 4) bytes.fill(below(random, 256), a, Math.min(b, a + 200));
    else if (kind === 5) for (let i = a; i < Math.min(b, a + 50); i += 1) bytes[i] = below(random, 256);
    else if (kind === 6) {
      const part = bytes.slice(a, Math.min(b, a + 4096));
      bytes = Buffer.concat([bytes.subarray(0, b), part, bytes.subarray(b)]);
    } else if (kind === 7 && other.length > 0)
      bytes = Buffer.concat([bytes.subarray(0, a), other.subarray(below(random, other.length))]);
    else if (kind === 8) bytes = editLines(random, bytes);
    else if (kind === 9) nudgeNumber(random, bytes);
    else setNumber(random, bytes);
  }
  return bytes;
}
