import { promisify } from "node:util";
import { inflate } from "node:zlib";
import { AppError } from "#shared/api/errors.ts";
import type { ByteSource } from "#main/lib/files.ts";
import { damagedAt, pieceOf } from "./bytes.ts";
import { chunksOf, type Chunk } from "./chunks.ts";
import { datasetAt, type Dataset } from "./dataset.ts";
import { DEFLATE, isPlain, unshuffled } from "./elements.ts";
import { resolvePath } from "./groups.ts";
import type { LibraryDataset } from "./library-messages.ts";
import { rootOf } from "./superblock.ts";

const inflated = promisify(inflate);

/** Elements of a list from one number to another. */
export type ReadRows = (start: number, end: number) => Promise<Uint8Array>;

/**
 * Reads a one-dimensional list without the library where its chunks are packed with gzip or not at all and lie in a tree of the old
 * kind: several chunks are then unpacked at once by the system's zlib. `undefined` for every other data set.
 */
export async function directRows(file: ByteSource, { path, shape, bytes }: LibraryDataset): Promise<ReadRows | undefined> {
  if (shape.length !== 1) return undefined;
  try {
    const address = await resolvePath(file, await rootOf(file), path.slice(1));
    const data = address === undefined ? undefined : await datasetAt(file, address);
    if (data?.layout.kind !== "chunked" || data.layout.chunk.length !== 1 || !isPlain(data)) return undefined;
    const rows = data.layout.chunk[0]!;
    if (rows === 0 || data.dims[0] !== shape[0] || data.type.bytes !== bytes || rows * bytes > MAX_CHUNK_BYTES) return undefined;
    const { chunks, damage } = await chunksOf(file, data.layout.tree);
    if (damage.length > 0) return undefined;
    return rowsFrom(file, data, rows, new Map(chunks.map((chunk) => [chunk.first, chunk])));
  } catch (error) {
    if (error instanceof AppError && (error.code === "unsupported" || error.code === "damaged")) return undefined; // the library may know more
    throw error;
  }
}

/** Larger chunks are left to the library, which knows how to refuse them. */
const MAX_CHUNK_BYTES = 32 << 20;

function rowsFrom(file: ByteSource, data: Dataset, rows: number, chunks: ReadonlyMap<number, Chunk>): ReadRows {
  const width = data.type.bytes;
  return async (start, end) => {
    const out = new Uint8Array((end - start) * width);
    const parts: Promise<void>[] = [];
    for (let first = Math.floor(start / rows) * rows; first < end; first += rows) {
      const chunk = chunks.get(first);
      if (chunk === undefined) continue; // never written: zeros, as the library gives
      const [from, to] = [Math.max(start, first), Math.min(end, first + rows)];
      const put = async (): Promise<void> => {
        const elements = await unpacked(file, data, chunk, rows * width);
        out.set(elements.subarray((from - first) * width, (to - first) * width), (from - start) * width);
      };
      parts.push(put());
    }
    const failed = (await Promise.allSettled(parts)).find(({ status }) => status === "rejected");
    if (failed?.status === "rejected") throw failed.reason as Error;
    return out;
  };
}

async function unpacked(file: ByteSource, { filters }: Dataset, chunk: Chunk, full: number): Promise<Uint8Array> {
  let { bytes }: { bytes: Uint8Array } = await pieceOf(file, chunk.offset, chunk.bytes);
  for (let i = filters.length - 1; i >= 0; i -= 1) {
    if ((chunk.filterMask & (1 << i)) !== 0) continue;
    const { id, values } = filters[i]!;
    if (id !== DEFLATE) bytes = unshuffled(bytes, values[0] ?? 1);
    else {
      try {
        bytes = await inflated(bytes, { maxOutputLength: full + 1 });
      } catch {
        throw damagedAt(file.name, chunk.offset, "a chunk cannot be unpacked");
      }
    }
  }
  if (bytes.length !== full) throw damagedAt(file.name, chunk.offset, `a chunk has ${bytes.length} of its ${full} bytes`);
  return bytes;
}
