const FIRST_BYTES = 64 * 1024;

/** Bytes in, the same bytes out, in memory that goes round and grows when it has to. */
export class ByteFifo {
  #memory = new Uint8Array(FIRST_BYTES);
  #start = 0;
  #length = 0;

  get length(): number {
    return this.#length;
  }

  /** Copies them in. */
  push(bytes: Uint8Array): void {
    if (this.#length + bytes.length > this.#memory.length) this.#grow(this.#length + bytes.length);
    const size = this.#memory.length;
    const at = (this.#start + this.#length) % size;
    const first = Math.min(bytes.length, size - at);
    this.#memory.set(bytes.subarray(0, first), at);
    this.#memory.set(bytes.subarray(first), 0);
    this.#length += bytes.length;
  }

  /** Takes at most so many of the oldest bytes; answers how many. */
  shiftInto(target: Uint8Array, most: number): number {
    const size = this.#memory.length;
    const used = Math.min(most, target.length, this.#length);
    const first = Math.min(used, size - this.#start);
    target.set(this.#memory.subarray(this.#start, this.#start + first), 0);
    target.set(this.#memory.subarray(0, used - first), first);
    this.#start = (this.#start + used) % size;
    this.#length -= used;
    return used;
  }

  clear(): void {
    this.#length = 0;
  }

  #grow(needed: number): void {
    let size = this.#memory.length;
    while (size < needed) size *= 2;
    const grown = new Uint8Array(size);
    const held = this.shiftInto(grown, this.#length);
    this.#memory = grown;
    this.#start = 0;
    this.#length = held;
  }
}
