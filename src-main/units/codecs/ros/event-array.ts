import type { EventColumns } from "../tables/columns.ts";
import { eventColumns } from "../tables/columns.ts";
import { FieldReader, type Serialization } from "./fields.ts";

/** Bytes of an event in ROS 1: two coordinates, seconds, nanoseconds, polarity. */
const EVENT = 13;

/** The head of a message with events as records. */
export interface EventArrayHead {
  readonly width: number;
  readonly height: number;
  readonly count: number;
}

/** Reads what stands in front of the events. */
export function eventArrayHead(fields: FieldReader): EventArrayHead {
  fields.header();
  const height = fields.u32();
  const width = fields.u32();
  return { height, width, count: fields.u32() };
}

/** The events of a message in columns, which grow when they have to; fewer than it announces when it is cut. */
export function readEventArray(
  bytes: Uint8Array,
  serialization: Serialization,
  reuse: EventColumns,
): { readonly head: EventArrayHead; readonly columns: EventColumns } {
  const fields = new FieldReader(bytes, serialization);
  const head = eventArrayHead(fields);
  const { view, from, origin } = fields.rest();
  const count = Math.min(head.count, Math.ceil((bytes.length - from) / EVENT));
  const columns = reuse.t.length >= count ? reuse : eventColumns(2 * count);
  const { t, x, y, p } = columns;
  const cdr = serialization === "cdr";
  const { little } = fields;
  const end = bytes.length;
  let at = from;
  let i = 0;
  for (; i < count; i += 1) {
    if (cdr) at += (at - origin) & 1;
    let clock = at + 4;
    if (cdr) clock += (4 - ((clock - origin) & 3)) & 3;
    if (clock + 9 > end) break;
    x[i] = view.getUint16(at, little);
    y[i] = view.getUint16(at + 2, little);
    const seconds = cdr ? view.getInt32(clock, little) : view.getUint32(clock, little);
    t[i] = seconds * 1e6 + Math.floor(view.getUint32(clock + 4, little) / 1000);
    p[i] = view.getUint8(clock + 8);
    at = clock + 9;
  }
  columns.count = i;
  return { head, columns };
}
