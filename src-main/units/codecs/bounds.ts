import { PacketWriter } from "#shared/events/packet-writer.ts";
import type { Sensor } from "#shared/events/sensor.ts";
import type { ByteSource } from "#main/lib/files.ts";
import type { Encoding } from "../encodings/encoding.ts";
import { sensorHolding } from "./sensor-sizes.ts";

const CHUNK = 1 << 20;

/** One pass over a payload that does not say its size: the smallest known sensor that holds all its events. */
export async function findSensor(file: ByteSource, encoding: Encoding, start: number, limit: Sensor): Promise<Sensor> {
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
  return sensorHolding(maxX, maxY);
}
