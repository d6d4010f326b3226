/** Cuts what comes from a socket into the parts that somebody asks for, in order. */
export class ByteReader {
  readonly #chunks: Buffer[] = [];
  #length = 0;

  push(chunk: Buffer): void {
    this.#chunks.push(chunk);
    this.#length += chunk.length;
  }

  /** The next bytes; `undefined` while there are not so many. */
  take(bytes: number): Buffer | undefined {
    if (this.#length < bytes) return undefined;
    this.#length -= bytes;
    const first = this.#chunks[0];
    if (first !== undefined && first.length >= bytes) {
      if (first.length === bytes) this.#chunks.shift();
      else this.#chunks[0] = first.subarray(bytes);
      return first.subarray(0, bytes);
    }
    const part = Buffer.allocUnsafe(bytes);
    for (let used = 0; used < bytes;) {
      const chunk = this.#chunks[0];
      if (chunk === undefined) break;
      const copied = chunk.copy(part, used, 0, bytes - used);
      used += copied;
      if (copied === chunk.length) this.#chunks.shift();
      else this.#chunks[0] = chunk.subarray(copied);
    }
    return part;
  }
}
