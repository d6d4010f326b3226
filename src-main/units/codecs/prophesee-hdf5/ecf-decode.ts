/*
 * Chunks of the ECF filter (HDF5 filter 36559): a count with two flags, a run-length list of times, then rows, columns and polarities
 * in one of three packings. All numbers are little-endian; nothing is aligned.
 */

/** Events in a chunk at most: their number is written as the length of runs of 16 bits. */
export const MAX_CHUNK_EVENTS = 65_535;

/** Events from `index` on count their times from `t0` (µs). */
export interface EcfPart {
  readonly index: number;
  readonly t0: number;
}

/** What a chunk holds. Nearly always one part: a second one begins where 32 bits of time are not enough. */
export interface EcfChunk {
  readonly count: number;
  readonly parts: readonly EcfPart[];
}

/** Why a chunk cannot be decoded. */
export class EcfError extends Error {}

/** Upper half of a time from which on its offsets would not be exact any more in a double. */
const MAX_HIGH = 0x1f_fffe;

const SHORT = "it ends too early";

/** Number of events and first time (µs) of a chunk, from its first twelve bytes. */
export function ecfHead(bytes: Uint8Array): { readonly count: number; readonly packing: number; readonly t: number } {
  if (bytes.length < 12) throw new EcfError(SHORT);
  const view = new DataView(bytes.buffer, bytes.byteOffset, 12);
  const word = view.getUint32(0, true);
  const [low, high] = [view.getUint32(4, true), view.getUint32(8, true)];
  if (high >= MAX_HIGH) throw new EcfError("its first time is impossible");
  return { count: word >>> 2, packing: word & 3, t: high * 0x1_0000_0000 + low };
}

/**
 * Decodes a chunk into event words (`words[2 i]` time since its part's `t0`, `words[2 i + 1]` packed pixel).
 * @param words has room for `2 * limit` words. @throws EcfError when the bytes are no sound chunk of at most `limit` events.
 */
export function decodeEcf(bytes: Uint8Array, words: Uint32Array, limit: number): EcfChunk {
  const { count, packing, t } = ecfHead(bytes);
  if (count > limit) throw new EcfError(`it claims ${count} events, more than the ${limit} of a chunk`);
  const parts: EcfPart[] = [{ index: 0, t0: t }];
  let at = decodeTimes(bytes, words, count, parts);
  if ((packing & 2) !== 0) decodeTogether(bytes, at, words, count);
  else {
    at = decodeRows(bytes, at, words, count);
    if ((packing & 1) !== 0) decodeColumnsWithPolarity(bytes, at, words, count);
    else decodePolarities(bytes, decodeColumns(bytes, at, words, count), words, count);
  }
  return { count, parts };
}

function decodeTimes(bytes: Uint8Array, words: Uint32Array, count: number, parts: EcfPart[]): number {
  const { length } = bytes;
  let t0 = parts[0]!.t0;
  let offset = 0;
  let at = 12;
  let i = 0;
  while (i < count) {
    if (at >= length) throw new EcfError(SHORT);
    const byte = bytes[at++]!;
    if (byte >= 0xf0) {
      // The nibbles of a jump, least significant first; a factor instead of shifts, since it may pass 32 bits.
      let jump = byte & 15;
      let factor = 16;
      while (at < length && bytes[at]! >= 0xf0) {
        jump += (bytes[at++]! & 15) * factor;
        factor *= 16;
        if (factor > 2 ** 60) throw new EcfError("a step in time is impossible");
      }
      offset += jump;
    } else {
      offset += byte >>> 4;
      let run = byte & 15;
      if (run === 15) {
        if (at + 2 > length) throw new EcfError(SHORT);
        run = bytes[at]! | (bytes[at + 1]! << 8);
        at += 2;
      }
      if (offset > 0xffff_ffff) {
        t0 += offset;
        offset = 0;
        if (t0 >= MAX_HIGH * 0x1_0000_0000) throw new EcfError("a time is impossible");
        if (run > 0) parts.push({ index: i, t0 });
      }
      const end = i + run;
      if (end > count) throw new EcfError("it holds more times than events");
      for (; i < end; i += 1) words[2 * i] = offset;
    }
  }
  return at;
}

function decodeRows(bytes: Uint8Array, from: number, words: Uint32Array, count: number): number {
  const { length } = bytes;
  let at = from;
  for (let i = 0; i < count;) {
    if (at + 2 > length) throw new EcfError(SHORT);
    const value = bytes[at]! | (bytes[at + 1]! << 8);
    at += 2;
    let run = value & 31;
    if (run === 31) {
      if (at + 2 > length) throw new EcfError(SHORT);
      run = bytes[at]! | (bytes[at + 1]! << 8);
      at += 2;
    }
    const packed = (value >>> 5) << 14;
    const end = i + run;
    if (end > count) throw new EcfError("it holds more rows than events");
    for (; i < end; i += 1) words[2 * i + 1] = packed;
  }
  return at;
}

function decodeColumns(bytes: Uint8Array, from: number, words: Uint32Array, count: number): number {
  const { length } = bytes;
  let at = from;
  for (let i = 0; i < count;) {
    if (at + 2 > length) throw new EcfError(SHORT);
    const value = bytes[at]! | (bytes[at + 1]! << 8);
    at += 2;
    let x = value >>> 5;
    words[2 * i + 1]! |= x;
    i += 1;
    for (let mask = value & 31; mask !== 0; mask = (mask << 1) & 31) {
      x += 1;
      if ((mask & 16) === 0) continue;
      if (i >= count) throw new EcfError("it holds more columns than events");
      words[2 * i + 1]! |= x;
      i += 1;
    }
  }
  return at;
}

function decodePolarities(bytes: Uint8Array, from: number, words: Uint32Array, count: number): void {
  const { length } = bytes;
  let at = from;
  for (let i = 0; i < count;) {
    if (at >= length) throw new EcfError(SHORT);
    const byte = bytes[at++]!;
    let run = byte & 127;
    if (run === 127) {
      if (at + 2 > length) throw new EcfError(SHORT);
      run = bytes[at]! | (bytes[at + 1]! << 8);
      at += 2;
    }
    const end = i + run;
    if (end > count) throw new EcfError("it holds more polarities than events");
    if (byte < 128) i = end;
    else for (; i < end; i += 1) words[2 * i + 1]! |= 1 << 28;
  }
}

/** Column and polarity in twelve bits, four events in three words of 16 bits. */
function decodeColumnsWithPolarity(bytes: Uint8Array, from: number, words: Uint32Array, count: number): void {
  const groups = (count + 3) >>> 2;
  if (from + 6 * groups > bytes.length) throw new EcfError(SHORT);
  const end = 2 * count;
  for (let at = from, o = 1; o < end; at += 6, o += 8) {
    const a = bytes[at]! | (bytes[at + 1]! << 8);
    const b = bytes[at + 2]! | (bytes[at + 3]! << 8);
    const c = bytes[at + 4]! | (bytes[at + 5]! << 8);
    const v0 = a >>> 4;
    const v1 = ((b >>> 8) << 4) | (a & 15);
    const v2 = ((c >>> 12) << 8) | (b & 255);
    const v3 = c & 4095;
    words[o]! |= ((v0 & 1) << 28) | (v0 >>> 1);
    if (o + 2 < end) words[o + 2]! |= ((v1 & 1) << 28) | (v1 >>> 1);
    if (o + 4 < end) words[o + 4]! |= ((v2 & 1) << 28) | (v2 >>> 1);
    if (o + 6 < end) words[o + 6]! |= ((v3 & 1) << 28) | (v3 >>> 1);
  }
}

/** Row, column and polarity in 24 bits, four events in three words of 32 bits. */
function decodeTogether(bytes: Uint8Array, from: number, words: Uint32Array, count: number): void {
  const groups = (count + 3) >>> 2;
  if (from + 12 * groups > bytes.length) throw new EcfError(SHORT);
  const end = 2 * count;
  for (let at = from, o = 1; o < end; at += 12, o += 8) {
    const a = bytes[at]! | (bytes[at + 1]! << 8) | (bytes[at + 2]! << 16) | (bytes[at + 3]! << 24);
    const b = bytes[at + 4]! | (bytes[at + 5]! << 8) | (bytes[at + 6]! << 16) | (bytes[at + 7]! << 24);
    const c = bytes[at + 8]! | (bytes[at + 9]! << 8) | (bytes[at + 10]! << 16) | (bytes[at + 11]! << 24);
    const v0 = a >>> 8;
    const v1 = ((b >>> 16) << 8) | (a & 255);
    const v2 = ((c >>> 24) << 16) | (b & 0xffff);
    const v3 = c & 0xff_ffff;
    words[o] = ((v0 & 1) << 28) | ((v0 >>> 12) << 14) | ((v0 >>> 1) & 0x7ff);
    if (o + 2 < end) words[o + 2] = ((v1 & 1) << 28) | ((v1 >>> 12) << 14) | ((v1 >>> 1) & 0x7ff);
    if (o + 4 < end) words[o + 4] = ((v2 & 1) << 28) | ((v2 >>> 12) << 14) | ((v2 >>> 1) & 0x7ff);
    if (o + 6 < end) words[o + 6] = ((v3 & 1) << 28) | ((v3 >>> 12) << 14) | ((v3 >>> 1) & 0x7ff);
  }
}
