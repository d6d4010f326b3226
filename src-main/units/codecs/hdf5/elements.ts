import { inflateSync } from "node:zlib";
import { AppError } from "#shared/api/errors.ts";
import type { ByteSource } from "#main/lib/files.ts";
import { pieceOf } from "./bytes.ts";
import type { Chunk } from "./chunks.ts";
import type { Dataset, Filter } from "./dataset.ts";

/** Filters that this reader undoes by itself. */
export const DEFLATE = 1;
export const SHUFFLE = 2;

/** Whether all filters of a data set can be undone here. */
export const isPlain = ({ filters }: Dataset): boolean => filters.every(({ id }) => id === DEFLATE || id === SHUFFLE);

/** A larger chunk than this is not unpacked. */
const MAX_CHUNK_BYTES = 256 << 20;

/** The elements of a chunk as they lie in memory, filters undone; may be fewer than a whole chunk. */
export async function chunkBytes(file: ByteSource, { type, layout, filters }: Dataset, chunk: Chunk): Promise<Uint8Array> {
  const rows = layout.kind === "chunked" ? (layout.chunk[0] ?? 0) : 0;
  const full = rows * type.bytes;
  if (full > MAX_CHUNK_BYTES || chunk.bytes > MAX_CHUNK_BYTES) {
    throw new AppError("unsupported", `${file.name} holds chunks of ${full} bytes, more than are unpacked at once`, {
      hint: "Rewrite it with smaller chunks, for example with h5repack.",
    });
  }
  let { bytes } = await pieceOf(file, chunk.offset, chunk.bytes);
  for (let i = filters.length - 1; i >= 0; i -= 1) {
    if ((chunk.filterMask & (1 << i)) === 0) bytes = undo(filters[i]!, bytes, full, file.name);
  }
  return bytes.length > full ? bytes.subarray(0, full) : bytes;
}

function undo({ id, values }: Filter, bytes: Uint8Array, full: number, name: string): Uint8Array {
  if (id === SHUFFLE) return unshuffled(bytes, values[0] ?? 1);
  try {
    return inflateSync(bytes, { maxOutputLength: full + 1 });
  } catch (error) {
    throw new AppError("damaged", `${name} is damaged: a chunk cannot be unpacked`, { cause: error });
  }
}

/** Bytes of elements that were stored as all first bytes, all second bytes, and so on. */
export function unshuffled(bytes: Uint8Array, width: number): Uint8Array {
  if (width <= 1) return bytes;
  const count = Math.floor(bytes.length / width);
  const out = new Uint8Array(bytes.length);
  for (let k = 0; k < width; k += 1) for (let i = 0, at = k * count; i < count; i += 1) out[i * width + k] = bytes[at + i]!;
  out.set(bytes.subarray(count * width), count * width);
  return out;
}
