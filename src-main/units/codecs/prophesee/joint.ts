import type { ByteSource } from "#main/lib/files.ts";
import { latin1 } from "../signatures.ts";
import { MAX_HEADER, MAX_LINE, parseHeader, type PropheseeHeader } from "./header.ts";

/** Keys that the first line of a header may have. */
const FIRST_KEY =
  /% (?:date|evt|format|geometry|system_ID|serial_number|plugin_name|integrator_name|camera_integrator_name|plugin_integrator_name|firmware_version|generation|sensor_generation|sensor_name|data|version|height|width|end)(?=[ \r\n])/i;

/** Bytes behind the last one to decode that have to be seen, so that no header line is decoded as words. */
export const LOOKAHEAD = MAX_LINE + 8;

/**
 * Where a second header begins in `bytes`, from `from` on; -1 when there is none. Recordings are joined with `cat`, so it may
 * begin at an odd place. Looks for the beginning of a second line (`\n% `), which words form only by rare chance, and then for
 * a known key in the line before.
 */
export function findHeader(bytes: Uint8Array, from = 0): number {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
  for (let at = buffer.indexOf("\n% ", from, "latin1"); at >= 0; at = buffer.indexOf("\n% ", at + 1, "latin1")) {
    const first = Math.max(from, at - MAX_LINE);
    const match = FIRST_KEY.exec(latin1(bytes.subarray(first, at + 1)));
    if (match !== null) return first + match.index;
  }
  return -1;
}

/** A header that begins in `bytes`, which lie at `offset` in the file: where, its bytes, and what it says. */
export async function headerIn(
  file: ByteSource,
  bytes: Uint8Array,
  offset: number,
): Promise<{ readonly at: number; readonly head: Uint8Array; readonly header: PropheseeHeader } | undefined> {
  const found = findHeader(bytes);
  if (found < 0) return undefined;
  const at = offset + found;
  const length = Math.min(MAX_HEADER, file.size - at);
  const head = await file.read(at, length, new Uint8Array(length));
  return { at, head, header: parseHeader(head) };
}
