import { PacketWriter } from "#shared/events/packet-writer.ts";
import { packXyp, type EventPacket } from "#shared/events/packet.ts";
import type { Sensor } from "#shared/events/sensor.ts";
import type { Decoder } from "../encoding.ts";

/** An event as tests write it. */
export type EventRow = readonly [t: number, x: number, y: number, p: number];

/** The events of a packet as rows. */
export function rowsOf({ t0, words }: EventPacket): EventRow[] {
  const rows: EventRow[] = [];
  for (let i = 0; i < words.length; i += 2) {
    const packed = words[i + 1]!;
    rows.push([t0 + words[i]!, packed & 0x3fff, (packed >>> 14) & 0x3fff, packed >>> 28]);
  }
  return rows;
}

/** A packet of rows whose times do not lie below `t0`. */
export function packetOf(rows: readonly EventRow[], t0 = Math.max(0, Math.min(...rows.map(([t]) => t)))): EventPacket {
  const base = rows.length === 0 ? 0 : t0;
  return { t0: base, words: Uint32Array.from(rows.flatMap(([t, x, y, p]) => [t - base, packXyp(x, y, p)])) };
}

/** All events of these bytes, which are handed over in the pieces of `cuts` (places in the bytes, rising). */
export function decodeAll(decoder: Decoder, bytes: Uint8Array, cuts: readonly number[] = []): EventRow[] {
  const writer = new PacketWriter(16);
  const rows: EventRow[] = [];
  const ends = [...cuts, bytes.length];
  let from = 0;
  for (const end of ends) {
    let rest = bytes.subarray(from, end);
    for (let turns = 0; rest.length > 0; turns += 1) {
      if (turns > 2 * bytes.length + 8) throw new Error("the decoder does not come to an end");
      rest = rest.subarray(decoder.decode(rest, writer));
      for (const row of rowsOf(writer.take())) rows.push(row);
    }
    from = end;
  }
  return rows;
}

/** Rising random places in `length` bytes. */
export const randomCuts = (random: () => number, length: number, count: number): number[] =>
  Array.from({ length: count }, () => Math.floor(random() * (length + 1))).sort((a, b) => a - b);

/** A plausible stream: rows with gaps, bursts, both polarities, times that rise and now and then step back a little. */
export function randomEvents(random: () => number, count: number, { width, height }: Sensor, stepBack = 0): EventRow[] {
  const rows: EventRow[] = [];
  let t = Math.floor(random() * 100_000);
  while (rows.length < count) {
    const step = random();
    if (step < 0.002) t += Math.floor(random() * 3_000_000);
    else if (step < 0.5) t += Math.floor(random() * 60);
    else if (step > 1 - stepBack) t = Math.max(0, t - Math.floor(random() * 11));
    const y = Math.floor(random() * height);
    const p = random() < 0.5 ? 0 : 1;
    let x = Math.floor(random() * width);
    const run = random() < 0.3 ? 1 + Math.floor(random() * 20) : 1;
    for (let i = 0; i < run && x < width && rows.length < count; i += 1, x += 1 + Math.floor(random() * 3))
      rows.push([t, x, y, p]);
  }
  return rows;
}
