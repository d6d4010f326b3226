import { AppError } from "#shared/api/errors.ts";
import type { ByteSource } from "#main/lib/files.ts";
import type { Orientation } from "../codec.ts";
import { MAX_HEADER, parseAedatHeader, type AedatHeader } from "./header.ts";

/** These cameras count from the lower right. Polarities are turned by the decoder, as the families differ. */
export const FROM_LOWER_RIGHT: Orientation = { flipX: true, flipY: true, swapXY: false, invertP: false };

/** Files up to this size are measured on opening; larger ones get their range from an index. */
export const MEASURE_BYTES = 4 << 20;

/** Reads the header of an AEDAT 1 or 2 file. @throws AppError `empty` when there is neither a header nor a record. */
export async function readHeader(file: ByteSource, recordBytes: number): Promise<AedatHeader> {
  const head = await file.read(0, MAX_HEADER, new Uint8Array(Math.min(MAX_HEADER, file.size)));
  const header = parseAedatHeader(head, file.size, recordBytes);
  if (header.length === 0 && file.size < recordBytes) {
    throw new AppError("empty", `${file.name} is empty: it has ${file.size} bytes`, {
      hint: "The recording was stopped before the first event, or the file was cut; fetch or record it again.",
    });
  }
  return header;
}
