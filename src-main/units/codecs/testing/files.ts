import type { EventPacket } from "#shared/events/packet.ts";
import type { ByteSink } from "#main/lib/files.ts";
import { rowsOf, type EventRow } from "#main/units/encodings/testing/events.ts";

/** A file in memory that is written to. */
export function memorySink(): ByteSink & { bytes(): Uint8Array } {
  let parts: Uint8Array = new Uint8Array(0);
  return {
    name: "memory",
    get position() {
      return parts.length;
    },
    write: (bytes) => {
      parts = Buffer.concat([parts, bytes]);
      return Promise.resolve();
    },
    patch: (offset, bytes) => {
      parts.set(bytes, offset);
      return Promise.resolve();
    },
    flush: () => Promise.resolve(),
    close: () => Promise.resolve(),
    bytes: () => parts,
  };
}

/** All events of a feed of packets. */
export async function rowsFrom(packets: AsyncIterable<EventPacket>): Promise<EventRow[]> {
  const rows: EventRow[] = [];
  for await (const packet of packets) for (const row of rowsOf(packet)) rows.push(row);
  return rows;
}
