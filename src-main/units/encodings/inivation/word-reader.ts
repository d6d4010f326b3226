import type { PacketWriter } from "#shared/events/packet-writer.ts";
import type { DecoderState } from "../encoding.ts";

/** Words decoded in one go; the memory for their events is made once. */
const BLOCK_WORDS = 8192;

/** Longest offset from a packet's base, µs. */
export const MAX_OFFSET = 0x7fff_ffff;

/** Decodes the first `count` words of the block; answers how many it used before one whose time did not fit the packet. */
export type RunWords = (count: number, out: PacketWriter) => number;

/** Cuts bytes into aligned little-endian words, whatever their split, and keeps the word that is not complete. */
export class WordReader {
  /** The block; decoders put a 16-bit or 32-bit view on it. */
  readonly memory: ArrayBuffer;
  readonly #block: Uint8Array;
  readonly #wordBytes: number;
  #have: number;

  constructor(wordBytes: number, state?: DecoderState) {
    this.#wordBytes = wordBytes;
    this.memory = new ArrayBuffer(BLOCK_WORDS * wordBytes);
    this.#block = new Uint8Array(this.memory);
    this.#have = Math.min(wordBytes - 1, state?.["have"] ?? 0);
    for (let i = 0; i < this.#have; i += 1) this.#block[i] = state?.[`byte${i}`] ?? 0;
  }

  /** Bytes of an unfinished word. */
  get pending(): number {
    return this.#have;
  }

  decode(bytes: Uint8Array, out: PacketWriter, run: RunWords): number {
    const block = this.#block;
    const wordBytes = this.#wordBytes;
    let used = 0;
    while (used < bytes.length) {
      const next = bytes.subarray(used, used + block.length - this.#have);
      block.set(next, this.#have);
      const total = this.#have + next.length;
      const words = Math.floor(total / wordBytes);
      const done = run(words, out);
      if (done < words) {
        if (done === 0) return used;
        used += done * wordBytes - this.#have;
        this.#have = 0;
        return used;
      }
      block.copyWithin(0, words * wordBytes, total);
      this.#have = total - words * wordBytes;
      used += next.length;
    }
    return used;
  }

  forget(): void {
    this.#have = 0;
  }

  state(): DecoderState {
    const part = Array.from(this.#block.subarray(0, this.#have), (byte, i) => [`byte${i}`, byte] as const);
    return { have: this.#have, ...Object.fromEntries(part) };
  }
}
