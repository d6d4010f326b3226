import { inflateSync } from "node:zlib";
import { AppError } from "#shared/api/errors.ts";
import type { ByteSource } from "#main/lib/files.ts";
import type { NumberKind } from "../tables/numbers.ts";

/** Text, subsystem, version and byte order in front of the first element. */
export const HEADER_BYTES = 128;
/** A compressed element may become so many times longer, and so long (bytes). */
const MAX_RATIO = 1000;
const MAX_INFLATED = 1 << 30;
/** Structures nested deeper are no events. */
const MAX_DEPTH = 4;

/** Types of data by their number in the file. */
const KINDS: Readonly<Record<number, NumberKind>> = {
  1: "i1",
  2: "u1",
  3: "i2",
  4: "u2",
  5: "i4",
  6: "u4",
  7: "f4",
  9: "f8",
  12: "i8",
  13: "u8",
};
const MATRIX = 14;
const COMPRESSED = 15;
/** Classes of arrays: a structure, and the first and last of numbers. */
const STRUCT = 2;
const FIRST_NUMERIC = 6;
const LAST_NUMERIC = 15;

/** Numbers of a variable as they lie in memory or file. */
export interface MatNumbers {
  readonly name: string;
  readonly rows: number;
  readonly columns: number;
  readonly kind: NumberKind;
  readonly littleEndian: boolean;
  /** Place of the first number in `source`. */
  readonly source: ByteSource;
  readonly start: number;
  readonly bytes: number;
  /** Place of the element in the file. */
  readonly offset: number;
}

/** Something between variables that could not be read. */
export interface MatDamage {
  readonly offset: number;
  readonly bytes: number;
  readonly reason: string;
}

interface Tag {
  readonly type: number;
  readonly bytes: number;
  /** Where the data begins, and where the next element does. */
  readonly data: number;
  readonly next: number;
}

/** Reads an element's tag; `undefined` where it does not fit in. */
async function tagAt(source: ByteSource, at: number, end: number, little: boolean): Promise<Tag | undefined> {
  if (at + 8 > end) return undefined;
  const head = await source.read(at, 8, new Uint8Array(8));
  if (head.length < 8) return undefined;
  const view = new DataView(head.buffer);
  const first = view.getUint32(0, little);
  if (first >>> 16 !== 0) {
    const bytes = first >>> 16;
    return bytes > 4 ? undefined : { type: first & 0xffff, bytes, data: at + 4, next: at + 8 };
  }
  const bytes = view.getUint32(4, little);
  const padding = first === COMPRESSED ? 0 : (8 - (bytes % 8)) % 8;
  return { type: first, bytes, data: at + 8, next: at + 8 + bytes + padding };
}

/** Byte order of a file of version 5. @throws AppError `unsupported`, `damaged`. */
export async function byteOrder(file: ByteSource): Promise<boolean> {
  const head = await file.read(0, HEADER_BYTES, new Uint8Array(HEADER_BYTES));
  const mark = String.fromCharCode(head[126] ?? 0, head[127] ?? 0);
  if (head.length < HEADER_BYTES || (mark !== "IM" && mark !== "MI")) {
    throw new AppError("damaged", `${file.name} has a MATLAB header that cannot be read`, { hint: "Fetch or save it again." });
  }
  return mark === "IM";
}

/** All numeric variables, those in structures by their field's name. What cannot be read is told in `damage`. */
export async function numbersIn(file: ByteSource, damage: MatDamage[]): Promise<readonly MatNumbers[]> {
  const little = await byteOrder(file);
  const found: MatNumbers[] = [];
  for (let at = HEADER_BYTES; at < file.size;) {
    const tag = await tagAt(file, at, file.size, little);
    if (tag === undefined) {
      damage.push({ offset: at, bytes: file.size - at, reason: "what lies here is no variable" });
      break;
    }
    if (tag.type === COMPRESSED) {
      const source = await inflated(file, tag, damage, at);
      if (source !== undefined) {
        const inner = await tagAt(source, 0, source.size, little);
        if (inner?.type === MATRIX) await matrix({ source, little, offset: at, found }, inner, "", 0);
      }
    } else if (tag.type === MATRIX) await matrix({ source: file, little, offset: at, found }, tag, "", 0);
    at = tag.next;
  }
  return found;
}

/** A compressed element in memory, checked against what it may become. */
async function inflated(file: ByteSource, tag: Tag, damage: MatDamage[], offset: number): Promise<ByteSource | undefined> {
  const length = Math.min(tag.bytes, file.size - tag.data);
  const bytes = await file.read(tag.data, length, new Uint8Array(length));
  try {
    const maxOutputLength = Math.min(MAX_INFLATED, Math.max(1 << 16, MAX_RATIO * length));
    const data = inflateSync(bytes, { maxOutputLength });
    return {
      name: file.name,
      size: data.length,
      read: (from, count, into) => {
        const part = data.subarray(from, Math.max(from, Math.min(data.length, from + count)));
        if (into === undefined) return Promise.resolve(part);
        into.set(part);
        return Promise.resolve(into.subarray(0, part.length));
      },
      close: () => Promise.resolve(),
    };
  } catch (error) {
    const reason = `a compressed variable cannot be unpacked: ${error instanceof Error ? error.message : String(error)}`;
    damage.push({ offset, bytes: length, reason });
    return undefined;
  }
}

interface Walk {
  readonly source: ByteSource;
  readonly little: boolean;
  readonly offset: number;
  readonly found: MatNumbers[];
}

/** Collects the numbers of one array, or of a structure's fields. */
async function matrix(walk: Walk, outer: Tag, givenName: string, depth: number): Promise<void> {
  const { source, little } = walk;
  const end = Math.min(source.size, outer.data + outer.bytes);
  const flags = await tagAt(source, outer.data, end, little);
  if (flags?.bytes !== 8) return;
  const word = await source.read(flags.data, 4, new Uint8Array(4));
  const flagsWord = new DataView(word.buffer).getUint32(0, little);
  const kind = flagsWord & 0xff;
  const dimensions = await tagAt(source, flags.next, end, little);
  if (dimensions === undefined || dimensions.bytes > 128 || dimensions.bytes < 8) return;
  const sizes = await source.read(dimensions.data, dimensions.bytes, new Uint8Array(dimensions.bytes));
  if (sizes.length < 8) return;
  const view = new DataView(sizes.buffer);
  const shape = Array.from({ length: Math.floor(sizes.length / 4) }, (_, i) => view.getInt32(4 * i, little));
  const nameTag = await tagAt(source, dimensions.next, end, little);
  if (nameTag === undefined || nameTag.bytes > 4096) return;
  const nameBytes = await source.read(nameTag.data, nameTag.bytes, new Uint8Array(nameTag.bytes));
  const name = givenName || Buffer.from(nameBytes).toString("latin1");
  if (kind === STRUCT) {
    if (depth < MAX_DEPTH && shape.every((size) => size === 1)) await fields(walk, nameTag.next, end, name, depth);
    return;
  }
  if (kind < FIRST_NUMERIC || kind > LAST_NUMERIC || shape.length !== 2 || (flagsWord & 0x800) !== 0) return; // complex
  const data = await tagAt(source, nameTag.next, end, little);
  const stored = data === undefined ? undefined : KINDS[data.type];
  if (data === undefined || stored === undefined) return;
  const [rows = 0, columns = 0] = shape;
  const bytes = Math.min(data.bytes, source.size - data.data);
  walk.found.push({
    name,
    rows,
    columns,
    kind: stored,
    littleEndian: little,
    source,
    start: data.data,
    bytes,
    offset: walk.offset,
  });
}

/** The fields of a structure: their names in a row of fixed length, then an array for each. */
async function fields(walk: Walk, from: number, end: number, name: string, depth: number): Promise<void> {
  const { source, little } = walk;
  const lengthTag = await tagAt(source, from, end, little);
  if (lengthTag === undefined || lengthTag.bytes !== 4) return;
  const word = await source.read(lengthTag.data, 4, new Uint8Array(4));
  const each = new DataView(word.buffer).getInt32(0, little);
  const namesTag = await tagAt(source, lengthTag.next, end, little);
  if (namesTag === undefined || each <= 0 || each > 256 || namesTag.bytes > 64 * 1024) return;
  const names = Buffer.from(await source.read(namesTag.data, namesTag.bytes, new Uint8Array(namesTag.bytes)));
  let at = namesTag.next;
  for (let i = 0; i + each <= names.length; i += each) {
    const tag = await tagAt(source, at, end, little);
    if (tag?.type !== MATRIX) return;
    const field = (names.toString("latin1", i, i + each).split("\0")[0] ?? "").trim();
    await matrix(walk, tag, `${name}.${field}`, depth + 1);
    at = tag.next;
  }
}
