import { zstdCompressSync } from "node:zlib";
import { McapWriter, TempBuffer } from "@mcap/core";
import { eventArray, eventPacket, mono, rosEvents } from "../ros/testing/build.ts";
import type { SeedFile } from "../testing/seeds.ts";

const parts = [0, 1, 2, 3].map((i) => rosEvents(60, 60 * i));

/** A file of these messages, written by the format's own library. */
export async function mcapFile(
  type: string,
  encoding: "cdr" | "ros1",
  messages: readonly Uint8Array[],
  compression: "" | "zstd" = "",
): Promise<Uint8Array> {
  const writable = new TempBuffer();
  const packed =
    compression === "zstd"
      ? { compressChunk: (data: Uint8Array) => ({ compression, compressedData: zstdCompressSync(data) }) }
      : {};
  const writer = new McapWriter({ writable, chunkSize: 3000, ...packed });
  await writer.start({ library: "test", profile: "ros2" });
  const schemaId = await writer.registerSchema({ name: type, encoding: "ros2msg", data: new Uint8Array(0) });
  const channelId = await writer.registerChannel({ schemaId, topic: "/events", messageEncoding: encoding, metadata: new Map() });
  for (const [i, data] of messages.entries())
    await writer.addMessage({ channelId, sequence: i, logTime: BigInt(i), publishTime: BigInt(i), data });
  await writer.end();
  return writable.get();
}

/** Files with both kinds of serialization, chunks as they are and packed. */
export const seeds = async (): Promise<readonly SeedFile[]> => {
  const arrays = parts.map((events) => eventArray("cdr", events));
  const packets = parts.map((events, i) => eventPacket("ros1", { seq: i, encoding: "mono", events: mono(events) }));
  return [
    { codec: "mcap", name: "arrays.mcap", bytes: await mcapFile("dvs_msgs/msg/EventArray", "cdr", arrays) },
    { codec: "mcap", name: "packed.mcap", bytes: await mcapFile("dvs_msgs/msg/EventArray", "cdr", arrays, "zstd") },
    { codec: "mcap", name: "packets.mcap", bytes: await mcapFile("event_camera_msgs/EventPacket", "ros1", packets) },
  ];
};
