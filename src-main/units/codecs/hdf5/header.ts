import type { ByteSource } from "#main/lib/files.ts";
import { damagedAt, newer, pieceOf, type Cursor } from "./bytes.ts";

/** Kinds of header messages (HDF5 File Format Specification 3.0, IV.A.2). */
export const MESSAGE = {
  dataspace: 0x01,
  linkInfo: 0x02,
  datatype: 0x03,
  fillValue: 0x05,
  link: 0x06,
  layout: 0x08,
  filters: 0x0b,
  attribute: 0x0c,
  continuation: 0x10,
  symbolTable: 0x11,
} as const;

/** One message of an object header. */
export interface Message {
  readonly type: number;
  readonly body: Cursor;
}

/** Blocks and bytes of one header at most: real ones have a few hundred bytes. */
const MAX_BLOCKS = 256;
const MAX_BYTES = 4 << 20;

/** All messages of the object header at this address, versions 1 and 2. */
export async function messagesAt(file: ByteSource, address: number): Promise<readonly Message[]> {
  const head = await pieceOf(file, address, Math.min(32, Math.max(0, file.size - address)));
  return head.bytes[0] === 0x4f ? versionTwo(file, address, head) : versionOne(file, address, head);
}

interface Block {
  readonly offset: number;
  readonly length: number;
}

async function versionOne(file: ByteSource, address: number, head: Cursor): Promise<readonly Message[]> {
  if (head.u8() !== 1) throw damagedAt(file.name, address, "no object header where one belongs");
  head.skip(7);
  const first = { offset: address + 16, length: head.u32() };
  return blocks(file, first, (block) => {
    const type = block.u16();
    const length = block.u16();
    const flags = block.u8();
    block.skip(3);
    return { type, flags, body: block.part(length) };
  });
}

async function versionTwo(file: ByteSource, address: number, head: Cursor): Promise<readonly Message[]> {
  head.expect("OHDR");
  const version = head.u8();
  if (version !== 2) throw newer(file.name, `object header version ${version}`);
  const flags = head.u8();
  if ((flags & 0x20) !== 0) head.skip(16); // times
  if ((flags & 0x10) !== 0) head.skip(4); // when attributes move elsewhere
  const length = head.unsigned(1 << (flags & 3));
  const ordered = (flags & 4) !== 0;
  const first = { offset: address + head.at, length };
  return blocks(
    file,
    first,
    (block) => {
      const type = block.u8();
      const bytes = block.u16();
      const messageFlags = block.u8();
      if (ordered) block.skip(2);
      return { type, flags: messageFlags, body: block.part(bytes) };
    },
    "OCHK",
  );
}

async function blocks(
  file: ByteSource,
  first: Block,
  next: (block: Cursor) => Message & { readonly flags: number },
  continued?: string,
): Promise<readonly Message[]> {
  const messages: Message[] = [];
  const waiting: Block[] = [first];
  let bytes = 0;
  for (let count = 0; waiting.length > 0; count += 1) {
    const { offset, length } = waiting.shift()!;
    bytes += length;
    if (count >= MAX_BLOCKS || bytes > MAX_BYTES) throw damagedAt(file.name, offset, "an object header without an end");
    const piece = await pieceOf(file, offset, length);
    const isContinuation = continued !== undefined && count > 0;
    const block = isContinuation ? piece.expect(continued).part(Math.max(0, length - 8)) : piece; // less signature and checksum
    while (block.left >= (continued === undefined ? 8 : 4)) {
      const { type, flags, body } = next(block);
      if (type === MESSAGE.continuation) waiting.push({ offset: body.u64(), length: body.u64() });
      else if ((flags & 2) !== 0) {
        if (type === MESSAGE.datatype || type === MESSAGE.dataspace) throw newer(file.name, "descriptions that objects share");
      } else messages.push({ type, body });
    }
  }
  return messages;
}
