import type { Frame, ImuSample, Trigger } from "#shared/events/beside.ts";
import { contradiction, type FlatReader } from "./flat-reader.ts";

/** OpenCV's names for the kind of a picture's values (type & 7). */
const DEPTHS: Readonly<Record<number, { readonly bytes: number }>> = { 0: { bytes: 1 }, 2: { bytes: 2 }, 5: { bytes: 4 } };
const FLOAT = 5;
const MAX_PIXELS = 64 << 20;

const isTime = (t: number): boolean => Number.isSafeInteger(t) && t >= 0;

/** A time that can be one. */
function timeOf(t: number): number {
  if (!isTime(t)) throw contradiction(`it gives ${t} µs as its time`);
  return t;
}

/** A span of the fields `first` and `first + 1`; `undefined` where they are not known. */
function spanOf(flat: FlatReader, table: number, first: number): { readonly start: number; readonly end: number } | undefined {
  const start = flat.int64(table, first, -1);
  const end = flat.int64(table, first + 1, -1);
  return isTime(start) && isTime(end) && start > 0 && end >= start ? { start, end } : undefined;
}

/** The frame of a packet; a text where it is of a kind that is not read. */
export function frameOf(flat: FlatReader): Frame | string {
  const root = flat.root();
  const format = flat.int8(root, 5);
  const width = flat.int16(root, 6);
  const height = flat.int16(root, 7);
  const depth = DEPTHS[format & 7];
  const channels = (format >> 3) + 1;
  if (depth === undefined || (channels !== 1 && channels !== 3 && channels !== 4)) return `frames of format ${format}`;
  if (width <= 0 || height <= 0 || width * height > MAX_PIXELS) throw contradiction(`its frame has ${width}×${height} pixels`);
  const { at, count } = flat.vector(root, 10, 1);
  if (count !== width * height * channels * depth.bytes)
    throw contradiction(`its frame of ${width}×${height} has ${count} bytes`);
  const exposure = spanOf(flat, root, 3);
  const readout = spanOf(flat, root, 1);
  return {
    t: timeOf(flat.int64(root, 0)),
    ...(exposure === undefined ? {} : { exposure }),
    ...(readout === undefined ? {} : { readout }),
    width,
    height,
    offset: { x: flat.int16(root, 8), y: flat.int16(root, 9) },
    channels,
    pixels: pixelsOf(flat.bytes.slice(at, at + count), format & 7),
  };
}

/** Values of 8 bits as they are, of 16 bits as they are, floats of 0 to 1 spread over 16 bits. */
function pixelsOf(bytes: Uint8Array, depth: number): Uint8Array | Uint16Array {
  if (depth === 0) return bytes;
  if (depth !== FLOAT) return new Uint16Array(bytes.buffer);
  return Uint16Array.from(new Float32Array(bytes.buffer), (value) => Math.round(0xffff * Math.min(1, Math.max(0, value || 0))));
}

/** The inertial readings of a packet. */
export function imuOf(flat: FlatReader): readonly ImuSample[] {
  return flat.tables(flat.root(), 0).map((table): ImuSample => {
    const three = (first: number): readonly [number, number, number] => [
      flat.float(table, first),
      flat.float(table, first + 1),
      flat.float(table, first + 2),
    ];
    const magneticField = three(8);
    return {
      t: timeOf(flat.int64(table, 0)),
      temperature: flat.float(table, 1),
      acceleration: three(2),
      rotation: three(5),
      ...(magneticField.some((value) => value !== 0) ? { magneticField } : {}),
    };
  });
}

/** External edges by kind: from the input on channel 0, from the camera's own generator on channel 1. A pulse is told by its start. */
const EDGES: Readonly<Record<number, Pick<Trigger, "channel" | "value">>> = {
  1: { channel: 0, value: 1 },
  2: { channel: 0, value: 0 },
  3: { channel: 0, value: 1 },
  4: { channel: 1, value: 1 },
  5: { channel: 1, value: 0 },
};
const CLOCK_RESET = 0;

/** What a packet of triggers holds. */
export interface TriggerContents {
  readonly triggers: readonly Trigger[];
  /** Signals that come with each frame and repeat its times. */
  readonly frameSignals: number;
  readonly clockResets: number;
}

/** Sorts the triggers of a packet by their kind. */
export function triggersOf(flat: FlatReader): TriggerContents {
  const triggers: Trigger[] = [];
  let frameSignals = 0;
  let clockResets = 0;
  for (const table of flat.tables(flat.root(), 0)) {
    const kind = flat.int8(table, 1);
    const edge = EDGES[kind];
    if (edge !== undefined) triggers.push({ t: timeOf(flat.int64(table, 0)), ...edge });
    else if (kind === CLOCK_RESET) clockResets += 1;
    else frameSignals += 1;
  }
  return { triggers, frameSignals, clockResets };
}
