import { AppError } from "#shared/api/errors.ts";
import type { ByteSource } from "#main/lib/files.ts";
import { contradiction, FlatReader } from "./flat-reader.ts";
import { streamsOf, type StreamDescription } from "./info-node.ts";

/** First bytes of every AEDAT 4 file; a newer minor version may only add. */
export const MAGIC = "#!AER-DAT4.0\r\n";
const MAX_HEADER = 1 << 20;

/** What stands before the packets. */
export interface Aedat4Header {
  readonly compression: number;
  /** Where the data table lies; -1 when the recorder did not come to its end. */
  readonly tableAt: number;
  readonly streams: readonly StreamDescription[];
  /** Where the first packet begins. */
  readonly length: number;
  /** Why nothing could be learned from it. */
  readonly damage?: string;
}

/** Reads the header; a damaged one costs what it says, not the packets behind it. @throws AppError `empty` */
export async function readHeader(file: ByteSource): Promise<Aedat4Header> {
  const start = await file.read(0, MAGIC.length + 4, new Uint8Array(Math.min(file.size, MAGIC.length + 4)));
  const unknown = { compression: 0, tableAt: -1, streams: [], length: start.length };
  if (start.length < MAGIC.length + 4) {
    throw new AppError("empty", `${file.name} has ${file.size} bytes: it ends inside its header`, {
      hint: "The recording was stopped before the first event, or the file was cut; fetch or record it again.",
    });
  }
  const length = new DataView(start.buffer, start.byteOffset).getUint32(MAGIC.length, true);
  try {
    if (length > MAX_HEADER) throw contradiction(`it says ${length} bytes`);
    const block = await file.read(MAGIC.length, 4 + length, new Uint8Array(Math.min(4 + length, file.size - MAGIC.length)));
    const flat = new FlatReader(block);
    if (flat.identifier !== "IOHE") throw contradiction(`it is marked “${flat.identifier}”`);
    const root = flat.root();
    return {
      compression: flat.int32(root, 0),
      tableAt: flat.int64(root, 1, -1),
      streams: streamsOf(flat.text(root, 2)),
      length: MAGIC.length + 4 + length,
    };
  } catch (error) {
    if (error instanceof AppError && error.code === "damaged") return { ...unknown, damage: error.message };
    throw error;
  }
}
