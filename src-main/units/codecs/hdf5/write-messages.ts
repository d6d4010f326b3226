import { UNDEFINED } from "./bytes.ts";
import { ByteBuilder } from "./builder.ts";
import { MESSAGE } from "./header.ts";

/** A whole number as a writer states it. */
export interface WholeNumber {
  readonly bytes: 1 | 2 | 4 | 8;
  readonly signed: boolean;
}

/** A type to write: a number, or a record of named numbers. */
export type WrittenType =
  | WholeNumber
  | { readonly bytes: number; readonly fields: readonly (WholeNumber & { readonly name: string; readonly offset: number })[] };

/** A filter to state; who writes the chunks applies it. */
export interface WrittenFilter {
  readonly id: number;
  readonly name: string;
  readonly optional: boolean;
  readonly values: readonly number[];
}

/** One message of an object header. */
export interface WrittenMessage {
  readonly type: number;
  readonly body: Uint8Array;
}

const number = (out: ByteBuilder, { bytes, signed }: WholeNumber): ByteBuilder =>
  out
    .u8(0x10, signed ? 8 : 0, 0, 0)
    .u32(bytes)
    .u16(0)
    .u16(8 * bytes);

/** Text with a zero at its end, filled up to a multiple of eight. */
const paddedText = (text: string): Uint8Array => new ByteBuilder().raw(new TextEncoder().encode(text)).u8(0).pad().bytes();

/** Type of the elements. */
export function datatypeBytes(type: WrittenType): Uint8Array {
  const out = new ByteBuilder();
  if (!("fields" in type)) return number(out, type).bytes();
  out.u8(0x16).u16(type.fields.length).u8(0).u32(type.bytes);
  for (const field of type.fields) {
    out.raw(paddedText(field.name));
    number(out.u32(field.offset).zeros(28), field);
  }
  return out.bytes();
}

/** Sizes of the data space; without any it is a single value. */
export function dataspaceBytes(dims: readonly number[], maxDims?: readonly number[]): Uint8Array {
  const out = new ByteBuilder().u8(1, dims.length, maxDims === undefined ? 0 : 1).zeros(5);
  for (const size of [...dims, ...(maxDims ?? [])]) out.u64(size);
  return out.bytes();
}

const message = (type: number, body: Uint8Array): WrittenMessage => ({ type, body });

/** Messages of a list in chunks that may grow. */
export function chunkedMessages(
  type: WrittenType,
  count: number,
  chunkRows: number,
  filters: readonly WrittenFilter[],
  tree: number,
): readonly WrittenMessage[] {
  const layout = new ByteBuilder().u8(3, 2, 2).u64(tree).u32(chunkRows).u32(type.bytes).bytes();
  const messages = [
    message(MESSAGE.dataspace, dataspaceBytes([count], [UNDEFINED])),
    message(MESSAGE.datatype, datatypeBytes(type)),
    message(MESSAGE.fillValue, Uint8Array.of(2, 3, 2, 1, 0, 0, 0, 0)),
    message(MESSAGE.layout, layout),
  ];
  return filters.length === 0 ? messages : [...messages, message(MESSAGE.filters, filterBytes(filters))];
}

/** Messages of a single value that lies at `address`. */
export const scalarMessages = (type: WholeNumber, address: number): readonly WrittenMessage[] => [
  message(MESSAGE.dataspace, dataspaceBytes([])),
  message(MESSAGE.datatype, datatypeBytes(type)),
  message(MESSAGE.fillValue, Uint8Array.of(2, 2, 2, 1, 0, 0, 0, 0)),
  message(MESSAGE.layout, new ByteBuilder().u8(3, 1).u64(address).u64(type.bytes).bytes()),
];

function filterBytes(filters: readonly WrittenFilter[]): Uint8Array {
  const out = new ByteBuilder().u8(1, filters.length).zeros(6);
  for (const { id, name, optional, values } of filters) {
    const text = paddedText(name);
    out
      .u16(id)
      .u16(text.length)
      .u16(optional ? 1 : 0)
      .u16(values.length)
      .raw(text);
    for (const value of values) out.u32(value);
    if (values.length % 2 === 1) out.u32(0);
  }
  return out.bytes();
}

/** Message that makes an object a group. */
export const groupMessage = (tree: number, heap: number): WrittenMessage =>
  message(MESSAGE.symbolTable, new ByteBuilder().u64(tree).u64(heap).bytes());

/** An attribute whose text lies in a heap of the file. */
export function textAttribute(name: string, bytes: number, heap: number, index: number): WrittenMessage {
  const text = new ByteBuilder().raw(new TextEncoder().encode(name)).u8(0).bytes();
  // text of any length: type 1 of class 9, UTF-8, over single characters of class 3
  const type = new ByteBuilder().u8(0x19, 0x01, 0x01, 0).u32(16).u8(0x13, 0x10, 0, 0).u32(1).bytes();
  const space = dataspaceBytes([]);
  const out = new ByteBuilder().u8(1, 0).u16(text.length).u16(type.length).u16(space.length);
  for (const part of [text, type, space]) out.raw(part).pad();
  return message(MESSAGE.attribute, out.u32(bytes).u64(heap).u32(index).bytes());
}

/** An object header (version 1) of these messages. */
export function objectHeader(messages: readonly WrittenMessage[]): Uint8Array {
  const body = new ByteBuilder();
  for (const { type, body: bytes } of messages) {
    body
      .u16(type)
      .u16((bytes.length + 7) & ~7)
      .u8(0, 0, 0, 0)
      .raw(bytes)
      .pad();
  }
  return new ByteBuilder().u8(1, 0).u16(messages.length).u32(1).u32(body.length).u32(0).raw(body.bytes()).bytes();
}
