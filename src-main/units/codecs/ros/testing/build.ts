import type { Serialization } from "../fields.ts";

/** An event as generated messages hold it: ns, column, row, polarity. */
export type RosEvent = readonly [ns: number, x: number, y: number, p: number];

/** Generated events: 37 µs apart, of a sensor of 64×48. */
export const rosEvents = (count: number, from = 0): RosEvent[] =>
  Array.from({ length: count }, (_, k) => {
    const i = from + k;
    return [1_000_000 + 37_000 * i, (7 * i) % 64, (5 * i) % 48, i % 2];
  });

/** Writes the fields of a message one after the other. */
export class MessageBuilder {
  #bytes: number[] = [];
  readonly #cdr: boolean;

  constructor(serialization: Serialization) {
    this.#cdr = serialization === "cdr";
  }

  #align(bytes: number): void {
    while (this.#cdr && this.#bytes.length % bytes !== 0) this.#bytes.push(0);
  }

  #put(bytes: number, value: bigint): this {
    this.#align(bytes);
    for (let i = 0; i < bytes; i += 1) this.#bytes.push(Number((value >> BigInt(8 * i)) & 0xffn));
    return this;
  }

  u8 = (value: number): this => this.#put(1, BigInt(value));
  u16 = (value: number): this => this.#put(2, BigInt(value));
  u32 = (value: number): this => this.#put(4, BigInt(value));
  u64 = (value: bigint | number): this => this.#put(8, BigInt(value));

  f64(value: number): this {
    const bytes = Buffer.alloc(8);
    bytes.writeDoubleLE(value);
    return this.u64(bytes.readBigUInt64LE());
  }

  sequence(bytes: Uint8Array): this {
    this.u32(bytes.length);
    for (const byte of bytes) this.#bytes.push(byte);
    return this;
  }

  text(text: string): this {
    return this.sequence(Buffer.from(this.#cdr ? `${text}\0` : text));
  }

  header(seconds: number, ns: number): this {
    if (!this.#cdr) this.u32(7);
    return this.u32(seconds).u32(ns).text("camera");
  }

  done(): Uint8Array {
    return Uint8Array.from(this.#cdr ? [0, 1, 0, 0, ...this.#bytes] : this.#bytes);
  }
}

/** A dvs_msgs/EventArray. */
export function eventArray(serialization: Serialization, events: readonly RosEvent[], announced = events.length): Uint8Array {
  const message = new MessageBuilder(serialization).header(1, 0).u32(48).u32(64).u32(announced);
  for (const [ns, x, y, p] of events)
    message
      .u16(x)
      .u16(y)
      .u32(Math.floor(ns / 1e9))
      .u32(ns % 1e9)
      .u8(p);
  return message.done();
}

/** An event_camera_msgs/EventPacket. */
export const eventPacket = (
  serialization: Serialization,
  { seq, encoding, events, timeBase = 0n }: { seq: number; encoding: string; events: Uint8Array; timeBase?: bigint },
): Uint8Array =>
  new MessageBuilder(serialization)
    .header(1, 0)
    .u32(48)
    .u32(64)
    .u64(seq)
    .u64(timeBase)
    .text(encoding)
    .u8(0)
    .sequence(events)
    .done();

/** The bytes of the encoding `mono`. */
export function mono(events: readonly RosEvent[]): Uint8Array {
  const words = events.map(([ns, x, y, p]) => BigInt(ns) | (BigInt(x) << 32n) | (BigInt(y) << 48n) | (BigInt(p) << 63n));
  return new Uint8Array(BigUint64Array.from(words).buffer);
}

/** 16-bit words as bytes. */
export const words16 = (...words: number[]): Uint8Array => new Uint8Array(Uint16Array.from(words).buffer);

/** The generated events as rows. */
export const rowsOfEvents = (events: readonly RosEvent[]): number[][] =>
  events.map(([ns, x, y, p]) => [Math.floor(ns / 1000), x, y, p]);
