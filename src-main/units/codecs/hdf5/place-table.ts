import { AppError } from "#shared/api/errors.ts";
import type { ByteSource } from "#main/lib/files.ts";
import type { Slab } from "../tables/numbers.ts";
import type { NumberTable, TableReader } from "../tables/table.ts";
import type { EventPlace } from "./event-places.ts";
import { directRows, type ReadRows } from "./direct-rows.ts";
import { forgetFile, readBlock } from "./library.ts";
import type { LibraryDataset } from "./library-messages.ts";

/** Rows that are unpacked at once, and bytes that a block may have. */
const BLOCK_ROWS = 1 << 15;
const MAX_BLOCK_BYTES = 32 << 20;
/** After so many chunks that cannot be unpacked the rest is given up: each may cost a new library. */
const MAX_DAMAGE = 50;

/** A run of rows of a data set in memory. */
interface Block {
  readonly start: number;
  readonly end: number;
  readonly bytes: Uint8Array;
}

interface PlaceDamage {
  readonly offset: number;
  readonly bytes: number;
  readonly reason: string;
}

/** Name of a list among the blocks in memory. */
const keyOf = ({ path, row }: LibraryDataset): string => (row === undefined ? path : `${path} ${row}`);

const rowBytes = ({ shape, bytes }: LibraryDataset): number =>
  shape.slice(1).reduce((product, length) => product * length, bytes);

/** Rows of a block, whole chunks where they are not too large. */
function blockRows(dataset: LibraryDataset): number {
  const most = Math.max(1, Math.floor(MAX_BLOCK_BYTES / Math.max(1, rowBytes(dataset))));
  const chunk = dataset.chunk?.[0] ?? BLOCK_ROWS;
  return Math.min(most, chunk * Math.max(1, Math.floor(BLOCK_ROWS / chunk)));
}

/** Events of an HDF5 file as columns of numbers: read a few chunks at a time, so memory does not grow with the file. */
export function placeTable(file: ByteSource, place: EventPlace): NumberTable {
  const { rows, columns } = place;
  const damage = new Map<number, PlaceDamage>();
  const blocks = new Blocks(file);
  const offsetOf = (row: number): number => Math.min(file.size, Math.floor((row / Math.max(1, rows)) * file.size));
  const note = (from: number, end: number, error: AppError): void => {
    const offset = offsetOf(from);
    damage.set(from, { offset, bytes: 0, reason: `near here: events ${from} to ${end} are left out: ${error.message}` });
  };
  return {
    rows,
    names: columns.map(({ name }) => name),
    reader: () => placeReader(place, blocks, damage, note),
    offsetOf,
    damage: () => [...damage.values()],
    close: async () => {
      await forgetFile(file);
      await file.close();
    },
  };
}

/** Blocks of data sets, the last ones kept: small recordings are unpacked once, however often they are read. */
class Blocks {
  readonly #file: ByteSource;
  readonly #kept = new Map<string, Block>();
  readonly #direct = new Map<string, Promise<ReadRows | undefined>>();
  #bytes = 0;

  constructor(file: ByteSource) {
    this.#file = file;
  }

  async load(dataset: LibraryDataset, start: number, end: number): Promise<Block> {
    const key = `${keyOf(dataset)} ${start} ${end}`;
    const known = this.#kept.get(key);
    if (known !== undefined) {
      this.#kept.delete(key); // to the end of the order: used last
      this.#kept.set(key, known);
      return known;
    }
    const block = { start, end, bytes: await this.#read(dataset, start, end) };
    this.#kept.set(key, block);
    this.#bytes += block.bytes.length;
    for (const [oldest, { bytes }] of this.#kept) {
      if (this.#bytes <= KEPT_BYTES || oldest === key) break;
      this.#kept.delete(oldest);
      this.#bytes -= bytes.length;
    }
    return block;
  }

  async #read(dataset: LibraryDataset, start: number, end: number): Promise<Uint8Array> {
    const { path, shape, row } = dataset;
    if (row !== undefined) return readBlock(this.#file, path, [row, start], [1, end - start]);
    let direct = this.#direct.get(path);
    if (direct === undefined) {
      direct = directRows(this.#file, dataset);
      this.#direct.set(path, direct);
    }
    const rows = await direct;
    if (rows !== undefined) return rows(start, end);
    const rest = shape.slice(1);
    return readBlock(this.#file, path, [start, ...rest.map(() => 0)], [end - start, ...rest]);
  }
}

/** Bytes of blocks that are kept at most. */
const KEPT_BYTES = 8 << 20;

function placeReader(
  { rows, columns }: EventPlace,
  cache: Blocks,
  damage: ReadonlyMap<number, PlaceDamage>,
  note: (from: number, end: number, error: AppError) => void,
): TableReader {
  const blocks = new Map<string, Block>();
  const load = async (dataset: LibraryDataset, start: number, end: number): Promise<Block> => {
    const block = await cache.load(dataset, start, end);
    blocks.set(keyOf(dataset), block);
    return block;
  };
  /** The block with this row; the end of the rows that cannot be read where it cannot. */
  const blockAt = async (dataset: LibraryDataset, row: number): Promise<Block | number> => {
    const known = blocks.get(keyOf(dataset));
    if (known !== undefined && row >= known.start && row < known.end) return known;
    const size = blockRows(dataset);
    const chunk = Math.min(size, dataset.chunk?.[0] ?? size);
    const alone = Math.floor(row / chunk) * chunk;
    const start = Math.floor(row / size) * size;
    for (const [from, end] of [
      [start, Math.min(rows, start + size)],
      [alone, Math.min(rows, alone + chunk)],
    ] as const) {
      try {
        return await load(dataset, from, end);
      } catch (error) {
        if (!(error instanceof AppError) || error.code !== "damaged") throw error;
        if (from !== alone || end - from > chunk) continue;
        note(row, end, error);
        return end;
      }
    }
    return Math.min(rows, alone + chunk);
  };
  return {
    read: async (row, count, wanted) => {
      if (damage.size >= MAX_DAMAGE && !damage.has(row)) return { rows: 0, slabs: [] };
      let end = Math.min(rows, row + count);
      const slabs: Slab[] = [];
      for (const number of wanted) {
        const { dataset, kind, offset, littleEndian } = columns[number]!;
        const block = await blockAt(dataset, row);
        if (typeof block === "number") return { rows: 0, slabs: [], skipped: block - row };
        end = Math.min(end, block.end);
        const stride = rowBytes(dataset);
        slabs.push({ bytes: block.bytes, offset: offset + (row - block.start) * stride, stride, kind, littleEndian });
      }
      return { rows: end - row, slabs };
    },
  };
}
