import { PacketWriter } from "#shared/events/packet-writer.ts";
import type { Sensor } from "#shared/events/sensor.ts";
import type { ByteSource } from "#main/lib/files.ts";
import type { Encoding } from "../encodings/encoding.ts";
import type { Guess } from "./codec.ts";
import type { Answers } from "./reading.ts";
import { sensorHolding } from "./sensor-sizes.ts";

const CHUNK = 1 << 20;

/** One pass over a payload that does not say its size: the smallest known sensor that holds all its events. */
export async function findSensor(file: ByteSource, encoding: Encoding, start: number, limit: Sensor): Promise<Sensor> {
  const { x, y } = await largestCoordinates(file, encoding, start, limit);
  return sensorHolding(x, y);
}

/** What a file tells of its sensor, and how it is looked for where it tells nothing. */
export interface SizeQuestion {
  readonly file: ByteSource;
  readonly encoding: Encoding;
  /** Bytes before the payload. */
  readonly start: number;
  /** The size that the file gives. */
  readonly stated: Sensor | undefined;
  /** The largest that the encoding can hold. */
  readonly limit: Sensor;
  /** The size that files of this kind have when their coordinates fit. */
  readonly usual?: { readonly sensor: Sensor; readonly reason: string } | undefined;
}

/** The size of the sensor as answered, as stated, or else from the largest coordinates, with what had to be guessed. */
export async function resolveSensor(
  { file, encoding, start, stated, limit, usual }: SizeQuestion,
  answers: Answers,
): Promise<{ readonly sensor: Sensor; readonly guesses: readonly Guess[]; readonly metadata: Readonly<Record<string, string>> }> {
  const width = answers.width || stated?.width;
  const height = answers.height || stated?.height;
  if (width !== undefined && height !== undefined) return { sensor: { width, height }, guesses: [], metadata: {} };
  const { x, y } = await largestCoordinates(file, encoding, start, limit);
  const fitting = usual !== undefined && x < usual.sensor.width && y < usual.sensor.height ? usual : undefined;
  const holding = fitting?.sensor ?? sensorHolding(x, y);
  const reason =
    fitting?.reason ?? `the largest coordinates are ${x} and ${y}; the next known sensor has ${holding.width}×${holding.height}`;
  const sure = x >= 0.9 * holding.width && y >= 0.9 * holding.height;
  const sensor = { width: width ?? holding.width, height: height ?? holding.height };
  return {
    sensor,
    guesses: (["width", "height"] as const)
      .filter((param) => (param === "width" ? width : height) === undefined)
      .map((param) => ({ param, value: sensor[param], reason, sure })),
    metadata: { sensor_from: "largest coordinates, because the header does not give a size" },
  };
}

async function largestCoordinates(
  file: ByteSource,
  encoding: Encoding,
  start: number,
  limit: Sensor,
): Promise<{ readonly x: number; readonly y: number }> {
  const decoder = encoding.createDecoder(limit);
  const writer = new PacketWriter();
  const buffer = new Uint8Array(Math.max(1, Math.min(CHUNK, file.size - start)));
  let maxX = 0;
  let maxY = 0;
  for (let position = start; position < file.size; position += buffer.length) {
    const bytes = await file.read(position, buffer.length, buffer);
    if (bytes.length === 0) break;
    for (let used = 0; used < bytes.length;) {
      used += decoder.decode(bytes.subarray(used), writer);
      const { words } = writer.take();
      for (let i = 1; i < words.length; i += 2) {
        const x = words[i]! & 0x3fff;
        const y = (words[i]! >>> 14) & 0x3fff;
        if (x > maxX) maxX = x;
        if (y > maxY) maxY = y;
      }
    }
  }
  return { x: maxX, y: maxY };
}
