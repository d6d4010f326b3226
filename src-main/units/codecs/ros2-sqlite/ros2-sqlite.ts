import { mkdtemp, open, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { AppError } from "#shared/api/errors.ts";
import { fileError, type ByteSource } from "#main/lib/files.ts";
import type { Codec } from "../codec.ts";
import { rosRecording } from "../ros/recording.ts";
import type { RosMessage, RosMessages, RosTopic } from "../ros/messages.ts";
import { latin1 } from "../signatures.ts";

const SIGNATURE = "SQLite format 3\0";
const CHUNK = 1 << 20;

/** An open database and how to let go of it. */
interface Database {
  readonly database: DatabaseSync;
  close(): Promise<void>;
}

/** Opens the file where it lies, or a copy of bytes that lie nowhere. The system's SQLite reads by path only. */
async function openDatabase(file: ByteSource): Promise<Database> {
  if (file.path !== undefined) {
    const database = new DatabaseSync(file.path, { readOnly: true });
    return { database, close: () => Promise.resolve(database.close()) };
  }
  const folder = await mkdtemp(join(tmpdir(), "saccade-db3-"));
  const discard = (): Promise<void> => rm(folder, { recursive: true, force: true });
  try {
    const path = join(folder, "bag.db3");
    const copy = await open(path, "wx");
    try {
      for (let at = 0; at < file.size; at += CHUNK) await copy.write(await file.read(at, CHUNK));
    } finally {
      await copy.close();
    }
    const database = new DatabaseSync(path, { readOnly: true });
    return {
      database,
      close: async () => {
        database.close();
        await discard();
      },
    };
  } catch (error) {
    await discard();
    throw fileError(error, file.name, "open");
  }
}

const asNumber = (value: unknown): number => (typeof value === "number" || typeof value === "bigint" ? Number(value) : 0);
const asText = (value: unknown): string => (typeof value === "string" ? value : "");

function unreadable(file: ByteSource, error: unknown): AppError {
  if (error instanceof AppError) return error;
  const why = error instanceof Error ? error.message : String(error);
  return new AppError("damaged", `${file.name} is a database that cannot be read: ${why}`, {
    hint: "Copy it together with the files next to it that end in -wal or -journal, or fetch it again.",
    cause: error,
  });
}

/** The topics of a bag. */
function topicsOf(database: DatabaseSync): RosTopic[] {
  const rows = database.prepare("SELECT id, name, type, serialization_format AS format FROM topics ORDER BY id").all();
  return rows.map((row) => ({
    id: asNumber(row["id"]),
    name: asText(row["name"]),
    type: asText(row["type"]),
    serialization: asText(row["format"]).startsWith("ros1") ? "ros1" : "cdr",
  }));
}

/** The messages of a database; places are shares of the file's size, since rows have none. */
async function openMessages(file: ByteSource): Promise<RosMessages> {
  const opened = await openDatabase(file);
  const { database } = opened;
  try {
    const topics = topicsOf(database);
    const byId = new Map(topics.map((topic) => [topic.id, topic]));
    const last = asNumber(database.prepare("SELECT max(id) AS last FROM messages").get()?.["last"]);
    const start = { offset: 0 };
    const placeBehind = (id: number) => ({
      offset: Math.min(file.size - 1, Math.floor((file.size * id) / (last + 1))),
      state: { id },
    });
    return {
      name: file.name,
      size: file.size,
      start,
      topics: () => topics,
      walk: async function* (from, findings, signal): AsyncGenerator<RosMessage> {
        await Promise.resolve(); // SQLite answers at once; the contract does not
        let id = from.state?.["id"] ?? Number.MIN_SAFE_INTEGER;
        let place: { readonly offset: number; readonly state?: Readonly<Record<string, number>> } = from;
        try {
          // A statement of its own for each walk: walks may run side by side.
          const rows = database.prepare("SELECT id, topic_id AS topic, data FROM messages WHERE id > ? ORDER BY id");
          for (const row of rows.iterate(id)) {
            signal?.throwIfAborted();
            id = asNumber(row["id"]);
            const topic = byId.get(asNumber(row["topic"]));
            const { data } = row;
            const { offset } = place;
            place = placeBehind(Math.max(0, id));
            if (topic !== undefined && data instanceof Uint8Array) yield { topic, data, offset, next: place };
          }
        } catch (error) {
          if (signal?.aborted === true || error instanceof AppError) throw error;
          const why = error instanceof Error ? error.message : String(error);
          findings.damage({ offset: place.offset, bytes: 0, reason: `the database cannot be read on: ${why}` });
        }
      },
      close: async () => {
        await opened.close();
        await file.close();
      },
    };
  } catch (error) {
    await opened.close();
    throw unreadable(file, error);
  }
}

/** Bags of ROS 2 in SQLite. */
export const ros2Sqlite = {
  id: "ros2-sqlite",
  label: "ROS 2 bag (SQLite)",
  summary: "Events of dvs_msgs, prophesee_event_msgs or event_camera_msgs in a bag of ROS 2 (.db3).",
  params: {},
  extensions: [".db3"],
  holds: ["triggers", "frames", "imu"],
  probe: (head) => latin1(head.subarray(0, SIGNATURE.length)) === SIGNATURE,
  accepts: async (file) => {
    try {
      const opened = await openDatabase(file);
      try {
        const found = opened.database
          .prepare("SELECT count(*) AS n FROM sqlite_master WHERE type = 'table' AND name IN ('topics', 'messages')")
          .get();
        return asNumber(found?.["n"]) === 2;
      } finally {
        await opened.close();
      }
    } catch {
      return true; // damaged: opening it says how
    }
  },
  open: async (file) => {
    try {
      return await rosRecording(await openMessages(file));
    } catch (error) {
      throw unreadable(file, error);
    }
  },
} satisfies Codec;
