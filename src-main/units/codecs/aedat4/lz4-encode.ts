import { LZ4_MAGIC } from "./lz4-decode.ts";
import { xxh32 } from "./xxh32.ts";

/** Blocks stand alone and hold up to 256 KiB: a usual packet in one. */
const FLAGS = 0x60;
const BLOCK_CODE = 5;
const BLOCK = 1 << (2 * BLOCK_CODE + 8);
const STORED = 0x8000_0000;

const MIN_MATCH = 4;
const MAX_DISTANCE = 0xffff;
/** The format wants the last five bytes as they are, and no match within the last twelve. */
const TAIL = 5;
const NO_MATCH = 12;
const HASH_BITS = 14;
/** Steps grow where nothing repeats: after each 64 failures by one. */
const SKIP_SHIFT = 6;

/** Packs LZ4 frames of independent blocks. The memory is reused. */
export class Lz4Encoder {
  readonly #table = new Int32Array(1 << HASH_BITS);
  #output = new Uint8Array(1 << 16);

  /** The frame of these bytes; lent until the next call. */
  encode(bytes: Uint8Array): Uint8Array {
    const blocks = Math.ceil(bytes.length / BLOCK);
    const needed = 16 + bytes.length + 8 * blocks + Math.ceil(bytes.length / 255);
    if (needed > this.#output.length) this.#output = new Uint8Array(2 * needed);
    const out = this.#output;
    const view = new DataView(out.buffer);
    view.setUint32(0, LZ4_MAGIC, true);
    out[4] = FLAGS;
    out[5] = BLOCK_CODE << 4;
    out[6] = xxh32(out.subarray(4, 6)) >>> 8;
    let at = 7;
    for (let from = 0; from < bytes.length; from += BLOCK) {
      const block = bytes.subarray(from, from + BLOCK);
      const size = packBlock(block, out, at + 4, this.#table) - at - 4;
      if (size < block.length) view.setUint32(at, size, true);
      else {
        out.set(block, at + 4);
        view.setUint32(at, (block.length | STORED) >>> 0, true);
      }
      at += 4 + Math.min(size, block.length);
    }
    view.setUint32(at, 0, true);
    return out.subarray(0, at + 4);
  }
}

/** Packs a block behind `at` by looking up the last place of each four bytes; answers the end. */
function packBlock(block: Uint8Array, out: Uint8Array, at: number, table: Int32Array): number {
  const size = block.length;
  const view = new DataView(block.buffer, block.byteOffset, size);
  const searchEnd = size - NO_MATCH;
  table.fill(-1);
  let end = at;
  let literals = 0; // where those that have not been written begin
  let i = 0;
  let failures = 1 << SKIP_SHIFT;
  while (i <= searchEnd) {
    const four = view.getUint32(i, true);
    const slot = Math.imul(four, 0x9e37_79b1) >>> (32 - HASH_BITS);
    const candidate = table[slot]!;
    table[slot] = i;
    if (candidate < 0 || i - candidate > MAX_DISTANCE || view.getUint32(candidate, true) !== four) {
      i += failures++ >>> SKIP_SHIFT;
      continue;
    }
    failures = 1 << SKIP_SHIFT;
    let length = MIN_MATCH;
    while (i + length < size - TAIL && block[candidate + length] === block[i + length]) length += 1;
    end = putLiterals(block, literals, i, length - MIN_MATCH, out, end);
    out[end++] = i - candidate;
    out[end++] = (i - candidate) >>> 8;
    end = putLength(length - MIN_MATCH, out, end);
    i += length;
    literals = i;
  }
  return putLiterals(block, literals, size, 0, out, end);
}

/** The token of a sequence, the rest of its count of literals, and these. */
function putLiterals(block: Uint8Array, from: number, to: number, match: number, out: Uint8Array, at: number): number {
  const count = to - from;
  out[at] = (Math.min(15, count) << 4) | Math.min(15, match);
  let end = putLength(count, out, at + 1);
  for (let i = from; i < to; i += 1) out[end++] = block[i]!;
  return end;
}

/** What a count leaves over beyond the 15 of its token. */
function putLength(count: number, out: Uint8Array, at: number): number {
  let end = at;
  if (count < 15) return end;
  let rest = count - 15;
  for (; rest >= 255; rest -= 255) out[end++] = 255;
  out[end++] = rest;
  return end;
}
