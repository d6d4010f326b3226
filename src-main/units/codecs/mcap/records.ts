import { crc32, zstdDecompressSync } from "node:zlib";
import { Lz4Decoder } from "../aedat4/lz4-decode.ts";
import { checkedSize } from "../ros/messages.ts";

export const MAGIC = Uint8Array.of(0x89, 0x4d, 0x43, 0x41, 0x50, 0x30, 0x0d, 0x0a);
/** Kinds of records by their number. */
export const OP = { footer: 2, schema: 3, channel: 4, message: 5, chunk: 6, dataEnd: 15 } as const;
/** Bytes of a record's kind and length. */
export const RECORD_HEAD = 9;

/** That a record ends before its fields do. */
export class ShortRecord extends Error {}

/** Reads a record's fields one after the other. @throws ShortRecord beyond its end. */
export class RecordReader {
  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  #at = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  }

  #take(length: number): number {
    const from = this.#at;
    if (from + length > this.#bytes.length) throw new ShortRecord("a record ends before its fields do");
    this.#at = from + length;
    return from;
  }

  u16(): number {
    return this.#view.getUint16(this.#take(2), true);
  }

  u32(): number {
    return this.#view.getUint32(this.#take(4), true);
  }

  /** A number of 64 bits, exact up to 2^53. */
  u64(): number {
    const at = this.#take(8);
    return this.#view.getUint32(at, true) + this.#view.getUint32(at + 4, true) * 0x1_0000_0000;
  }

  bytes(length: number): Uint8Array {
    const from = this.#take(length);
    return this.#bytes.subarray(from, from + length);
  }

  text(): string {
    return Buffer.from(this.bytes(this.u32())).toString("utf8");
  }

  rest(): Uint8Array {
    return this.#bytes.subarray(this.#at);
  }
}

/** Kind, place and length of the record at a place of these bytes; `undefined` when its head is cut. */
export function recordIn(
  bytes: Uint8Array,
  at: number,
): { readonly op: number; readonly data: number; readonly length: number } | undefined {
  if (at + RECORD_HEAD > bytes.length) return undefined;
  const view = new DataView(bytes.buffer, bytes.byteOffset + at, RECORD_HEAD);
  const length = view.getUint32(1, true) + view.getUint32(5, true) * 0x1_0000_0000;
  return { op: bytes[at]!, data: at + RECORD_HEAD, length };
}

/** What there is of the contents of a chunk that may be cut; `undefined` when it is compressed or cut before them. */
export function plainContents(record: Uint8Array): Uint8Array | undefined {
  const compressionAt = 28; // behind three numbers of 64 bits and the checksum
  const contentsAt = compressionAt + 4 + 8; // the name of the compression is empty
  const view = new DataView(record.buffer, record.byteOffset, record.length);
  if (record.length <= contentsAt || view.getUint32(compressionAt, true) !== 0) return undefined;
  return record.subarray(contentsAt);
}

/** A function that unpacks chunks; what it gives is lent until the next call. @throws Error when a chunk is damaged. */
export function chunkUnpacker(): (record: Uint8Array) => Uint8Array {
  const lz4 = new Lz4Decoder();
  return (record) => {
    const reader = new RecordReader(record);
    reader.u64(); // first and last time
    reader.u64();
    const size = reader.u64();
    const checksum = reader.u32();
    const compression = reader.text();
    const data = reader.bytes(reader.u64());
    let contents = data;
    if (compression !== "") {
      const limit = Math.max(checkedSize(size, data.length), 1 << 16);
      if (compression === "lz4") contents = lz4.decode(data, limit);
      else if (compression === "zstd") contents = zstdDecompressSync(data, { maxOutputLength: limit });
      else throw new Error(`it is compressed as “${compression}”, which is not known`);
    }
    if (checksum !== 0 && crc32(contents) !== checksum) throw new Error("its checksum is wrong");
    return contents;
  };
}
