/** The fields of a table by their sizes (8, 4, 2 or 1 bytes), in the order of their numbers. */
export class TableShape {
  readonly tableBytes: number;
  /** Where each field lies in a table. */
  readonly offsets: readonly number[];

  constructor(fieldBytes: readonly number[]) {
    // Large fields first, behind the four bytes that lead to the list of fields: so all are aligned when a table begins at 4 mod 8.
    const offsets = new Array<number>(fieldBytes.length).fill(0);
    let at = 4;
    for (const bytes of [8, 4, 2, 1]) {
      fieldBytes.forEach((size, index) => {
        if (size !== bytes) return;
        offsets[index] = at;
        at += size;
      });
    }
    this.offsets = offsets;
    this.tableBytes = at;
  }
}

/** Writes a FlatBuffer with its length before it, front to back: what is referred to always follows. Positions count the length. */
export class FlatWriter {
  #bytes: Uint8Array;
  #view: DataView;
  #length = 12;

  constructor(identifier: string, capacity = 1 << 10) {
    this.#bytes = new Uint8Array(Math.max(capacity, 64));
    this.#view = new DataView(this.#bytes.buffer);
    for (let i = 0; i < 4; i += 1) this.#bytes[8 + i] = identifier.charCodeAt(i);
  }

  get view(): DataView {
    return this.#view;
  }

  /** Writes the list of fields that tables of a shape share; answers where it lies. */
  fields({ offsets, tableBytes }: TableShape): number {
    const at = this.#take(4 + 2 * offsets.length, 2, 0);
    this.#view.setUint16(at, 4 + 2 * offsets.length, true);
    this.#view.setUint16(at + 2, tableBytes, true);
    offsets.forEach((offset, i) => this.#view.setUint16(at + 4 + 2 * i, offset, true));
    return at;
  }

  /** Begins a table; answers where each of its fields lies. The field at `from` refers to it. */
  table(shape: TableShape, fields: number, from: number): readonly number[] {
    const at = this.#take(shape.tableBytes, 8, 4);
    this.#view.setInt32(at, at - fields, true);
    this.#view.setUint32(from, at - from, true);
    return shape.offsets.map((offset) => at + offset);
  }

  /** The root table. */
  root(shape: TableShape): readonly number[] {
    return this.table(shape, this.fields(shape), 4);
  }

  /** A vector that the field at `from` refers to; answers where its elements lie. Elements of 8 bytes and more are aligned to 8. */
  vector(from: number, count: number, elementBytes: number): number {
    const at = this.#take(4 + count * elementBytes, elementBytes >= 8 ? 8 : 4, elementBytes >= 8 ? 4 : 0);
    this.#view.setUint32(from, at - from, true);
    this.#view.setUint32(at, count, true);
    return at + 4;
  }

  /** A vector of bytes, already laid out as elements of `elementBytes`. */
  put(from: number, bytes: Uint8Array, elementBytes = 1): void {
    const at = this.vector(from, bytes.length / elementBytes, elementBytes);
    this.#bytes.set(bytes, at);
  }

  text(from: number, text: string): void {
    this.put(from, Buffer.from(text, "utf8"));
    this.#take(1, 1, 0); // strings end with a zero, which their length does not count
  }

  int64(at: number, value: number): void {
    const high = Math.floor(value / 0x1_0000_0000);
    this.#view.setUint32(at, value - high * 0x1_0000_0000, true);
    this.#view.setInt32(at + 4, high, true);
  }

  /** The whole block; lent. */
  finish(): Uint8Array {
    this.#take(0, 8, 0);
    this.#view.setUint32(0, this.#length - 4, true);
    return this.#bytes.subarray(0, this.#length);
  }

  /** Room for that many zero bytes at a place that is `remainder` modulo `align`. */
  #take(bytes: number, align: number, remainder: number): number {
    const at = this.#length + ((((remainder - this.#length) % align) + align) % align);
    this.#length = at + bytes;
    if (this.#length > this.#bytes.length) {
      const grown = new Uint8Array(2 * this.#length);
      grown.set(this.#bytes);
      this.#bytes = grown;
      this.#view = new DataView(grown.buffer);
    }
    return at;
  }
}
