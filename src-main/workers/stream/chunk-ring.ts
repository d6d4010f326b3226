import type { DecoderState } from "#main/units/encodings/encoding.ts";

/** What came from a camera in one transfer, with what is known about it. */
export interface Chunk {
  /** Counts up from 0. */
  readonly seq: number;
  /** Lent: valid while it is held, or until it is overwritten. */
  readonly bytes: Uint8Array;
  /** Something before it was lost. */
  readonly gap: boolean;
  /** It begins at a word of the encoding. */
  readonly aligned: boolean;
  /** When it came, on the clock of this machine, µs. */
  readonly arrivedUs: number;
  /** Filled in by the decoder: its state before the chunk, stream time reached, first and last event, number of events. */
  before: DecoderState | undefined;
  time: number | undefined;
  first: number | undefined;
  last: number | undefined;
  events: number;
  decoded: boolean;
  /** The decoder passed it over to catch up; it is recorded all the same. */
  skipped: boolean;
}

/** Keeps chunks from `seq` on from being overwritten. */
export interface Hold {
  seq: number;
}

/** More entries than this are not kept even when their bytes would fit: cameras with tiny transfers. */
const MAX_CHUNKS = 65_536;

/**
 * The last so many bytes of a camera in one block of memory that is made once. Decoder and recorder read behind the writer;
 * what nobody holds is history, which is what a recording that begins earlier than its button is made of.
 */
export class ChunkRing {
  readonly #memory: Uint8Array;
  readonly #wordBytes: number;
  readonly #chunks = new Map<number, Chunk>();
  readonly #holds = new Set<Hold>();
  #oldest = 0;
  #next = 0;
  /** Where the next chunk goes. */
  #at = 0;
  #gap = false;
  /** Bytes received so far, to know where words begin. */
  #received = 0;

  constructor(capacityBytes: number, wordBytes: number) {
    this.#memory = new Uint8Array(capacityBytes);
    this.#wordBytes = wordBytes;
  }

  /** Number the next chunk will have. */
  get next(): number {
    return this.#next;
  }
  /** Smallest number that is still there. */
  get oldest(): number {
    return this.#oldest;
  }

  hold(seq: number): Hold {
    const hold = { seq };
    this.#holds.add(hold);
    return hold;
  }

  release(hold: Hold): void {
    this.#holds.delete(hold);
  }

  /** Words begin anew: another camera sends from now on, or the same one from its start. */
  begin(): void {
    this.#received = 0;
    this.#gap = false;
  }

  get(seq: number): Chunk | undefined {
    return this.#chunks.get(seq);
  }

  /**
   * Copies a chunk in; `gap` says that the camera lost something before it. `undefined` when what it would overwrite is still held: it
   * is lost, and the next one knows.
   */
  push(bytes: Uint8Array, gap = false, arrivedUs = 0): Chunk | undefined {
    if (gap) this.#gap = true;
    const aligned = this.#received % this.#wordBytes === 0;
    this.#received += bytes.length;
    const at = this.#place(bytes.length);
    if (at === undefined) {
      this.#gap = true;
      return undefined;
    }
    const own = this.#memory.subarray(at, at + bytes.length);
    own.set(bytes);
    this.#at = at + bytes.length;
    const chunk: Chunk = {
      seq: this.#next++,
      bytes: own,
      gap: this.#gap,
      aligned,
      arrivedUs,
      before: undefined,
      time: undefined,
      first: undefined,
      last: undefined,
      events: 0,
      decoded: false,
      skipped: false,
    };
    this.#gap = false;
    this.#chunks.set(chunk.seq, chunk);
    return chunk;
  }

  /** Whether a chunk of that length would find room. */
  fits(length: number): boolean {
    return this.#place(length) !== undefined;
  }

  /** Where a chunk of that length goes, once nothing lies there any more; `undefined` when it finds no room. */
  #place(length: number): number | undefined {
    const at = this.#at + length <= this.#memory.length ? this.#at : 0;
    return length <= this.#memory.length && this.#free(at, at + length) ? at : undefined;
  }

  /** Drops the oldest chunks until nothing lies in `[from, to)`. False when one of them is held. */
  #free(from: number, to: number): boolean {
    let held = Infinity;
    for (const { seq } of this.#holds) held = Math.min(held, seq);
    // Going round early leaves a tail unused: what lies there is older than what lies at the beginning.
    const tail = from === this.#at ? Infinity : this.#at;
    for (;;) {
      const chunk = this.#chunks.get(this.#oldest);
      if (chunk === undefined) return true;
      const start = chunk.bytes.byteOffset - this.#memory.byteOffset;
      const inTheWay = start >= tail || (start < to && start + chunk.bytes.length > from);
      if (!inTheWay && this.#chunks.size < MAX_CHUNKS) return true;
      if (chunk.seq >= held) return false;
      this.#chunks.delete(chunk.seq);
      this.#oldest = chunk.seq + 1;
    }
  }
}
