import { CLOCK_RESET_CHANNEL, type Frame, type ImuSample, type Trigger } from "#shared/events/beside.ts";
import { FlatWriter, TableShape } from "./flat-writer.ts";

/* The FlatBuffers of AEDAT 4 as they are written: https://gitlab.com/inivation/dv/dv-runtime, folder of the data types. */

/** How an AEDAT 4 file and its packets are packed. */
export const COMPRESSION_LZ4 = 1;

const HEADER = new TableShape([4, 8, 4]);
const LIST = new TableShape([4]);
const FRAME = new TableShape([8, 8, 8, 8, 8, 1, 2, 2, 2, 2, 4]);
const IMU = new TableShape([8, 4, 4, 4, 4, 4, 4, 4, 4, 4, 4]);
const TRIGGER = new TableShape([8, 1]);
const ROW = new TableShape([8, 8, 8, 8, 8]);

/** The header, and where in it the place of the data table has to be filled in. */
export function headerBlock(infoNode: string): { readonly bytes: Uint8Array; readonly tableFieldAt: number } {
  const flat = new FlatWriter("IOHE", 2 * infoNode.length);
  const [compression = 0, tableAt = 0, info = 0] = flat.root(HEADER);
  flat.view.setInt32(compression, COMPRESSION_LZ4, true);
  flat.int64(tableAt, -1);
  flat.text(info, infoNode);
  return { bytes: flat.finish(), tableFieldAt: tableAt };
}

/** Event structs as a packet. */
export function eventsBlock(structs: Uint8Array): Uint8Array {
  const flat = new FlatWriter("EVTS", structs.length + 64);
  const [list = 0] = flat.root(LIST);
  flat.put(list, structs, 16);
  return flat.finish();
}

/** Tables of one shape as a list. */
function listBlock(
  identifier: string,
  shape: TableShape,
  count: number,
  fill: (flat: FlatWriter, at: readonly number[], i: number) => void,
) {
  const flat = new FlatWriter(identifier, 128 + count * (shape.tableBytes + 12));
  const [list = 0] = flat.root(LIST);
  const offsets = flat.vector(list, count, 4);
  const fields = flat.fields(shape);
  for (let i = 0; i < count; i += 1) fill(flat, flat.table(shape, fields, offsets + 4 * i), i);
  return flat.finish();
}

/** Kinds of external edges: of the input, and of the camera's own generator (channel 1). */
const kindOf = ({ channel, value }: Trigger): number =>
  channel === CLOCK_RESET_CHANNEL ? 0 : (channel === 1 ? 4 : 1) + (value === 0 ? 1 : 0);

/** External edges as a packet. */
export const triggersBlock = (triggers: readonly Trigger[]): Uint8Array =>
  listBlock("TRIG", TRIGGER, triggers.length, (flat, at, i) => {
    flat.int64(at[0]!, triggers[i]!.t);
    flat.view.setInt8(at[1]!, kindOf(triggers[i]!));
  });

/** Inertial readings as a packet. */
export const imuBlock = (samples: readonly ImuSample[]): Uint8Array =>
  listBlock("IMUS", IMU, samples.length, (flat, at, i) => {
    const { t, temperature, acceleration, rotation, magneticField = [0, 0, 0] } = samples[i]!;
    flat.int64(at[0]!, t);
    [temperature, ...acceleration, ...rotation, ...magneticField].forEach((value, field) => {
      flat.view.setFloat32(at[field + 1]!, value, true);
    });
  });

/** A frame as a packet. Spans that are not known are left at -1. */
export function frameBlock(frame: Frame): Uint8Array {
  const { t, exposure, readout, width, height, offset, channels, pixels } = frame;
  const flat = new FlatWriter("FRME", pixels.byteLength + 256);
  const at = flat.root(FRAME);
  const none = { start: -1, end: -1 };
  const { start, end } = readout ?? none;
  const open = exposure ?? none;
  [t, start, end, open.start, open.end].forEach((time, field) => flat.int64(at[field]!, time));
  const depth = pixels instanceof Uint16Array ? 2 : 0;
  flat.view.setInt8(at[5]!, depth | ((channels - 1) << 3));
  [width, height, offset.x, offset.y].forEach((value, field) => flat.view.setInt16(at[6 + field]!, value, true));
  flat.put(at[10]!, new Uint8Array(pixels.buffer, pixels.byteOffset, pixels.byteLength));
  return flat.finish();
}

/** What the data table says of a packet. */
export interface TableRow {
  /** Where its data begins, behind the packet's header. */
  readonly offset: number;
  readonly stream: number;
  readonly size: number;
  readonly count: number;
  readonly start: number;
  readonly end: number;
}

/** The data table. */
export const tableBlock = (count: number, rowAt: (i: number) => TableRow): Uint8Array =>
  listBlock("FTAB", ROW, count, (flat, at, i) => {
    const row = rowAt(i);
    flat.int64(at[0]!, row.offset);
    flat.view.setInt32(at[1]!, row.stream, true);
    flat.view.setInt32(at[1]! + 4, row.size, true);
    flat.int64(at[2]!, row.count);
    flat.int64(at[3]!, row.start);
    flat.int64(at[4]!, row.end);
  });
