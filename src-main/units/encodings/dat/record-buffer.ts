import type { DecoderState } from "../encoding.ts";

/** Bytes of a DAT record. */
export const RECORD = 8;

/** The bytes of a record that is not complete yet, between two calls of a decoder. */
export class RecordBuffer {
  have: number;
  readonly #recordBytes: number;
  readonly #part: Uint8Array;

  constructor(state?: DecoderState, recordBytes = RECORD) {
    this.#recordBytes = recordBytes;
    this.#part = new Uint8Array(recordBytes);
    this.have = state?.["have"] ?? 0;
    for (let i = 0; i < this.have; i += 1) this.#part[i] = state?.[`byte${i}`] ?? 0;
  }

  /** Puts at most `most` records into `target`: what waits here, then `bytes`. Answers how many are complete. */
  fill(target: Uint8Array, bytes: Uint8Array, most: number): number {
    const next = bytes.subarray(0, this.#recordBytes * most - this.have);
    const records = Math.floor((this.have + next.length) / this.#recordBytes);
    if (records === 0) return 0;
    target.set(this.#part.subarray(0, this.have));
    target.set(next, this.have);
    return records;
  }

  /** `records` of those filled in have been used; answers how many bytes of the last `fill` that were. */
  take(records: number): number {
    if (records === 0) return 0;
    const used = this.#recordBytes * records - this.have;
    this.have = 0;
    return used;
  }

  /** Keeps bytes that make no record yet; answers how many. */
  keep(bytes: Uint8Array): number {
    this.#part.set(bytes, this.have);
    this.have += bytes.length;
    return bytes.length;
  }

  state(): DecoderState {
    return {
      have: this.have,
      ...Object.fromEntries(Array.from(this.#part.subarray(0, this.have), (byte, i) => [`byte${i}`, byte])),
    };
  }
}
