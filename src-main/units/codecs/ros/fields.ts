/** How messages are serialized: ROS 1, or the CDR of ROS 2. */
export type Serialization = "ros1" | "cdr";

/** That a message ends before its fields do. */
export class ShortMessage extends Error {}

/** Reads the fields of a message one after the other, in place. @throws ShortMessage beyond its end. */
export class FieldReader {
  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  readonly #cdr: boolean;
  readonly #origin: number;
  readonly little: boolean;
  at: number;

  constructor(bytes: Uint8Array, serialization: Serialization) {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
    this.#cdr = serialization === "cdr";
    // CDR begins with four bytes, of which the second tells the byte order; alignment counts from behind them.
    this.#origin = this.#cdr ? 4 : 0;
    this.at = this.#origin;
    if (bytes.length < this.#origin) throw new ShortMessage();
    this.little = !this.#cdr || (bytes[1]! & 1) === 1;
  }

  #take(bytes: number, alignment = bytes): number {
    if (this.#cdr) this.at += (alignment - ((this.at - this.#origin) % alignment)) % alignment;
    const from = this.at;
    if (from + bytes > this.#bytes.length) throw new ShortMessage();
    this.at = from + bytes;
    return from;
  }

  u8(): number {
    return this.#bytes[this.#take(1)]!;
  }

  u32(): number {
    return this.#view.getUint32(this.#take(4), this.little);
  }

  i32(): number {
    return this.#view.getInt32(this.#take(4), this.little);
  }

  u64(): bigint {
    return this.#view.getBigUint64(this.#take(8), this.little);
  }

  f64(): number {
    return this.#view.getFloat64(this.#take(8), this.little);
  }

  /** A view on so many bytes. */
  bytes(length: number): Uint8Array {
    const from = this.#take(length, 1);
    return this.#bytes.subarray(from, from + length);
  }

  /** A sequence of bytes with its length in front. */
  sequence(): Uint8Array {
    return this.bytes(this.u32());
  }

  text(): string {
    const bytes = this.sequence();
    const end = this.#cdr && bytes.at(-1) === 0 ? bytes.length - 1 : bytes.length;
    return Buffer.from(bytes.buffer, bytes.byteOffset, end).toString("latin1");
  }

  /** A message's header: its time in whole µs. */
  header(): number {
    if (!this.#cdr) this.u32(); // seq
    const t = this.time();
    this.text();
    return t;
  }

  /** Seconds and nanoseconds as whole µs, cut. */
  time(): number {
    const seconds = this.#cdr ? this.i32() : this.u32();
    return seconds * 1e6 + Math.floor(this.u32() / 1000);
  }

  /** What is left, with the place of the first byte counted from where alignment counts. */
  rest(): { readonly view: DataView; readonly from: number; readonly origin: number } {
    return { view: this.#view, from: this.at, origin: this.#origin };
  }
}
