import { baseFor, type PacketWriter } from "#shared/events/packet-writer.ts";
import { MAX_COORDINATE, MAX_PACKET_SPAN_US, packXyp, type EventPacket } from "#shared/events/packet.ts";
import type { Sensor } from "#shared/events/sensor.ts";
import { DROPPED_REASONS } from "#main/units/encodings/kernel-session.ts";
import type { Findings } from "../findings.ts";

/** Times beyond this (µs) are no times: a double holds whole microseconds up to here. */
export const MAX_TIME_US = Number.MAX_SAFE_INTEGER - 2 * MAX_PACKET_SPAN_US;

/** A block of events as four columns of numbers, before anything has been checked. Times are whole µs; `p` above 0 means ON. */
export interface EventColumns {
  readonly t: Float64Array;
  readonly x: Float64Array;
  readonly y: Float64Array;
  readonly p: Float64Array;
  count: number;
}

/** Room for so many events. */
export const eventColumns = (capacity: number): EventColumns => ({
  t: new Float64Array(capacity),
  x: new Float64Array(capacity),
  y: new Float64Array(capacity),
  p: new Float64Array(capacity),
  count: 0,
});

/** Events left out while columns were packed. */
export interface Rejected {
  outside: number;
  timeless: number;
}

/** Names of the reasons, for `Findings.dropped`. */
export const rejectedCounts = ({ outside, timeless }: Rejected): Readonly<Record<string, number>> => ({
  ...(outside > 0 ? { [DROPPED_REASONS.outside]: outside } : {}),
  ...(timeless > 0 ? { "without a usable time": timeless } : {}),
});

/** Packs events from number `from` on and answers the first that does not fit into this packet's span. */
function pack(columns: EventColumns, from: number, { width, height }: Sensor, out: PacketWriter, rejected: Rejected): number {
  const { t, x, y, p, count } = columns;
  const words = out.reserve(count - from);
  let at = out.length;
  let { t0 } = out;
  let open = at > 0;
  let outside = 0;
  let timeless = 0;
  let i = from;
  for (; i < count; i += 1) {
    const column = x[i]!;
    const row = y[i]!;
    const time = t[i]!;
    if (!(column >= 0 && column < width && row >= 0 && row < height)) {
      outside += 1;
      continue;
    }
    if (!(time >= -MAX_TIME_US && time <= MAX_TIME_US)) {
      timeless += 1;
      continue;
    }
    if (!open) {
      out.begin(baseFor(time));
      ({ t0 } = out);
      open = true;
    }
    const offset = time - t0;
    if (offset < 0 || offset > MAX_PACKET_SPAN_US) break;
    words[at] = offset;
    words[at + 1] = packXyp(column | 0, row | 0, p[i]! > 0 ? 1 : 0);
    at += 2;
  }
  out.commit(at);
  rejected.outside += outside;
  rejected.timeless += timeless;
  return i;
}

/** The block's events in packets, several only where times jump too far for one. Each is lent until the next. */
export function* packetsOf(
  columns: EventColumns,
  sensor: Sensor,
  writer: PacketWriter,
  findings: Findings,
): Generator<{ readonly packet: EventPacket; readonly last: boolean }> {
  const rejected: Rejected = { outside: 0, timeless: 0 };
  for (let from = 0; ;) {
    from = pack(columns, from, sensor, writer, rejected);
    const last = from >= columns.count;
    if (last) findings.dropped(rejectedCounts(rejected));
    yield { packet: writer.take(), last };
    if (last) return;
  }
}

/** Sensors beyond this do not fit into a packet. */
export const LARGEST_SENSOR: Sensor = { width: MAX_COORDINATE, height: MAX_COORDINATE };
