import { eventArray, eventPacket, mono, rosEvents } from "../ros/testing/build.ts";
import type { SeedFile } from "../testing/seeds.ts";
import { SIGNATURE } from "./records.ts";

const u32 = (value: number): Buffer => {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(value);
  return bytes;
};

/** A record with these header fields. */
export function record(fields: Readonly<Record<string, Uint8Array | string>>, data: Uint8Array): Buffer {
  const header = Buffer.concat(
    Object.entries(fields).map(([name, value]) => {
      const field = Buffer.concat([Buffer.from(`${name}=`), Buffer.from(value)]);
      return Buffer.concat([u32(field.length), field]);
    }),
  );
  return Buffer.concat([u32(header.length), header, u32(data.length), data]);
}

/** A connection's record: a topic and the type of its messages. */
export const connection = (conn: number, topic: string, type: string): Buffer => {
  const fields = [`type=${type}`, "md5sum=0", "message_definition="].map((text) =>
    Buffer.concat([u32(text.length), Buffer.from(text)]),
  );
  return record({ conn: u32(conn), op: Uint8Array.of(7), topic }, Buffer.concat([...fields]));
};

export const message = (conn: number, data: Uint8Array): Buffer =>
  record({ conn: u32(conn), op: Uint8Array.of(2), time: new Uint8Array(8) }, data);

export const chunk = (contents: Uint8Array, compression = "none", packed = contents): Buffer =>
  record({ compression, op: Uint8Array.of(5), size: u32(contents.length) }, packed);

/** A bag of these records; with `connections` it is finished and has a list of them at its end. */
export function bag(records: readonly Uint8Array[], connections: readonly Uint8Array[] = []): Uint8Array {
  const body = Buffer.concat(records);
  const index = Buffer.alloc(8);
  const fields = (): Buffer =>
    record({ chunk_count: u32(1), conn_count: u32(1), index_pos: index, op: Uint8Array.of(3) }, Buffer.alloc(60, " "));
  if (connections.length > 0) index.writeBigUInt64LE(BigInt(SIGNATURE.length + fields().length + body.length));
  return Buffer.concat([Buffer.from(SIGNATURE), fields(), body, ...connections]);
}

const arrays = connection(0, "/dvs/events", "dvs_msgs/EventArray");
const packets = connection(1, "/camera/events", "event_camera_msgs/EventPacket");
const parts = [0, 1, 2, 3].map((i) => rosEvents(60, 60 * i));

/** A finished bag with chunks, one without an index, and one with messages outside of chunks. */
export const seeds = (): Promise<readonly SeedFile[]> => {
  const messages = parts.map((events) => message(0, eventArray("ros1", events)));
  const chunks = [chunk(Buffer.concat([arrays, messages[0]!, messages[1]!])), chunk(Buffer.concat([messages[2]!, messages[3]!]))];
  const single = parts.map((events, i) => message(1, eventPacket("ros1", { seq: i, encoding: "mono", events: mono(events) })));
  return Promise.resolve([
    { codec: "rosbag", name: "finished.bag", bytes: bag(chunks, [arrays]) },
    { codec: "rosbag", name: "unfinished.bag", bytes: bag(chunks) },
    { codec: "rosbag", name: "plain.bag", bytes: bag([packets, ...single]) },
  ]);
};
