import type { ByteSource } from "#main/lib/files.ts";
import type { Findings } from "../findings.ts";
import type { Place } from "../recording.ts";
import type { RosMessage, RosMessages, RosTopic } from "../ros/messages.ts";
import { chunkUnpacker, OP, recordAt, recordIn, SIGNATURE, textOf, u32Of, type BagRecord } from "./records.ts";

/** Bytes looked through at once for the next chunk behind damage. */
const WINDOW = 1 << 20;
/** A chunk begins with a header that has this in it, at one of these distances from its start. */
const MARK = Buffer.from("compression=");
const MARK_AT = [8, 16];
/** Larger records are not taken into memory (bytes). */
const MAX_RECORD = 256 << 20;

/** The messages of a ROS 1 bag, by walking its records: an index is used for nothing but the list of topics. */
export async function openBag(file: ByteSource): Promise<RosMessages> {
  const topics = new Map<number, RosTopic>();

  /** Learns a topic from a connection record. */
  function connect({ fields }: BagRecord, data: Uint8Array): void {
    const id = u32Of(fields, "conn");
    const inner = recordFields(data);
    if (id === undefined || topics.has(id)) return;
    topics.set(id, { id, name: textOf(fields, "topic"), type: inner.get("type") ?? "", serialization: "ros1" });
  }

  const start: Place = { offset: SIGNATURE.length };
  await listTopics(file, connect);

  async function* walk(from: Place, findings: Findings, signal?: AbortSignal): AsyncGenerator<RosMessage> {
    const unpack = chunkUnpacker();
    let buffer = new Uint8Array(0);
    let skip = from.state?.["skip"] ?? 0;
    const load = async (offset: number, length: number): Promise<Uint8Array> => {
      if (buffer.length < length) buffer = new Uint8Array(Math.max(length, Math.min(2 * buffer.length, MAX_RECORD)));
      return file.read(offset, length, buffer);
    };
    for (let at = from.offset; at < file.size;) {
      signal?.throwIfAborted();
      const record = await recordAt(file, at);
      if (record === undefined || record.length > MAX_RECORD) {
        const resume = await nextChunk(file, at + 1);
        findings.damage({ offset: at, bytes: resume - at, reason: "what lies here is no record of a bag" });
        at = resume;
        continue;
      }
      const end = record.data + record.length;
      const cut = end > file.size;
      if (cut) findings.damage({ offset: at, bytes: file.size - at, reason: "a record is cut off by the end of the file" });
      const used = record.op === OP.chunk || record.op === OP.connection || record.op === OP.message;
      const data = used ? await load(record.data, Math.min(record.length, file.size - record.data)) : buffer;
      if (record.op === OP.connection) connect(record, data);
      else if (record.op === OP.message && !cut) {
        const topic = topics.get(u32Of(record.fields, "conn") ?? -1);
        if (topic !== undefined) yield { topic, data, offset: at, next: { offset: end } };
      } else if (record.op === OP.chunk) {
        let contents: Uint8Array | undefined;
        try {
          contents = unpack(record.fields, data);
        } catch (error) {
          const why = error instanceof Error ? error.message : String(error);
          findings.damage({ offset: at, bytes: Math.min(file.size, end) - at, reason: `a chunk cannot be unpacked: ${why}` });
        }
        if (contents !== undefined) yield* inChunk(contents, at, skip, findings, cut);
      }
      skip = 0;
      at = end;
    }
  }

  /** The messages of a chunk behind the first `skip`. */
  function* inChunk(bytes: Uint8Array, offset: number, skip: number, findings: Findings, cut: boolean): Generator<RosMessage> {
    let count = 0;
    for (let at = 0; at < bytes.length;) {
      const record = recordIn(bytes, at);
      const end = record === undefined ? Infinity : record.data + record.length;
      if (record === undefined || end > bytes.length) {
        if (!cut) findings.damage({ offset, bytes: 0, reason: "a chunk ends in something that is no record" });
        return;
      }
      const data = bytes.subarray(record.data, end);
      if (record.op === OP.connection) connect(record, data);
      else if (record.op === OP.message) {
        count += 1;
        const topic = topics.get(u32Of(record.fields, "conn") ?? -1);
        if (count > skip && topic !== undefined) yield { topic, data, offset, next: { offset, state: { skip: count } } };
      }
      at = end;
    }
  }

  return {
    name: file.name,
    size: file.size,
    start,
    topics: () => [...topics.values()],
    walk,
    close: () => file.close(),
  };
}

/** The fields in a connection's data, as text. */
function recordFields(data: Uint8Array): ReadonlyMap<string, string> {
  const view = new DataView(data.buffer, data.byteOffset, data.length);
  const found = new Map<string, string>();
  for (let at = 0; at + 4 <= data.length;) {
    const end = at + 4 + view.getUint32(at, true);
    if (end > data.length) break;
    const text = Buffer.from(data.buffer, data.byteOffset + at + 4, end - at - 4).toString("latin1");
    const equals = text.indexOf("=");
    if (equals > 0) found.set(text.slice(0, equals), text.slice(equals + 1));
    at = end;
  }
  return found;
}

/** Reads the connections that the index at the end of a finished bag lists. */
async function listTopics(file: ByteSource, connect: (record: BagRecord, data: Uint8Array) => void): Promise<void> {
  const header = await recordAt(file, SIGNATURE.length);
  const position = header?.op === OP.header ? header.fields.get("index_pos") : undefined;
  if (position?.length !== 8) return;
  const view = new DataView(position.buffer, position.byteOffset, 8);
  const index = view.getUint32(0, true) + view.getUint32(4, true) * 0x1_0000_0000;
  if (index === 0) return; // the recorder was stopped before it could write one
  for (let at = index; at < file.size;) {
    const record = await recordAt(file, at);
    if (record?.op !== OP.connection || record.length > 1 << 20) return;
    connect(record, await file.read(record.data, record.length, new Uint8Array(record.length)));
    at = record.data + record.length;
  }
}

/** Where the next chunk begins; the end of the file when there is none. */
async function nextChunk(file: ByteSource, from: number): Promise<number> {
  const window = new Uint8Array(WINDOW);
  for (let at = from; at < file.size; at += WINDOW - MARK.length) {
    const bytes = Buffer.from((await file.read(at, WINDOW, window)).buffer, 0, Math.min(WINDOW, file.size - at));
    for (let found = bytes.indexOf(MARK); found >= 0; found = bytes.indexOf(MARK, found + 1)) {
      for (const distance of MARK_AT) {
        const start = at + found - distance;
        if (start >= from && (await recordAt(file, start))?.op === OP.chunk) return start;
      }
    }
    if (bytes.length < WINDOW) break;
  }
  return file.size;
}
