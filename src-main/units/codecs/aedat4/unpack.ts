import { zstdDecompressSync } from "node:zlib";
import { AppError } from "#shared/api/errors.ts";
import { contradiction } from "./flat-reader.ts";
import { LZ4_MAGIC, Lz4Decoder } from "./lz4-decode.ts";

/** First bytes of a Zstandard frame, as a little-endian number. */
export const ZSTD_MAGIC = 0xfd2f_b528;

/** Largest packet, packed or not, and how many times its size a packet may grow to. */
export const MAX_PACKET = 256 << 20;
const MAX_RATIO = 1000;
/** Memory steps of the Zstandard decoder: a usual packet in one. */
const ZSTD_STEP = 1 << 18;

/** A function that unpacks packets; what it gives is lent until the next call. The first bytes tell how a packet is packed. */
export function unpacker(): (data: Uint8Array) => Uint8Array {
  const lz4 = new Lz4Decoder();
  return (data) => {
    if (data.length < 4) throw contradiction("it is too short");
    const magic = new DataView(data.buffer, data.byteOffset).getUint32(0, true);
    const limit = Math.min(MAX_PACKET, MAX_RATIO * data.length);
    if (magic === LZ4_MAGIC) return lz4.decode(data, limit);
    if (magic !== ZSTD_MAGIC) return data;
    if (typeof zstdDecompressSync !== "function") {
      throw new AppError("unsupported", "Zstandard cannot be unpacked by this version of Node", {
        hint: "Use Node 22.15 or later, or write the recording with LZ4.",
      });
    }
    try {
      return zstdDecompressSync(data, { maxOutputLength: limit, chunkSize: ZSTD_STEP });
    } catch (error) {
      throw contradiction(`its Zstandard frame cannot be unpacked: ${error instanceof Error ? error.message : String(error)}`);
    }
  };
}
