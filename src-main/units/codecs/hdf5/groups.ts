import type { ByteSource } from "#main/lib/files.ts";
import { Cursor, damagedAt, newer, pieceOf, UNDEFINED } from "./bytes.ts";
import { MESSAGE, messagesAt, type Message } from "./header.ts";

/** Names in one group at most, and nodes of the tree that lists them. */
const MAX_NAMES = 100_000;
const MAX_NODES = 10_000;
const MAX_HEAP = 16 << 20;

/** Addresses of what lies in a group, by name. Links to elsewhere are left out. */
export async function childrenOf(file: ByteSource, messages: readonly Message[]): Promise<ReadonlyMap<string, number>> {
  const table = messages.find(({ type }) => type === MESSAGE.symbolTable);
  if (table !== undefined) return symbolTable(file, table.body.u64(), table.body.u64());
  const found = new Map<string, number>();
  for (const { type, body } of messages) {
    if (type === MESSAGE.linkInfo) refuseDense(file.name, body);
    if (type === MESSAGE.link) addLink(found, body);
  }
  return found;
}

/** Address of what lies at a path like `CD/events`; `undefined` when there is nothing. */
export async function resolvePath(file: ByteSource, root: number, path: string): Promise<number | undefined> {
  let address: number | undefined = root;
  for (const name of path.split("/")) {
    address = (await childrenOf(file, await messagesAt(file, address))).get(name);
    if (address === undefined) return undefined;
  }
  return address;
}

function refuseDense(name: string, body: Cursor): void {
  body.skip(1);
  const flags = body.u8();
  if ((flags & 1) !== 0) body.skip(8);
  if (body.u64() !== UNDEFINED) throw newer(name, "a group whose names lie in a heap");
}

function addLink(found: Map<string, number>, body: Cursor): void {
  body.skip(1);
  const flags = body.u8();
  const kind = (flags & 8) !== 0 ? body.u8() : 0;
  if ((flags & 4) !== 0) body.skip(8);
  if ((flags & 16) !== 0) body.skip(1);
  const name = body.text(body.unsigned(1 << (flags & 3)));
  if (kind === 0) found.set(name, body.u64());
}

async function symbolTable(file: ByteSource, tree: number, heap: number): Promise<ReadonlyMap<string, number>> {
  const head = (await pieceOf(file, heap, 32)).expect("HEAP").skip(4);
  const length = head.u64();
  head.skip(8);
  const data = head.u64();
  if (length > MAX_HEAP) throw damagedAt(file.name, heap, "a heap of names of impossible size");
  const names = await pieceOf(file, data, length);
  const found = new Map<string, number>();
  const waiting: { readonly address: number; readonly level: number }[] = [{ address: tree, level: Infinity }];
  for (let count = 0; waiting.length > 0; count += 1) {
    const { address, level: above } = waiting.pop()!;
    if (count > MAX_NODES || found.size > MAX_NAMES) throw damagedAt(file.name, address, "a list of names without an end");
    const node = (await pieceOf(file, address, 24)).expect("TREE");
    if (node.u8() !== 0) throw damagedAt(file.name, address, "a tree of another kind where names belong");
    const level = node.u8();
    const entries = node.u16();
    if (level >= above) throw damagedAt(file.name, address, "a tree that leads back to itself");
    const body = await pieceOf(file, address + 24, 8 + 16 * entries);
    body.skip(8);
    for (let i = 0; i < entries; i += 1, body.skip(8)) {
      const child = body.u64();
      if (level > 0) waiting.push({ address: child, level });
      else await symbolNode(file, child, names, found);
    }
  }
  return found;
}

async function symbolNode(file: ByteSource, address: number, names: Cursor, found: Map<string, number>): Promise<void> {
  const node = (await pieceOf(file, address, 8)).expect("SNOD").skip(2);
  const entries = node.u16();
  const body = await pieceOf(file, address + 8, 40 * entries);
  for (let i = 0; i < entries; i += 1) {
    const at = body.u64();
    const header = body.u64();
    const kind = body.u32();
    body.skip(20);
    if (kind === 2) continue; // a symbolic link
    if (at >= names.bytes.length) throw damagedAt(file.name, address, "a name outside its heap");
    found.set(new Cursor(names.bytes.subarray(at), file.name, names.offset + at).textToZero(), header);
  }
}
