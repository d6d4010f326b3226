import { SLACK_US, baseFor, type PacketWriter } from "#shared/events/packet-writer.ts";
import { MAX_PACKET_SPAN_US } from "#shared/events/packet.ts";
import type { Sensor } from "#shared/events/sensor.ts";

/** Events as columns; times are µs, polarities 1 = ON, coordinates may lie anywhere. */
export interface Rows {
  readonly count: number;
  readonly t: Float64Array;
  readonly x: Int32Array;
  readonly y: Int32Array;
  readonly p: Int32Array;
}

/** Columns for so many events. */
export const emptyRows = (count: number): Rows => ({
  count,
  t: new Float64Array(count),
  x: new Int32Array(count),
  y: new Int32Array(count),
  p: new Int32Array(count),
});

/** Why events were left out. */
export interface Left {
  outside: number;
  timeless: number;
}

/**
 * Puts events from `from` on into an empty packet until one does not fit any more: the time fell by more than a packet tolerates, or
 * is too far from its start. Answers the number of the next event.
 */
export function packRows(rows: Rows, from: number, sensor: Sensor, writer: PacketWriter, left: Left): number {
  const { count, t, x, y, p } = rows;
  const { width, height } = sensor;
  let i = from;
  while (i < count && !(Math.abs(t[i]!) <= Number.MAX_SAFE_INTEGER)) i += 1;
  left.timeless += i - from;
  if (i >= count) return count;
  const t0 = baseFor(t[i]!);
  writer.begin(t0);
  const words = writer.reserve(count - i);
  let length = 0;
  let last = t[i]!;
  for (; i < count; i += 1) {
    const time = t[i]!;
    const offset = time - t0;
    if (!(offset >= 0 && offset <= MAX_PACKET_SPAN_US) || last - time > SLACK_US) {
      if (Math.abs(time) <= Number.MAX_SAFE_INTEGER) break;
      left.timeless += 1;
      continue;
    }
    last = time;
    const column = x[i]!;
    const row = y[i]!;
    if (column >= 0 && column < width && row >= 0 && row < height) {
      words[length] = offset;
      words[length + 1] = (p[i]! << 28) | (row << 14) | column;
      length += 2;
    } else left.outside += 1;
  }
  writer.commit(length);
  return i;
}

/** Takes the events beyond the sensor out of `words`, in place. Answers how many are left. */
export function keepInside(words: Uint32Array, count: number, { width, height }: Sensor): number {
  const end = 2 * count;
  let from = 1;
  while (from < end && (words[from]! & 0x3fff) < width && ((words[from]! >>> 14) & 0x3fff) < height) from += 2;
  let length = from - 1;
  for (let i = from; i < end; i += 2) {
    const word = words[i]!;
    if ((word & 0x3fff) >= width || ((word >>> 14) & 0x3fff) >= height) continue;
    words[length] = words[i - 1]!;
    words[length + 1] = word;
    length += 2;
  }
  return length >>> 1;
}
