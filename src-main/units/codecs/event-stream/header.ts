import { AppError } from "#shared/api/errors.ts";
import type { ByteSource } from "#main/lib/files.ts";
import type { Sensor } from "#shared/events/sensor.ts";

const SIGNATURE = "Event Stream";
/** Signature, three bytes of version, one of type; then two of width and two of height. */
const FIXED_BYTES = SIGNATURE.length + 4;
export const HEADER_BYTES = FIXED_BYTES + 4;

/** Types of events with pixels, by their number in the file. */
export const eventTypes = { 1: "dvs", 2: "atis", 4: "color" } as const;
export type EventType = (typeof eventTypes)[keyof typeof eventTypes];

/** Whether a file begins as an Event Stream. */
export const isEventStream = (head: Uint8Array): boolean =>
  head.length >= FIXED_BYTES && [...SIGNATURE].every((letter, i) => head[i] === letter.charCodeAt(0));

/** Reads the header. @throws AppError `unsupported` for other versions and for events without pixels, `damaged` when it is cut. */
export async function readHeader(
  file: ByteSource,
): Promise<{ readonly type: EventType; readonly version: string; readonly sensor: Sensor }> {
  const head = await file.read(0, HEADER_BYTES, new Uint8Array(HEADER_BYTES));
  const version = [...head.subarray(SIGNATURE.length, SIGNATURE.length + 3)].join(".");
  const number = head[SIGNATURE.length + 3] ?? 0;
  if (head[SIGNATURE.length] !== 2) {
    throw new AppError("unsupported", `${file.name} is an Event Stream of version ${version}; 2.x is read`, {
      hint: "Convert it with a newer version of the program that wrote it.",
    });
  }
  const type = eventTypes[number as keyof typeof eventTypes];
  if (type === undefined) {
    const what =
      number === 0
        ? "generic events, which are bytes with a time and have no pixels"
        : `events of type ${number}, which no program in use writes`;
    throw new AppError("unsupported", `${file.name} holds ${what}`, {
      hint: "Recordings of change (dvs), ATIS and color events can be opened.",
    });
  }
  if (head.length < HEADER_BYTES) {
    throw new AppError("damaged", `${file.name} ends in its header after ${head.length} bytes`, { hint: "Fetch it again." });
  }
  const view = new DataView(head.buffer);
  const sensor = { width: view.getUint16(FIXED_BYTES, true), height: view.getUint16(FIXED_BYTES + 2, true) };
  if (sensor.width === 0 || sensor.height === 0 || sensor.width > 16_384 || sensor.height > 16_384) {
    throw new AppError("damaged", `${file.name} gives a sensor of ${sensor.width}×${sensor.height}`, { hint: "Fetch it again." });
  }
  return { type, version, sensor };
}

/** The header of a recording of change events. */
export function dvsHeader({ width, height }: Sensor): Uint8Array {
  const bytes = new Uint8Array(HEADER_BYTES);
  bytes.set([...SIGNATURE].map((letter) => letter.charCodeAt(0)));
  bytes.set([2, 0, 0, 1, width & 0xff, width >>> 8, height & 0xff, height >>> 8], SIGNATURE.length);
  return bytes;
}
