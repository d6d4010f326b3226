import { AppError } from "#shared/api/errors.ts";
import { MAX_COORDINATE } from "#shared/events/packet.ts";
import type { Sensor, StreamInfo } from "#shared/events/sensor.ts";
import type { ByteSource } from "#main/lib/files.ts";

/** First bytes of every file; the line goes on with JSON. */
export const MAGIC = "#!SACCADE-WIRE 1 ";
const MAX_HEADER = 256 * 1024;
/** Times and counts of a decoder stay far below what a double holds exactly. */
const MAX_STATE = 2 ** 50;

/** What is needed to understand the bytes behind it. */
export interface WireHeader {
  readonly encoding: string;
  readonly sensor: Sensor;
  /** Where the decoder stood before the first byte. */
  readonly state: Readonly<Record<string, number>>;
  readonly metadata: Readonly<Record<string, string>>;
}

/** The line in front of a camera's bytes. */
export function writeWireHeader(
  encoding: string,
  { sensor }: StreamInfo,
  metadata: Readonly<Record<string, string>>,
  state: Readonly<Record<string, number>>,
): Uint8Array {
  const header: WireHeader = { encoding, sensor, state, metadata };
  return Buffer.from(`${MAGIC}${JSON.stringify(header)}\n`, "utf8");
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value);
const isSide = (value: unknown): value is number =>
  Number.isInteger(value) && Number(value) > 0 && Number(value) <= MAX_COORDINATE;
const isState = (value: unknown): value is number => Number.isInteger(value) && Number(value) >= -1 && Number(value) <= MAX_STATE;

/** Reads the line. @throws AppError `damaged` */
export async function readWireHeader(file: ByteSource): Promise<WireHeader & { readonly length: number }> {
  const size = Math.min(MAX_HEADER, file.size);
  const head = await file.read(0, size, new Uint8Array(size));
  const length = head.indexOf(0x0a) + 1;
  const damaged = (why: string, cause?: unknown): AppError =>
    new AppError("damaged", `The first line of ${file.name} cannot be read: ${why}`, {
      hint: "What the camera sent lies behind it, but nothing tells how to understand it.",
      cause,
    });
  if (length === 0) throw damaged("it has no end");
  let value: unknown;
  try {
    value = JSON.parse(new TextDecoder().decode(head.subarray(MAGIC.length, length)));
  } catch (cause) {
    throw damaged("it is not JSON", cause);
  }
  if (!isObject(value)) throw damaged("it describes nothing");
  const { encoding, sensor, state, metadata } = value;
  if (typeof encoding !== "string") throw damaged("it names no encoding");
  if (!isObject(sensor) || !isSide(sensor["width"]) || !isSide(sensor["height"])) throw damaged("it gives no size of the sensor");
  if (!isObject(state) || !Object.values(state).every(isState)) throw damaged("it does not tell where the bytes begin");
  if (!isObject(metadata)) throw damaged("it describes no camera");
  return {
    encoding,
    sensor: { width: sensor["width"], height: sensor["height"] },
    state: state as Record<string, number>,
    metadata: Object.fromEntries(Object.entries(metadata).map(([name, text]) => [name, String(text)])),
    length,
  };
}
