import { contradiction } from "./flat-reader.ts";
import { xxh32 } from "./xxh32.ts";

/** First bytes of an LZ4 frame, as a little-endian number. */
export const LZ4_MAGIC = 0x184d_2204;

const FLAG_INDEPENDENT = 0x20;
const FLAG_BLOCK_CHECKSUM = 0x10;
const FLAG_CONTENT_SIZE = 0x08;
const FLAG_CONTENT_CHECKSUM = 0x04;
const FLAG_DICTIONARY = 0x01;
const STORED = 0x8000_0000;
const CHECKSUM_BYTES = 4;
/** Copies shorter than this are faster by words than by calls. */
const SHORT = 32;
const WORD = 4;

/**
 * Unpacks LZ4 frames (https://github.com/lz4/lz4/blob/dev/doc/lz4_Frame_format.md), with linked blocks too: the output lies in one
 * piece, so that a block finds what the ones before it have left. The memory is reused.
 */
export class Lz4Decoder {
  #output = new Uint8Array(1 << 18);

  /** The contents of a frame of at most `limit` bytes; lent until the next call. @throws AppError `damaged` */
  decode(frame: Uint8Array, limit: number): Uint8Array {
    const view = new DataView(frame.buffer, frame.byteOffset, frame.length);
    const need = (at: number, bytes: number): void => {
      if (at + bytes > frame.length) throw contradiction("its LZ4 frame is cut off");
    };
    need(0, 7);
    if (view.getUint32(0, true) !== LZ4_MAGIC) throw contradiction("it is no LZ4 frame");
    const flags = frame[4]!;
    const code = (frame[5]! >>> 4) & 7;
    if (flags >>> 6 !== 1 || code < 4) throw contradiction("its LZ4 frame is of an unknown version");
    let at = 6 + ((flags & FLAG_CONTENT_SIZE) !== 0 ? 8 : 0) + ((flags & FLAG_DICTIONARY) !== 0 ? 4 : 0);
    need(at, 1);
    if (((xxh32(frame.subarray(4, at)) >>> 8) & 0xff) !== frame[at])
      throw contradiction("the checksum of its LZ4 header is wrong");
    at += 1;
    const largest = 1 << (2 * code + 8);
    let length = 0;
    for (;;) {
      need(at, 4);
      const size = view.getUint32(at, true);
      at += 4;
      if (size === 0) break;
      const bytes = size & ~STORED;
      need(at, bytes + ((flags & FLAG_BLOCK_CHECKSUM) !== 0 ? CHECKSUM_BYTES : 0));
      if (length + largest > this.#output.length) this.#grow(length, Math.min(length + largest, limit), limit);
      const end = Math.min(this.#output.length, length + largest);
      const from = (flags & FLAG_INDEPENDENT) !== 0 ? length : 0;
      const block = frame.subarray(at, at + bytes);
      if ((size & STORED) !== 0) {
        if (length + bytes > end) throw contradiction("an LZ4 block is larger than allowed");
        this.#output.set(block, length);
        length += bytes;
      } else length = unpackBlock(block, this.#output, from, length, end);
      at += bytes;
      if ((flags & FLAG_BLOCK_CHECKSUM) === 0) continue;
      if (xxh32(block) !== view.getUint32(at, true)) throw contradiction("the checksum of an LZ4 block is wrong");
      at += CHECKSUM_BYTES;
    }
    const contents = this.#output.subarray(0, length);
    if ((flags & FLAG_CONTENT_CHECKSUM) !== 0) {
      need(at, CHECKSUM_BYTES);
      if (xxh32(contents) !== view.getUint32(at, true)) throw contradiction("the checksum of its LZ4 frame is wrong");
    }
    return contents;
  }

  /** Makes room for at least `needed` bytes and keeps the first ones. */
  #grow(used: number, needed: number, limit: number): void {
    if (needed <= this.#output.length) return;
    const grown = new Uint8Array(Math.max(needed, Math.min(2 * this.#output.length, limit)));
    grown.set(this.#output.subarray(0, used));
    this.#output = grown;
  }
}

/** Unpacks a block behind `at`; matches reach back to `from`. Answers where its contents end, at most at `end`. */
function unpackBlock(block: Uint8Array, output: Uint8Array, from: number, at: number, end: number): number {
  const size = block.length;
  const room = output.length;
  const source = new DataView(block.buffer, block.byteOffset, size);
  const target = new DataView(output.buffer, output.byteOffset, room);
  let i = 0;
  let out = at;
  while (i < size) {
    const token = block[i++]!;
    let literals = token >>> 4;
    if (literals === 15) {
      let more = 255;
      while (more === 255 && i < size) literals += more = block[i++]!;
    }
    if (i + literals > size || out + literals > end) throw contradiction("an LZ4 block runs over its end");
    if (literals < SHORT && out + SHORT <= room && i + SHORT <= size) {
      // Words at a time, and up to three bytes too many: the next sequence, or nothing, comes over them.
      for (let k = 0; k < literals; k += WORD) target.setUint32(out + k, source.getUint32(i + k));
      i += literals;
      out += literals;
    } else {
      output.set(block.subarray(i, i + literals), out);
      i += literals;
      out += literals;
    }
    if (i === size) return out; // the last sequence has literals only
    if (i + 2 > size) throw contradiction("an LZ4 block ends in the middle");
    const distance = block[i]! | (block[i + 1]! << 8);
    i += 2;
    let length = (token & 15) + 4;
    if ((token & 15) === 15) {
      let more = 255;
      while (more === 255 && i < size) length += more = block[i++]!;
    }
    let back = out - distance;
    if (distance === 0 || back < from || out + length > end) throw contradiction("an LZ4 block points outside its data");
    if (length < SHORT && distance >= WORD && out + SHORT <= room) {
      for (let k = 0; k < length; k += WORD) target.setUint32(out + k, target.getUint32(back + k));
      out += length;
    } else if (distance < length) for (const stop = out + length; out < stop;) output[out++] = output[back++]!;
    else {
      output.copyWithin(out, back, back + length);
      out += length;
    }
  }
  throw contradiction("an LZ4 block ends in the middle");
}
