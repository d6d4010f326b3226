import { ByteBuilder } from "./builder.ts";
import { UNDEFINED } from "./bytes.ts";

/** Half of the entries of a node, as readers of superblock version 0 assume (chunks) or as it states (names). */
const CHUNK_K = 32;
export const GROUP_K = 16;
export const LEAF_K = 4;

/** Where the chunks of a list lie: numbers side by side, so that a long recording costs little. */
export interface ChunkList {
  readonly offsets: readonly number[];
  readonly bytes: readonly number[];
}

interface Node {
  readonly address: number;
  /** Numbers of its first chunk and of the one behind its last. */
  readonly first: number;
  readonly end: number;
}

/** A file that is written from its start on. */
export interface Space {
  /** Where the next structure will lie. */
  position(): number;
  /** Writes a structure and gives its address. */
  put(bytes: Uint8Array): Promise<number>;
}

/** Writes the tree of chunks of a list with one dimension and gives its address. */
export async function writeChunkTree({ offsets, bytes }: ChunkList, chunkRows: number, space: Space): Promise<number> {
  if (offsets.length === 0) return UNDEFINED;
  const key = (out: ByteBuilder, chunk: number): ByteBuilder =>
    out
      .u32(bytes[chunk] ?? 0)
      .u32(0)
      .u64(chunk * chunkRows)
      .u64(0);
  let below: readonly Node[] = offsets.map((address, i) => ({ address, first: i, end: i + 1 }));
  for (let level = 0; level === 0 || below.length > 1; level += 1) {
    const nodes: Node[] = [];
    const count = Math.ceil(below.length / (2 * CHUNK_K));
    const size = 24 + 2 * CHUNK_K * 8 + (2 * CHUNK_K + 1) * 24;
    let previous = UNDEFINED;
    for (let n = 0; n < count; n += 1) {
      const children = below.slice(2 * CHUNK_K * n, 2 * CHUNK_K * (n + 1));
      const out = new ByteBuilder().raw(new TextEncoder().encode("TREE")).u8(1, level).u16(children.length);
      // Nodes of a level are written one after the other, so the place of the next one is known.
      out.u64(previous).u64(n < count - 1 ? space.position() + size : UNDEFINED);
      for (const { address, first } of children) key(out, first).u64(address);
      key(out, children.at(-1).end);
      const address = await space.put(out.zeros(size - out.length).bytes());
      nodes.push({ address, first: children[0]!.first, end: children.at(-1).end });
      previous = address;
    }
    below = nodes;
  }
  return below[0]!.address;
}

/** The bytes of a group's list of names. */
export interface GroupParts {
  readonly heapData: Uint8Array;
  readonly node: Uint8Array;
}

/** Names and headers of a group's members: heap of names and one symbol node. */
export function groupParts(members: ReadonlyMap<string, number>): GroupParts & { readonly last: number } {
  const names = [...members.keys()].sort((a, b) => (a < b ? -1 : 1));
  if (names.length > 2 * LEAF_K) throw new RangeError("a written group has at most eight members");
  const heap = new ByteBuilder().zeros(8);
  const node = new ByteBuilder().raw(new TextEncoder().encode("SNOD")).u8(1, 0).u16(names.length);
  let last = 0;
  for (const name of names) {
    last = heap.length;
    node.u64(last).u64(members.get(name)!).zeros(24);
    heap.raw(new TextEncoder().encode(name)).u8(0).pad();
  }
  node.zeros(8 + 40 * 2 * LEAF_K - node.length);
  return { heapData: heap.bytes(), node: node.bytes(), last };
}

/** Header of a heap of names whose data lie at `data`. */
export const heapHeader = (length: number, data: number): Uint8Array =>
  new ByteBuilder().raw(new TextEncoder().encode("HEAP")).u32(0).u64(length).u64(1).u64(data).bytes();

/** The tree over one symbol node; `last` is the place of the greatest name in the heap. */
export function groupTree(node: number, last: number): Uint8Array {
  const size = 24 + 2 * GROUP_K * 8 + (2 * GROUP_K + 1) * 8;
  const out = new ByteBuilder().raw(new TextEncoder().encode("TREE")).u8(0, 0).u16(1).u64(UNDEFINED).u64(UNDEFINED);
  out.u64(0).u64(node).u64(last);
  return out.zeros(size - out.length).bytes();
}
