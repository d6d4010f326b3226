import type { PacketWriter } from "#shared/events/packet-writer.ts";
import type { EventPacket } from "#shared/events/packet.ts";

/**
 * Makes room in `out` for all events of `input`, on the input's base time where `out` is still empty.
 * @returns what to add to the input's time offsets, so that they count from the base time of `out`.
 */
export function startAppending(input: EventPacket, out: PacketWriter): number {
  if (out.count === 0) out.begin(input.t0);
  out.reserve(input.words.length >>> 1);
  return input.t0 - out.t0;
}
