import { AppError } from "#shared/api/errors.ts";
import type { ByteSource } from "#main/lib/files.ts";
import type { IndexEntry } from "../codec.ts";
import { FlatReader } from "./flat-reader.ts";
import type { Aedat4Header } from "./header.ts";
import { unpacker } from "./unpack.ts";

const HEADER = 8;
const MAX_TABLE = 64 << 20;
/** Entries that are compared with the packets they speak of. */
const PROBES = 64;

/** What the data table says of one packet. */
interface TableRow {
  /** Where the packet's header lies. */
  readonly offset: number;
  readonly stream: number;
  readonly size: number;
  readonly count: number;
  readonly start: number;
  readonly end: number;
}

function rowsOf(block: Uint8Array): readonly TableRow[] {
  const flat = new FlatReader(block);
  if (flat.identifier !== "FTAB") return [];
  const view = new DataView(flat.bytes.buffer, flat.bytes.byteOffset, flat.bytes.length);
  return flat.tables(flat.root(), 0).map((table) => {
    const info = flat.field(table, 1, 8);
    return {
      offset: flat.int64(table, 0) - HEADER, // the table counts from behind the header
      stream: info === undefined ? -1 : view.getInt32(info, true),
      size: info === undefined ? -1 : view.getInt32(info + 4, true),
      count: flat.int64(table, 2),
      start: flat.int64(table, 3),
      end: flat.int64(table, 4),
    };
  });
}

/** Whether rows lie in the order of the file, and those looked at agree with the packets. */
async function agree(file: ByteSource, header: Aedat4Header, rows: readonly TableRow[]): Promise<boolean> {
  let end = header.length;
  for (const { offset, size } of rows) {
    if (offset !== end || size < 0) return false;
    end = offset + HEADER + size;
  }
  if (end !== header.tableAt) return false;
  const step = Math.max(1, Math.floor(rows.length / PROBES));
  for (let i = 0; i < rows.length; i += step) {
    const { offset, stream, size } = rows[i]!;
    const bytes = await file.read(offset, HEADER);
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
    if (view.getInt32(0, true) !== stream || view.getInt32(4, true) !== size) return false;
  }
  return true;
}

/**
 * An index of the events of one stream from the data table, for files that are too large to be read on opening. Nothing when there
 * is no table, or one that does not agree with the file: recorders are killed, and tools trim.
 */
export async function indexFromTable(
  file: ByteSource,
  header: Aedat4Header,
  stream: number,
): Promise<readonly IndexEntry[] | undefined> {
  const { tableAt } = header;
  if (tableAt < header.length || tableAt >= file.size || file.size - tableAt > MAX_TABLE) return undefined;
  let rows: readonly TableRow[];
  try {
    rows = rowsOf(unpacker()(await file.read(tableAt, file.size - tableAt, new Uint8Array(file.size - tableAt))));
  } catch (error) {
    if (error instanceof AppError && error.code === "damaged") return undefined;
    throw error;
  }
  if (!(await agree(file, header, rows))) return undefined;
  const ours = rows.filter((row) => row.stream === stream && row.count > 0);
  let before = 0;
  for (const { start, end } of ours) {
    if (start <= 0 || end < start || start < before || !Number.isSafeInteger(end)) return undefined;
    before = start;
  }
  const last = ours.at(-1);
  if (last === undefined) return undefined;
  const end = { t: last.end + 1, offset: file.size, state: {} };
  return [...ours.map(({ offset, start }) => ({ t: start, offset, state: {} })), end];
}
