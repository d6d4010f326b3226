import type { Trigger } from "#shared/events/beside.ts";
import { eventColumns, type EventColumns } from "../tables/columns.ts";
import { FieldReader, type Serialization } from "./fields.ts";

/** A message of event_camera_msgs/EventPacket; `events` is a view on its bytes. */
export interface RosEventPacket {
  /** ROS time of the packet, µs. */
  readonly stamp: number;
  readonly width: number;
  readonly height: number;
  readonly seq: number;
  /** Nanoseconds from which times count. */
  readonly timeBase: bigint;
  readonly encoding: string;
  readonly little: boolean;
  readonly events: Uint8Array;
}

/** Reads a message's fields in place. */
export function readEventPacket(bytes: Uint8Array, serialization: Serialization): RosEventPacket {
  const fields = new FieldReader(bytes, serialization);
  const stamp = fields.header();
  const height = fields.u32();
  const width = fields.u32();
  const seq = Number(fields.u64());
  const timeBase = fields.u64();
  const encoding = fields.text();
  const little = fields.u8() === 0;
  return { stamp, width, height, seq, timeBase, encoding, little, events: fields.sequence() };
}

/** A function that turns a packet's bytes into columns: encodings that begin anew with each message. */
export type PacketColumns = (packet: RosEventPacket, reuse: EventColumns) => EventColumns;

const room = (reuse: EventColumns, count: number): EventColumns => (reuse.t.length >= count ? reuse : eventColumns(2 * count));

/** Whole µs of the base, and the nanoseconds beyond them. */
const baseOf = (timeBase: bigint): readonly [us: number, ns: number] => [Number(timeBase / 1000n), Number(timeBase % 1000n)];

const viewOf = (bytes: Uint8Array): DataView => new DataView(bytes.buffer, bytes.byteOffset, bytes.length);

/** 64 bits an event: nanoseconds since the base, x, y, polarity. */
function mono(packet: RosEventPacket, reuse: EventColumns): EventColumns {
  const { events, little } = packet;
  const count = events.length >>> 3;
  const columns = room(reuse, count);
  const { t, x, y, p } = columns;
  const view = viewOf(events);
  const [us, ns] = baseOf(packet.timeBase);
  for (let i = 0; i < count; i += 1) {
    const low = view.getUint32(8 * i + (little ? 0 : 4), little);
    const high = view.getUint32(8 * i + (little ? 4 : 0), little);
    t[i] = us + Math.floor((ns + low) / 1000);
    x[i] = high & 0xffff;
    y[i] = (high >>> 16) & 0x7fff;
    p[i] = high >>> 31;
  }
  columns.count = count;
  return columns;
}

/** libcaer's polarity events: valid, polarity, 15 bits of y and of x; then µs in 31 bits since the base. */
function libcaer(packet: RosEventPacket, reuse: EventColumns): EventColumns {
  const count = packet.events.length >>> 3;
  const columns = room(reuse, count);
  const { t, x, y, p } = columns;
  const view = viewOf(packet.events);
  const [us] = baseOf(packet.timeBase);
  let turns = 0;
  let last = 0;
  for (let i = 0; i < count; i += 1) {
    const data = view.getUint32(8 * i, true);
    const time = view.getUint32(8 * i + 4, true) & 0x7fff_ffff;
    if (last - time > 0x4000_0000) turns += 1;
    last = time;
    t[i] = us + turns * 0x8000_0000 + time;
    x[i] = data >>> 17;
    y[i] = (data >>> 2) & 0x7fff;
    p[i] = (data >>> 1) & 1;
  }
  columns.count = count;
  return columns;
}

/** Words of 16 bits: times, a column, then rows of it, single or in eights. Each message begins anew. */
function libcaerCompressed(packet: RosEventPacket, reuse: EventColumns): EventColumns {
  const words = packet.events.length >>> 1;
  const columns = room(reuse, 8 * words);
  const { t, x, y, p } = columns;
  const view = viewOf(packet.events);
  const [us] = baseOf(packet.timeBase);
  let [high, low, column, row, polarity, count] = [0, 0, 0, 0, 0, 0];
  for (let i = 0; i < words; i += 1) {
    const word = view.getUint16(2 * i, true);
    const value = word & 0xfff;
    const code = word >>> 12;
    if (code === 0) high = value << 12;
    else if (code === 1) low = value;
    else if (code === 2) column = value & 0x7ff;
    else if (code === 3) {
      t[count] = us + high + low;
      x[count] = column;
      y[count] = value & 0x7ff;
      p[count] = value >>> 11;
      count += 1;
    } else if (code === 4) {
      row = value & 0x7ff;
      polarity = value >>> 11;
    } else if (code === 5) {
      for (let bit = 0; bit < 8; bit += 1) {
        if (((value >>> bit) & 1) === 0) continue;
        t[count] = us + high + low;
        x[count] = column;
        y[count] = row + bit;
        p[count] = polarity;
        count += 1;
      }
      row += 8;
    }
  }
  columns.count = count;
  return columns;
}

/** Encodings without a state between messages, by their names. */
export const packetColumns: Readonly<Record<string, PacketColumns>> = { mono, libcaer, libcaer_cmp: libcaerCompressed };

/** Encodings whose state goes on from message to message: the ids they have here. */
export const streamEncodings: Readonly<Record<string, string>> = { evt3: "evt3", evt2: "evt2", evt21: "evt21" };

/** The edges of a packet in the encoding `trigger`. */
export function triggersOf({ events, little, timeBase }: RosEventPacket): Trigger[] {
  const view = viewOf(events);
  const [us, ns] = baseOf(timeBase);
  return Array.from({ length: events.length >>> 3 }, (_, i) => {
    const low = view.getUint32(8 * i + (little ? 0 : 4), little);
    const high = view.getUint32(8 * i + (little ? 4 : 0), little);
    return { t: us + Math.floor((ns + low) / 1000), channel: (high >>> 16) & 0x7fff, value: high >>> 31 };
  });
}
