import type { ByteSource } from "#main/lib/files.ts";
import { damagedAt, newer, UNDEFINED, type Cursor } from "./bytes.ts";
import { MESSAGE, messagesAt, type Message } from "./header.ts";

/** One column of a record, or a plain value. */
export interface Field {
  readonly name: string;
  /** Bytes from the start of the record. */
  readonly offset: number;
  readonly bytes: number;
  readonly kind: "integer" | "float" | "text" | "variable text" | "other";
  readonly signed: boolean;
}

/** Type of one element; a record has fields, everything else one field without a name. */
export interface ElementType {
  readonly bytes: number;
  readonly fields: readonly Field[];
}

/** A step of the filter pipeline, in the order in which a writer applies them. */
export interface Filter {
  readonly id: number;
  readonly values: readonly number[];
}

/** Where the elements of a data set lie. */
export type Layout =
  | { readonly kind: "contiguous"; readonly address: number; readonly bytes: number }
  | { readonly kind: "compact"; readonly data: Uint8Array }
  | { readonly kind: "chunked"; readonly tree: number; readonly chunk: readonly number[] };

/** What a header says of a data set. */
export interface Dataset {
  readonly dims: readonly number[];
  readonly type: ElementType;
  readonly layout: Layout;
  readonly filters: readonly Filter[];
  readonly messages: readonly Message[];
}

/** Fields of a record at most. */
const MAX_FIELDS = 256;

/** The data set whose header lies at this address; `undefined` when it is something else. */
export async function datasetAt(file: ByteSource, address: number): Promise<Dataset | undefined> {
  const messages = await messagesAt(file, address);
  const body = (type: number): Cursor | undefined => messages.find((message) => message.type === type)?.body;
  const [space, type, layout, filters] = [
    body(MESSAGE.dataspace),
    body(MESSAGE.datatype),
    body(MESSAGE.layout),
    body(MESSAGE.filters),
  ];
  if (space === undefined || type === undefined || layout === undefined) return undefined;
  return {
    dims: dimensionsOf(space),
    type: elementType(type),
    layout: layoutOf(layout),
    filters: filters === undefined ? [] : filtersOf(filters),
    messages,
  };
}

/** Sizes of a data space; a single value has none. */
export function dimensionsOf(body: Cursor): readonly number[] {
  const version = body.u8();
  const rank = body.u8();
  if (version > 2 || rank > 32) throw damagedAt(body.name, body.offset, "an impossible data space");
  body.skip(version === 1 ? 6 : 2);
  return Array.from({ length: rank }, () => body.u64());
}

/** What an element is made of. */
export function elementType(body: Cursor): ElementType {
  const [first, bytes] = simpleType(body, "", 0);
  if (first !== undefined) return { bytes, fields: [first] };
  return { bytes, fields: recordFields(body) };
}

/** One plain type, or `undefined` for a record, whose fields come next. */
function simpleType(body: Cursor, name: string, offset: number): readonly [field: Field | undefined, bytes: number] {
  const head = body.u8();
  const [flags, flagsHigh] = [body.u8(), body.u16()];
  const bytes = body.u32();
  const kind = head & 15;
  if (kind === 6) {
    body.at -= 8; // the number of fields is read again with them
    return [undefined, bytes];
  }
  const plain = (what: Field["kind"]): readonly [Field, number] => [
    { name, offset, bytes, kind: what, signed: (flags & 8) !== 0 },
    bytes,
  ];
  if (kind === 0 || kind === 1) {
    if ((flags & 1) !== 0) throw newer(body.name, "numbers with their highest byte first");
    body.skip(kind === 0 ? 4 : 12);
    return plain(kind === 0 ? "integer" : "float");
  }
  if (kind === 3) return plain("text");
  if (kind === 9) {
    const isText = ((flags | (flagsHigh << 8)) & 15) === 1;
    return plain(isText ? "variable text" : "other");
  }
  return plain("other");
}

function recordFields(body: Cursor): readonly Field[] {
  const version = body.u8() >>> 4;
  const count = body.u16();
  body.skip(1);
  const bytes = body.u32();
  if (count > MAX_FIELDS) throw damagedAt(body.name, body.offset, "a record with too many fields");
  const fields: Field[] = [];
  for (let i = 0; i < count; i += 1) {
    const start = body.at;
    const name = body.textToZero();
    if (version < 3) body.skip(-(body.at - start) & 7);
    const offset = version < 3 ? body.u32() : body.unsigned(bytes < 256 ? 1 : bytes < 65_536 ? 2 : bytes < 1 << 24 ? 3 : 4);
    if (version === 1) body.skip(28);
    const [field] = simpleType(body, name, offset);
    if (field === undefined || field.kind === "other") throw newer(body.name, `records within records (${name})`);
    if (offset + field.bytes > bytes) throw damagedAt(body.name, body.offset, `the field ${name} lies outside its record`);
    fields.push(field);
  }
  return fields;
}

function layoutOf(body: Cursor): Layout {
  const version = body.u8();
  if (version !== 3) throw newer(body.name, `data layout version ${version}`);
  const kind = body.u8();
  if (kind === 0) return { kind: "compact", data: body.part(body.u16()).bytes };
  if (kind === 1) return { kind: "contiguous", address: body.u64(), bytes: body.u64() };
  if (kind !== 2) throw newer(body.name, "data that lie in other files");
  const rank = body.u8() - 1;
  const tree = body.u64();
  return { kind: "chunked", tree, chunk: Array.from({ length: Math.max(0, rank) }, () => body.u32()) };
}

function filtersOf(body: Cursor): readonly Filter[] {
  const version = body.u8();
  const count = body.u8();
  if (version === 1) body.skip(6);
  return Array.from({ length: count }, () => {
    const id = body.u16();
    const nameBytes = version === 1 || id >= 256 ? body.u16() : 0;
    body.skip(2);
    const values = body.u16();
    body.skip(version === 1 ? (nameBytes + 7) & ~7 : nameBytes);
    const found = Array.from({ length: values }, () => body.u32());
    if (version === 1 && values % 2 === 1) body.skip(4);
    return { id, values: found };
  });
}

/** Whether nothing has been stored yet. */
export const isUnwritten = (address: number): boolean => address === UNDEFINED;
