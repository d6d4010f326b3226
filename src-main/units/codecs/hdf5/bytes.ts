import { AppError } from "#shared/api/errors.ts";
import type { ByteSource } from "#main/lib/files.ts";
import { latin1 } from "../signatures.ts";

/** An address that stands for "nothing": all bits set. */
export const UNDEFINED = 2 ** 64;

/** A structure that cannot be understood, with its place. */
export const damagedAt = (name: string, offset: number, what: string): AppError =>
  new AppError("damaged", `${name} is damaged: ${what} (byte ${offset})`, { hint: "Fetch or record it again." });

/** A structure that newer tools write and that is not read here. */
export const newer = (name: string, what: string): AppError =>
  new AppError("unsupported", `${name} uses a newer HDF5 structure that is not read here: ${what}`, {
    hint: "Rewrite it for old readers: h5repack --low=0 --high=0 OLD NEW, or h5py with libver='earliest'.",
  });

/** Little-endian numbers from a piece of a file; whatever reaches beyond the piece is damage. */
export class Cursor {
  at = 0;
  readonly bytes: Uint8Array;
  readonly name: string;
  /** Where the piece lies in the file. */
  readonly offset: number;
  readonly #view: DataView;

  constructor(bytes: Uint8Array, name: string, offset: number) {
    this.bytes = bytes;
    this.name = name;
    this.offset = offset;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  get left(): number {
    return this.bytes.length - this.at;
  }

  /** The next `length` bytes as a piece of their own. */
  part(length: number): Cursor {
    const at = this.#take(length);
    return new Cursor(this.bytes.subarray(at, at + length), this.name, this.offset + at);
  }

  skip(length: number): this {
    this.#take(length);
    return this;
  }

  u8(): number {
    return this.#view.getUint8(this.#take(1));
  }

  u16(): number {
    return this.#view.getUint16(this.#take(2), true);
  }

  u32(): number {
    return this.#view.getUint32(this.#take(4), true);
  }

  /** A length or address: exact up to 2^53; all bits set gives UNDEFINED, anything else beyond is damage. */
  u64(): number {
    const at = this.#take(8);
    const [low, high] = [this.#view.getUint32(at, true), this.#view.getUint32(at + 4, true)];
    if (low === 0xffff_ffff && high === 0xffff_ffff) return UNDEFINED;
    if (high >= 0x20_0000) throw damagedAt(this.name, this.offset + at, "an impossibly large number");
    return high * 0x1_0000_0000 + low;
  }

  /** An unsigned number of 1 to 8 bytes. */
  unsigned(bytes: number): number {
    let value = 0;
    const at = this.#take(bytes);
    for (let i = bytes - 1; i >= 0; i -= 1) value = value * 256 + this.bytes[at + i]!;
    return value;
  }

  /** Text of a fixed length, cut at its first zero byte. */
  text(length: number): string {
    const at = this.#take(length);
    const zero = this.bytes.indexOf(0, at);
    const end = zero < 0 || zero > at + length ? at + length : zero;
    return new TextDecoder().decode(this.bytes.subarray(at, end));
  }

  /** Text that ends with a zero byte. */
  textToZero(): string {
    const zero = this.bytes.indexOf(0, this.at);
    if (zero < 0) throw damagedAt(this.name, this.offset + this.at, "a name without an end");
    return this.text(zero - this.at + 1);
  }

  /** Fails unless the next bytes are this signature. */
  expect(signature: string): this {
    const at = this.#take(signature.length);
    if (latin1(this.bytes.subarray(at, this.at)) !== signature) {
      throw damagedAt(this.name, this.offset + at, `no “${signature.trim()}” where one belongs`);
    }
    return this;
  }

  #take(length: number): number {
    const at = this.at;
    if (!(length >= 0) || at + length > this.bytes.length) {
      throw damagedAt(this.name, this.offset + at, "a structure reaches beyond its end");
    }
    this.at += length;
    return at;
  }
}

/** A piece of a file as memory of its own. @throws AppError `damaged` when it does not lie in the file. */
export async function pieceOf(file: ByteSource, offset: number, length: number): Promise<Cursor> {
  if (!(offset >= 0) || !(length >= 0) || offset + length > file.size) {
    const where = offset >= UNDEFINED ? "nowhere" : `at byte ${offset}`;
    throw new AppError("damaged", `${file.name} is damaged: a structure of ${length} bytes ${where} does not fit into the file`, {
      hint: "Fetch or record it again.",
    });
  }
  const bytes = await file.read(offset, length, new Uint8Array(length));
  if (bytes.length < length) throw damagedAt(file.name, offset, "the file has become shorter");
  return new Cursor(bytes, file.name, offset);
}
