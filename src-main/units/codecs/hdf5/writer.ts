import { promisify } from "node:util";
import { deflate } from "node:zlib";
import type { ByteSink } from "#main/lib/files.ts";
import { ByteBuilder } from "./builder.ts";
import { UNDEFINED } from "./bytes.ts";
import { DEFLATE, SHUFFLE } from "./elements.ts";
import { SIGNATURE } from "./superblock.ts";
import {
  chunkedMessages,
  groupMessage,
  objectHeader,
  scalarMessages,
  textAttribute,
  type WholeNumber,
  type WrittenFilter,
  type WrittenMessage,
  type WrittenType,
} from "./write-messages.ts";
import { GROUP_K, groupParts, groupTree, heapHeader, LEAF_K, writeChunkTree, type Space } from "./write-trees.ts";

const deflated = promisify(deflate);

const SUPERBLOCK_BYTES = 96;
/** Texts of a file at most: one heap holds them all. */
const MAX_TEXT = 16 << 10;

/** Filters for whole numbers: bytes of equal weight side by side, then gzip at the level that is usual for HDF5. */
export const gzip = (bytes: number): readonly WrittenFilter[] => [
  { id: SHUFFLE, name: "shuffle", optional: true, values: [bytes] },
  { id: DEFLATE, name: "deflate", optional: true, values: [4] },
];

/** A list that is written chunk by chunk. */
export interface WrittenList {
  /** Stores a chunk whose filters have been applied, and how many elements it adds. */
  addStored(bytes: Uint8Array, count: number): Promise<void>;
  /** A chunk of elements as it is stored: filled up to its full size, packed where the list has gzip. May run beside others. */
  packed(bytes: Uint8Array, count: number): Promise<Uint8Array>;
  /** Packs and stores a chunk. */
  add(bytes: Uint8Array, count: number): Promise<void>;
}

interface List {
  readonly type: WrittenType;
  readonly chunkRows: number;
  readonly filters: readonly WrittenFilter[];
  readonly offsets: number[];
  readonly bytes: number[];
  count: number;
}

/**
 * Writes an HDF5 file from front to back in the structures that every reader knows (superblock 0, object headers 1, version 1 trees).
 * Chunks go to the file as they come; what describes them follows in `close`. Memory holds two numbers for each chunk.
 */
export class Hdf5Writer {
  readonly #file: ByteSink;
  readonly #lists = new Map<string, List>();
  readonly #scalars = new Map<string, { readonly type: WholeNumber; readonly value: bigint }>();
  readonly #attributes = new Map<string, Map<string, string>>();
  readonly #space: Space;

  private constructor(file: ByteSink) {
    this.#file = file;
    const align = (position: number): number => position + (-position & 7);
    this.#space = {
      position: () => align(file.position),
      put: async (bytes) => {
        if (file.position % 8 !== 0) await file.write(new Uint8Array(-file.position & 7));
        const at = file.position;
        await file.write(bytes);
        return at;
      },
    };
  }

  /** Starts a file; until `close` its first bytes say that it is not complete. */
  static async create(file: ByteSink): Promise<Hdf5Writer> {
    await file.write(superblock(0, 0, 0, 0));
    return new Hdf5Writer(file);
  }

  /** A list of records or numbers at a path of one group and a name, or of a name alone. */
  list(path: string, type: WrittenType, chunkRows: number, filters: readonly WrittenFilter[] = []): WrittenList {
    const list: List = { type, chunkRows, filters, offsets: [], bytes: [], count: 0 };
    this.#lists.set(path, list);
    const addStored = async (bytes: Uint8Array, count: number): Promise<void> => {
      list.offsets.push(await this.#space.put(bytes));
      list.bytes.push(bytes.length);
      list.count += count;
    };
    const packed = async (bytes: Uint8Array, count: number): Promise<Uint8Array> => {
      const full = new Uint8Array(chunkRows * type.bytes);
      full.set(bytes.subarray(0, count * type.bytes));
      return filters.length === 0 ? full : deflated(shuffled(full, type.bytes), { level: 4 });
    };
    return { addStored, packed, add: async (bytes, count) => addStored(await packed(bytes, count), count) };
  }

  /** A single number. */
  scalar(path: string, type: WholeNumber, value: bigint): void {
    this.#scalars.set(path, { type, value });
  }

  /** A text beside an object; the path `""` is the whole file. */
  attribute(path: string, name: string, text: string): void {
    const of = this.#attributes.get(path) ?? new Map<string, string>();
    this.#attributes.set(path, of.set(name, text));
  }

  /** Writes what describes the lists; the file itself stays open. */
  async finish(): Promise<void> {
    const attributes = await this.#texts();
    const root = new Map<string, number>();
    const groups = new Map<string, Map<string, number>>();
    const place = (path: string, address: number): void => {
      const [first = "", second] = path.split("/");
      if (second === undefined) root.set(first, address);
      else groups.set(first, (groups.get(first) ?? new Map<string, number>()).set(second, address));
    };
    for (const [path, { type, chunkRows, filters, offsets, bytes, count }] of this.#lists) {
      const tree = await writeChunkTree({ offsets, bytes }, chunkRows, this.#space);
      const messages = chunkedMessages(type, count, chunkRows, filters, tree);
      place(path, await this.#space.put(objectHeader([...messages, ...(attributes.get(path) ?? [])])));
    }
    for (const [path, { type, value }] of this.#scalars) {
      const data = new Uint8Array(8);
      new DataView(data.buffer).setBigInt64(0, value, true);
      const address = await this.#space.put(data.subarray(0, type.bytes));
      place(path, await this.#space.put(objectHeader([...scalarMessages(type, address), ...(attributes.get(path) ?? [])])));
    }
    for (const [path, members] of groups) root.set(path, (await this.#group(members, attributes.get(path))).header);
    const { header, tree, heap } = await this.#group(root, attributes.get(""));
    await this.#file.patch(0, superblock(this.#file.position, header, tree, heap));
  }

  async #group(
    members: ReadonlyMap<string, number>,
    attributes: readonly WrittenMessage[] = [],
  ): Promise<{ readonly header: number; readonly tree: number; readonly heap: number }> {
    const { heapData, node, last } = groupParts(members);
    const data = await this.#space.put(heapData);
    const heap = await this.#space.put(heapHeader(heapData.length, data));
    const tree = await this.#space.put(groupTree(await this.#space.put(node), last));
    return { header: await this.#space.put(objectHeader([groupMessage(tree, heap), ...attributes])), tree, heap };
  }

  /** Puts the texts of all attributes into a heap and gives the messages that point there. */
  async #texts(): Promise<ReadonlyMap<string, readonly WrittenMessage[]>> {
    const heap = new ByteBuilder();
    const found: { readonly path: string; readonly name: string; readonly bytes: number; readonly index: number }[] = [];
    let index = 0;
    for (const [path, texts] of this.#attributes) {
      for (const [name, value] of texts) {
        const text = new TextEncoder().encode(value).subarray(0, MAX_TEXT);
        index += 1;
        heap.u16(index).u16(1).u32(0).u64(text.length).raw(text).pad();
        found.push({ path, name, bytes: text.length, index });
      }
    }
    if (found.length === 0) return new Map();
    const size = Math.max(4096, 16 + heap.length + 16);
    const free = size - 16 - heap.length;
    heap
      .u16(0)
      .u16(0)
      .u32(0)
      .u64(free)
      .zeros(free - 16);
    const head = new ByteBuilder().raw(new TextEncoder().encode("GCOL")).u8(1, 0, 0, 0).u64(size).raw(heap.bytes());
    const address = await this.#space.put(head.bytes());
    const messages = new Map<string, WrittenMessage[]>();
    for (const { path, name, bytes, index: number } of found) {
      messages.set(path, [...(messages.get(path) ?? []), textAttribute(name, bytes, address, number)]);
    }
    return messages;
  }
}

/** First bytes of the file; an end of 0 says that it has not been completed. */
function superblock(end: number, root: number, tree: number, heap: number): Uint8Array {
  const out = new ByteBuilder().raw(Buffer.from(SIGNATURE, "latin1")).u8(0, 0, 0, 0, 0, 8, 8, 0).u16(LEAF_K).u16(GROUP_K);
  out.u32(0).u64(0).u64(UNDEFINED).u64(end).u64(UNDEFINED);
  out.u64(0).u64(root).u32(1).u32(0).u64(tree).u64(heap);
  return out.zeros(SUPERBLOCK_BYTES - out.length).bytes();
}

/** All first bytes of the elements, all second bytes, and so on. */
function shuffled(bytes: Uint8Array, width: number): Uint8Array {
  if (width <= 1) return bytes;
  const count = bytes.length / width;
  const out = new Uint8Array(bytes.length);
  for (let k = 0; k < width; k += 1) for (let i = 0, at = k * count; i < count; i += 1) out[at + i] = bytes[i * width + k]!;
  return out;
}
