import type { ByteSource } from "#main/lib/files.ts";
import { UNDEFINED, pieceOf, type Cursor } from "./bytes.ts";
import { dimensionsOf, elementType, type Field } from "./dataset.ts";
import { MESSAGE, type Message } from "./header.ts";

const MAX_TEXT = 64 << 10;
const MAX_HEAP = 16 << 20;

/** Texts and single numbers among the attributes of an object, as text. Others are left out. */
export async function attributesOf(file: ByteSource, messages: readonly Message[]): Promise<Readonly<Record<string, string>>> {
  const found: Record<string, string> = {};
  for (const { type, body } of messages) {
    if (type !== MESSAGE.attribute) continue;
    const attribute = await attributeIn(file, body);
    if (attribute !== undefined) found[attribute[0]] = attribute[1];
  }
  return found;
}

async function attributeIn(file: ByteSource, body: Cursor): Promise<readonly [name: string, value: string] | undefined> {
  const version = body.u8();
  if (version < 1 || version > 3) return undefined;
  const shared = version > 1 && (body.bytes[body.at]! & 3) !== 0;
  body.skip(1);
  const sizes = [body.u16(), body.u16(), body.u16()] as const;
  if (version === 3) body.skip(1);
  const [name, type, space] = sizes.map((bytes) => {
    const part = body.part(bytes);
    if (version === 1) body.skip(-bytes & 7);
    return part;
  }) as [Cursor, Cursor, Cursor];
  if (shared) return undefined;
  const { fields, bytes } = elementType(type);
  const field = fields[0];
  const count = dimensionsOf(space).reduce((product, length) => product * length, 1);
  if (field === undefined || fields.length !== 1 || count !== 1) return undefined;
  const value = await textOf(file, body.part(bytes), field);
  return value === undefined ? undefined : [name.text(name.bytes.length), value];
}

async function textOf(file: ByteSource, data: Cursor, { kind, bytes, signed }: Field): Promise<string | undefined> {
  if (kind === "text") return data.text(Math.min(MAX_TEXT, bytes));
  if (kind === "variable text") return heapText(file, data);
  const view = new DataView(data.bytes.buffer, data.bytes.byteOffset, data.bytes.byteLength);
  if (kind === "float" && (bytes === 4 || bytes === 8)) {
    return String(bytes === 4 ? view.getFloat32(0, true) : view.getFloat64(0, true));
  }
  if (kind !== "integer") return undefined;
  if (bytes === 8) return String(signed ? view.getBigInt64(0, true) : view.getBigUint64(0, true));
  if (bytes === 4) return String(signed ? view.getInt32(0, true) : view.getUint32(0, true));
  if (bytes === 2) return String(signed ? view.getInt16(0, true) : view.getUint16(0, true));
  return bytes === 1 ? String(signed ? view.getInt8(0) : view.getUint8(0)) : undefined;
}

/** A text of any length: it lies in a heap of the file, under a number. */
async function heapText(file: ByteSource, data: Cursor): Promise<string | undefined> {
  const length = data.u32();
  const address = data.u64();
  const wanted = data.u32();
  if (length === 0 || address === UNDEFINED || address === 0) return "";
  const head = (await pieceOf(file, address, 16)).expect("GCOL").skip(4);
  const size = head.u64();
  const heap = await pieceOf(file, address + 16, Math.min(MAX_HEAP, Math.max(0, size - 16)));
  while (heap.left >= 16) {
    const number = heap.u16();
    heap.skip(6);
    const bytes = heap.u64();
    if (number === 0) return undefined;
    if (number === wanted) return heap.text(Math.min(length, bytes, MAX_TEXT));
    heap.skip((bytes + 7) & ~7);
  }
  return undefined;
}
