import { AppError } from "#shared/api/errors.ts";
import type { ByteSource } from "#main/lib/files.ts";
import { damagedAt, pieceOf, UNDEFINED } from "./bytes.ts";

/** A stored chunk of a one-dimensional data set. */
export interface Chunk {
  /** Number of its first element. */
  readonly first: number;
  /** Where its stored bytes lie. */
  readonly offset: number;
  readonly bytes: number;
  /** Bit k: the k-th filter was left out. */
  readonly filterMask: number;
}

/** What could not be read of a chunk index. */
export interface IndexDamage {
  readonly offset: number;
  readonly reason: string;
}

/** The chunks of a data set in the order of their elements, and which parts of their index cannot be understood. */
export interface ChunkIndex {
  readonly chunks: readonly Chunk[];
  readonly damage: readonly IndexDamage[];
}

/** Nodes beside one another are visited once; a tree of so many levels would hold more chunks than any disk. */
const MAX_LEVEL = 16;
const KEY_BYTES = 24;
/** Entries of the tree of a sound file never outnumber its bytes by this measure: each has a key and an address. */
const ENTRY_BYTES = KEY_BYTES + 8;

/**
 * Walks the tree of chunks (version 1, node type 1) of a data set with one dimension. A node that cannot be understood costs the
 * chunks below it, not the others.
 */
export async function chunksOf(file: ByteSource, tree: number): Promise<ChunkIndex> {
  const chunks: Chunk[] = [];
  const damage: IndexDamage[] = [];
  const seen = new Set<number>();
  const visit = async (address: number, above: number): Promise<void> => {
    if (seen.has(address)) throw damagedAt(file.name, address, "a tree of chunks that leads back to itself");
    seen.add(address);
    const node = (await pieceOf(file, address, 24)).expect("TREE");
    const [kind, level, entries] = [node.u8(), node.u8(), node.u16()];
    if (kind !== 1) throw damagedAt(file.name, address, "a tree of names where chunks belong");
    if (level >= above) throw damagedAt(file.name, address, "a tree of chunks with levels out of order");
    const body = await pieceOf(file, address + 24, ENTRY_BYTES * entries);
    for (let i = 0; i < entries; i += 1) {
      const [bytes, filterMask] = [body.u32(), body.u32()];
      const first = body.u64();
      body.skip(8); // the place within an element: always 0
      const child = body.u64();
      if (level > 0) await attempt(child, level);
      else if (child + bytes > file.size || bytes === 0) {
        damage.push({ offset: address, reason: `the chunk of event ${first} lies outside the file` });
      } else chunks.push({ first, offset: child, bytes, filterMask });
    }
    if (chunks.length * ENTRY_BYTES > file.size) throw damagedAt(file.name, address, "more chunks than the file can hold");
  };
  const attempt = async (address: number, above: number): Promise<void> => {
    try {
      await visit(address, above);
    } catch (error) {
      if (!(error instanceof AppError) || error.code !== "damaged") throw error;
      damage.push({ offset: Math.min(address, file.size), reason: error.message });
    }
  };
  if (tree !== UNDEFINED) await attempt(tree, MAX_LEVEL);
  return { chunks: inOrder(chunks, damage), damage };
}

/** Chunks in the order of their elements, each element once. */
function inOrder(chunks: readonly Chunk[], damage: IndexDamage[]): readonly Chunk[] {
  const sorted = [...chunks].sort((a, b) => a.first - b.first);
  return sorted.filter((chunk, i) => {
    const twice = i > 0 && sorted[i - 1]!.first === chunk.first;
    if (twice) damage.push({ offset: chunk.offset, reason: `the chunk of event ${chunk.first} is listed twice` });
    return !twice;
  });
}
