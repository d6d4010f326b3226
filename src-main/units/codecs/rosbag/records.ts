import bzip2 from "seek-bzip";
import type { ByteSource } from "#main/lib/files.ts";
import { Lz4Decoder } from "../aedat4/lz4-decode.ts";
import { checkedSize } from "../ros/messages.ts";

export const SIGNATURE = "#ROSBAG V2.0\n";
/** A longer header of a record is none. */
const MAX_HEADER = 1 << 20;
/** Kinds of records by their number. */
export const OP = { message: 2, header: 3, index: 4, chunk: 5, chunkInfo: 6, connection: 7 } as const;

/** Values of a record's header by their names. */
export type Fields = ReadonlyMap<string, Uint8Array>;

/** A record's header, and where its data lies in the bytes or file it was found in. */
export interface BagRecord {
  readonly op: number;
  readonly fields: Fields;
  readonly data: number;
  readonly length: number;
}

const viewOf = (bytes: Uint8Array): DataView => new DataView(bytes.buffer, bytes.byteOffset, bytes.length);

/** The fields of a header; `undefined` when it is none. */
function fieldsOf(bytes: Uint8Array): Fields | undefined {
  const view = viewOf(bytes);
  const fields = new Map<string, Uint8Array>();
  for (let at = 0; at < bytes.length;) {
    if (at + 4 > bytes.length) return undefined;
    const length = view.getUint32(at, true);
    const end = at + 4 + length;
    const equals = bytes.indexOf(0x3d, at + 4);
    if (end > bytes.length || equals < 0 || equals >= end) return undefined;
    fields.set(
      Buffer.from(bytes.buffer, bytes.byteOffset + at + 4, equals - at - 4).toString("latin1"),
      bytes.subarray(equals + 1, end),
    );
    at = end;
  }
  return fields;
}

/** The record at a place in these bytes; `undefined` when none begins there or its header is cut. */
export function recordIn(bytes: Uint8Array, at: number): BagRecord | undefined {
  if (at + 4 > bytes.length) return undefined;
  const view = viewOf(bytes);
  const header = view.getUint32(at, true);
  if (header > MAX_HEADER || at + 8 + header > bytes.length) return undefined;
  const fields = fieldsOf(bytes.subarray(at + 4, at + 4 + header));
  const op = fields?.get("op")?.[0];
  if (fields === undefined || op === undefined || op < OP.message || op > OP.connection) return undefined;
  return { op, fields, data: at + 8 + header, length: view.getUint32(at + 4 + header, true) };
}

/** The record at a place in the file. */
export async function recordAt(file: ByteSource, at: number): Promise<BagRecord | undefined> {
  const first = await file.read(at, 4, new Uint8Array(4));
  if (first.length < 4) return undefined;
  const header = viewOf(first).getUint32(0, true);
  if (header > MAX_HEADER || at + 8 + header > file.size) return undefined;
  const bytes = await file.read(at, 8 + header, new Uint8Array(8 + header));
  const record = recordIn(bytes, 0);
  return record === undefined ? undefined : { ...record, data: at + record.data };
}

/** A number of 32 bits in a header; `undefined` when it is not there. */
export function u32Of(fields: Fields, name: string): number | undefined {
  const bytes = fields.get(name);
  return bytes?.length === 4 ? viewOf(bytes).getUint32(0, true) : undefined;
}

/** A text in a header, empty when it is not there. */
export const textOf = (fields: Fields, name: string): string => Buffer.from(fields.get(name) ?? []).toString("latin1");

/** A function that unpacks chunks; what it gives is lent until the next call. @throws Error when a chunk is damaged. */
export function chunkUnpacker(): (fields: Fields, data: Uint8Array) => Uint8Array {
  const lz4 = new Lz4Decoder();
  return (fields, data) => {
    const compression = textOf(fields, "compression");
    if (compression === "none") return data;
    const size = checkedSize(u32Of(fields, "size") ?? 0, data.length);
    if (compression === "lz4") return lz4.decode(data, Math.max(size, 1 << 16));
    if (compression !== "bz2") throw new Error(`it is compressed as “${compression}”, which is not known`);
    const out = new Uint8Array(size);
    bzip2.decode(Buffer.from(data.buffer, data.byteOffset, data.length), out);
    return out;
  };
}
