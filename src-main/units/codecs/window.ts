import type { ByteSource } from "#main/lib/files.ts";

const CHUNK = 1 << 20;

/** Reads a file from front to back in large pieces, for a walk in small steps. */
export class Window {
  readonly #file: ByteSource;
  #buffer = new Uint8Array(0);
  #bytes: Uint8Array = new Uint8Array(0);
  #from = 0;

  constructor(file: ByteSource) {
    this.#file = file;
  }

  /** The bytes there, fewer only at the end of the file; lent until the next call. */
  async at(offset: number, length: number): Promise<Uint8Array> {
    const wanted = Math.max(0, Math.min(length, this.#file.size - offset));
    if (offset < this.#from || offset + wanted > this.#from + this.#bytes.length) {
      const needed = Math.max(wanted, Math.min(CHUNK, this.#file.size - offset));
      if (needed > this.#buffer.length) this.#buffer = new Uint8Array(needed);
      this.#bytes = await this.#file.read(offset, this.#buffer.length, this.#buffer);
      this.#from = offset;
    }
    const start = offset - this.#from;
    return this.#bytes.subarray(start, start + wanted);
  }
}
