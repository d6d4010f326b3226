import type { EventPacket } from "#shared/events/packet.ts";
import type { EventSink } from "#shared/events/source.ts";
import type { ByteSink } from "#main/lib/files.ts";

/** Bytes of the header: a multiple of 64 with room for any number of events. */
const HEADER = 192;
/** Bytes of a record: int64 t, int16 x, int16 y, bool p. */
const RECORD = 13;
const DESCR = "[('t', '<i8'), ('x', '<i2'), ('y', '<i2'), ('p', '?')]";
/** How often the number of events in the header is brought up to date, so that a crash loses little (ms). */
const FLUSH_MS = 1000;

/** A header of version 1.0 for so many elements. */
export function npyHeader(descr: string, count: number, length = HEADER): Uint8Array {
  const text = `{'descr': ${descr}, 'fortran_order': False, 'shape': (${count},), }`;
  const bytes = new Uint8Array(length).fill(0x20);
  bytes.set([0x93, ...Buffer.from("NUMPY"), 1, 0, (length - 10) & 0xff, (length - 10) >>> 8]);
  bytes.set(Buffer.from(text, "latin1"), 10);
  bytes[length - 1] = 0x0a;
  return bytes;
}

/** Writes a structured array with the names and types that tonic uses. */
export async function npySink(file: ByteSink): Promise<EventSink> {
  const start = file.position;
  await file.write(npyHeader(DESCR, 0));
  let count = 0;
  let buffer = new Uint8Array(0);
  let flushed = Date.now();
  const settle = (): Promise<void> => file.patch(start, npyHeader(DESCR, count));
  return {
    write: async (packet) => {
      const events = packet.words.length >>> 1;
      if (buffer.length < RECORD * events) buffer = new Uint8Array(2 * RECORD * events);
      fillRecords(packet, buffer);
      await file.write(buffer.subarray(0, RECORD * events));
      count += events;
      if (Date.now() - flushed < FLUSH_MS) return;
      flushed = Date.now();
      await settle();
      await file.flush();
    },
    close: async () => {
      await settle();
      await file.close();
    },
  };
}

function fillRecords({ t0, words }: EventPacket, out: Uint8Array): void {
  const view = new DataView(out.buffer);
  for (let i = 0, at = 0; i < words.length; i += 2, at += RECORD) {
    const t = t0 + words[i]!;
    const packed = words[i + 1]!;
    view.setUint32(at, t >>> 0, true);
    view.setInt32(at + 4, Math.floor(t / 0x1_0000_0000), true);
    view.setUint16(at + 8, packed & 0x3fff, true);
    view.setUint16(at + 10, (packed >>> 14) & 0x3fff, true);
    out[at + 12] = packed >>> 28;
  }
}
