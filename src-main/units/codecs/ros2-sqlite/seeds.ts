import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { eventArray, eventPacket, mono, rosEvents } from "../ros/testing/build.ts";
import type { SeedFile } from "../testing/seeds.ts";

/** A topic and its messages. */
export interface SeedTopic {
  readonly name: string;
  readonly type: string;
  readonly messages: readonly Uint8Array[];
}

/** The bytes of a bag with these topics. */
export async function databaseOf(topics: readonly SeedTopic[]): Promise<Uint8Array> {
  const folder = await mkdtemp(join(tmpdir(), "saccade-seed-"));
  try {
    const database = new DatabaseSync(join(folder, "seed.db3"));
    database.exec("CREATE TABLE topics(id INTEGER PRIMARY KEY, name TEXT, type TEXT, serialization_format TEXT)");
    database.exec("CREATE TABLE messages(id INTEGER PRIMARY KEY, topic_id INTEGER, timestamp INTEGER, data BLOB)");
    const insert = database.prepare("INSERT INTO messages(topic_id, timestamp, data) VALUES (?, ?, ?)");
    for (const [i, { name, type, messages }] of topics.entries()) {
      database.prepare("INSERT INTO topics VALUES (?, ?, ?, 'cdr')").run(i + 1, name, type);
      for (const data of messages) insert.run(i + 1, 0, data);
    }
    database.close();
    return await readFile(join(folder, "seed.db3"));
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

const parts = [0, 1, 2, 3].map((i) => rosEvents(60, 60 * i));

/** Databases with both types of messages. */
export const seeds = async (): Promise<readonly SeedFile[]> => {
  const arrays = parts.map((events) => eventArray("cdr", events));
  const packets = parts.map((events, i) => eventPacket("cdr", { seq: i, encoding: "mono", events: mono(events) }));
  return [
    {
      codec: "ros2-sqlite",
      name: "arrays.db3",
      bytes: await databaseOf([{ name: "/events", type: "dvs_msgs/msg/EventArray", messages: arrays }]),
    },
    {
      codec: "ros2-sqlite",
      name: "packets.db3",
      bytes: await databaseOf([{ name: "/events", type: "event_camera_msgs/msg/EventPacket", messages: packets }]),
    },
  ];
};
