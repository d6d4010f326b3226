import { mkdtemp, open, rm, type FileHandle } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ZipWriter } from "@zip.js/zip.js";
import type { EventSink } from "#shared/events/source.ts";
import { fileError, type ByteSink } from "#main/lib/files.ts";
import { npyHeader } from "../npy/sink.ts";

/** The arrays of an archive: name, type and bytes of a number. */
const COLUMNS = [
  { name: "t", descr: "'<i8'", bytes: 8 },
  { name: "x", descr: "'<u2'", bytes: 2 },
  { name: "y", descr: "'<u2'", bytes: 2 },
  { name: "p", descr: "'|b1'", bytes: 1 },
] as const;
const HEADER = 128;
const CHUNK = 1 << 18;

/**
 * Writes an archive with the arrays t, x, y and p, not compressed, so that it can be read from anywhere. A member has to be written
 * as a whole, so the columns wait in temporary files until the end.
 */
export async function npzSink(file: ByteSink): Promise<EventSink> {
  const folder = await mkdtemp(join(tmpdir(), "saccade-npz-"));
  const handles: FileHandle[] = [];
  try {
    for (const { name } of COLUMNS) handles.push(await open(join(folder, name), "wx+"));
  } catch (error) {
    await discard(handles, folder);
    throw fileError(error, folder, "create");
  }
  let count = 0;
  return {
    write: async ({ t0, words }) => {
      const events = words.length >>> 1;
      const parts = COLUMNS.map(({ bytes }) => new Uint8Array(bytes * events));
      const [times, columns, rows, polarities] = parts.map((part) => new DataView(part.buffer)) as [
        DataView,
        DataView,
        DataView,
        DataView,
      ];
      for (let i = 0; i < events; i += 1) {
        const t = t0 + words[2 * i]!;
        const packed = words[2 * i + 1]!;
        times.setUint32(8 * i, t >>> 0, true);
        times.setInt32(8 * i + 4, Math.floor(t / 0x1_0000_0000), true);
        columns.setUint16(2 * i, packed & 0x3fff, true);
        rows.setUint16(2 * i, (packed >>> 14) & 0x3fff, true);
        polarities.setUint8(i, packed >>> 28);
      }
      try {
        for (const [i, part] of parts.entries()) await handles[i]!.appendFile(part);
      } catch (error) {
        throw fileError(error, folder, "write");
      }
      count += events;
    },
    close: async () => {
      try {
        await writeArchive(file, handles, count);
      } finally {
        await discard(handles, folder);
      }
      await file.close();
    },
  };
}

async function writeArchive(file: ByteSink, handles: readonly FileHandle[], count: number): Promise<void> {
  const target = new WritableStream<Uint8Array>({ write: (bytes) => file.write(bytes) });
  const archive = new ZipWriter(target, { level: 0, useWebWorkers: false, extendedTimestamp: false });
  for (const [i, { name, descr, bytes }] of COLUMNS.entries()) {
    const column = ReadableStream.from(columnBytes(handles[i]!, npyHeader(descr, count, HEADER), count * bytes));
    await archive.add(`${name}.npy`, column, { dataDescriptor: true });
  }
  await archive.close();
}

/** A column's array file, in parts. */
async function* columnBytes(handle: FileHandle, header: Uint8Array, length: number): AsyncGenerator<Uint8Array> {
  yield header;
  for (let at = 0; at < length; at += CHUNK) {
    const part = new Uint8Array(Math.min(CHUNK, length - at));
    const { bytesRead } = await handle.read(part, 0, part.length, at);
    yield part.subarray(0, bytesRead);
  }
}

async function discard(handles: readonly FileHandle[], folder: string): Promise<void> {
  for (const handle of handles) await handle.close();
  await rm(folder, { recursive: true, force: true });
}
