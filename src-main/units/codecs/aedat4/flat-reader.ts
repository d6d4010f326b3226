import { AppError } from "#shared/api/errors.ts";

/** Something in the bytes contradicts itself. Caught where a packet is read, and listed as damage. */
export const contradiction = (what: string): AppError => new AppError("damaged", what);

/** A vector in place: where its first element lies, and how many there are. */
export interface FlatVector {
  readonly at: number;
  readonly count: number;
}

/**
 * A FlatBuffer read in place (https://flatbuffers.dev/internals). Positions are bytes from behind the length; each is checked against
 * the block before it is used.
 */
export class FlatReader {
  readonly bytes: Uint8Array;
  readonly identifier: string;
  readonly #view: DataView;

  /** @param block begins with its length; bytes behind that are not looked at. */
  constructor(block: Uint8Array) {
    if (block.length < 12) throw contradiction(`a block of ${block.length} bytes is too short`);
    const length = new DataView(block.buffer, block.byteOffset).getUint32(0, true);
    if (length > block.length - 4) throw contradiction(`a block says ${length} bytes and has ${block.length - 4}`);
    this.bytes = new Uint8Array(block.buffer, block.byteOffset + 4, length); // never a Buffer, whose `slice` copies nothing
    this.#view = new DataView(block.buffer, block.byteOffset + 4, length);
    if (length < 8) throw contradiction(`a block of ${length} bytes is too short`);
    this.identifier = String.fromCharCode(...this.bytes.subarray(4, 8));
  }

  /** The root table. */
  root(): number {
    return this.#follow(0);
  }

  /** Where a field of a table lies, with room for `bytes`; `undefined` when it is absent and its default counts. */
  field(table: number, index: number, bytes: number): number | undefined {
    this.#need(table, 4);
    const vtable = table - this.#view.getInt32(table, true);
    this.#need(vtable, 4);
    const vtableBytes = this.#view.getUint16(vtable, true);
    const tableBytes = this.#view.getUint16(vtable + 2, true);
    if (vtableBytes < 4) throw contradiction("a table has no list of fields");
    this.#need(vtable, vtableBytes);
    this.#need(table, tableBytes);
    const slot = 4 + 2 * index;
    if (slot + 2 > vtableBytes) return undefined;
    const offset = this.#view.getUint16(vtable + slot, true);
    if (offset === 0) return undefined;
    if (offset + bytes > tableBytes) throw contradiction("a field lies outside its table");
    return table + offset;
  }

  int8(table: number, index: number): number {
    const at = this.field(table, index, 1);
    return at === undefined ? 0 : this.#view.getInt8(at);
  }

  int16(table: number, index: number): number {
    const at = this.field(table, index, 2);
    return at === undefined ? 0 : this.#view.getInt16(at, true);
  }

  int32(table: number, index: number): number {
    const at = this.field(table, index, 4);
    return at === undefined ? 0 : this.#view.getInt32(at, true);
  }

  float(table: number, index: number): number {
    const at = this.field(table, index, 4);
    return at === undefined ? 0 : this.#view.getFloat32(at, true);
  }

  /** A 64-bit integer; beyond 2^53 only as far as a double tells it. */
  int64(table: number, index: number, missing = 0): number {
    const at = this.field(table, index, 8);
    return at === undefined ? missing : this.#view.getInt32(at + 4, true) * 0x1_0000_0000 + this.#view.getUint32(at, true);
  }

  /** A vector of elements of that size; empty when it is absent. */
  vector(table: number, index: number, elementBytes: number): FlatVector {
    const field = this.field(table, index, 4);
    if (field === undefined) return { at: 0, count: 0 };
    const start = this.#follow(field);
    const count = this.#view.getUint32(start, true);
    if (count * elementBytes > this.bytes.length - start - 4)
      throw contradiction(`a list of ${count} entries is longer than its block`);
    return { at: start + 4, count };
  }

  text(table: number, index: number): string {
    const { at, count } = this.vector(table, index, 1);
    return new TextDecoder("utf-8").decode(this.bytes.subarray(at, at + count));
  }

  /** The tables that a vector points to. */
  tables(table: number, index: number): readonly number[] {
    const { at, count } = this.vector(table, index, 4);
    return Array.from({ length: count }, (_, i) => this.#follow(at + 4 * i));
  }

  /** Where the offset at `position` leads. */
  #follow(position: number): number {
    this.#need(position, 4);
    const target = position + this.#view.getUint32(position, true);
    this.#need(target, 4);
    return target;
  }

  #need(position: number, bytes: number): void {
    if (position < 0 || position + bytes > this.bytes.length) throw contradiction("a position lies outside its block");
  }
}
