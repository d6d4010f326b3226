import type { ByteSource } from "#main/lib/files.ts";
import type { Findings } from "../findings.ts";
import type { Place } from "../recording.ts";
import type { RosMessage, RosMessages, RosTopic } from "../ros/messages.ts";
import { chunkUnpacker, plainContents, MAGIC, OP, RECORD_HEAD, RecordReader, recordIn, ShortRecord } from "./records.ts";

/** Larger records are not taken into memory (bytes). */
const MAX_RECORD = 256 << 20;
/** The footer's record and the closing magic bytes. */
const FOOTER = RECORD_HEAD + 20 + MAGIC.length;

/** Schemas and channels that have been seen. */
class Channels {
  readonly #schemas = new Map<number, string>();
  readonly topics = new Map<number, RosTopic>();

  learn(op: number, data: Uint8Array): void {
    const reader = new RecordReader(data);
    if (op === OP.schema) {
      const id = reader.u16();
      this.#schemas.set(id, reader.text());
    } else if (op === OP.channel) {
      const id = reader.u16();
      const type = this.#schemas.get(reader.u16()) ?? "";
      const name = reader.text();
      const serialization = reader.text() === "ros1" ? "ros1" : "cdr";
      if (!this.topics.has(id)) this.topics.set(id, { id, name, type, serialization });
    }
  }

  /** The topic and bytes of a message. */
  message(data: Uint8Array): { readonly topic: RosTopic; readonly data: Uint8Array } | undefined {
    const reader = new RecordReader(data);
    const topic = this.topics.get(reader.u16());
    reader.u32(); // sequence, and the times of logging and publishing
    reader.u64();
    reader.u64();
    return topic === undefined ? undefined : { topic, data: reader.rest() };
  }
}

/** The messages of an MCAP file, by walking its records; the summary is used for nothing but the list of topics. */
export async function openMcap(file: ByteSource): Promise<RosMessages> {
  const channels = new Channels();
  await listChannels(file, channels);

  async function* walk(from: Place, findings: Findings, signal?: AbortSignal): AsyncGenerator<RosMessage> {
    const unpack = chunkUnpacker();
    const head = new Uint8Array(RECORD_HEAD);
    let buffer = new Uint8Array(0);
    let skip = from.state?.["skip"] ?? 0;
    for (let at = from.offset; at < file.size;) {
      signal?.throwIfAborted();
      const record = recordIn(await file.read(at, RECORD_HEAD, head), 0);
      if (record === undefined || record.op === 0 || record.length > file.size - at - RECORD_HEAD) {
        findings.damage({
          offset: at,
          bytes: file.size - at,
          reason: "a record is cut off or damaged: what lies behind cannot be found",
        });
        if (record?.op === OP.chunk) yield* inCutChunk(at, skip);
        return;
      }
      const { op, length } = record;
      const end = at + RECORD_HEAD + length;
      if (op === OP.dataEnd || op === OP.footer) return;
      const used = op === OP.schema || op === OP.channel || op === OP.message || op === OP.chunk;
      if (used && length > MAX_RECORD)
        findings.damage({ offset: at, bytes: end - at, reason: "a record is too large to be read" });
      else if (used) {
        if (buffer.length < length) buffer = new Uint8Array(length);
        const data = await file.read(at + RECORD_HEAD, length, buffer);
        try {
          if (op === OP.chunk) yield* inChunk(unpack(data), at, skip);
          else if (op === OP.message) {
            const message = channels.message(data);
            if (message !== undefined) yield { ...message, offset: at, next: { offset: end } };
          } else channels.learn(op, data);
        } catch (error) {
          if (signal?.aborted === true) throw error;
          const why = error instanceof Error ? error.message : String(error);
          findings.damage({ offset: at, bytes: end - at, reason: `a chunk or record cannot be read: ${why}` });
        }
      }
      skip = 0;
      at = end;
    }
  }

  /** The whole messages of a chunk that the end of the file cuts: only where it is not compressed. */
  async function* inCutChunk(at: number, skip: number): AsyncGenerator<RosMessage> {
    const length = Math.min(MAX_RECORD, file.size - at - RECORD_HEAD);
    const contents = plainContents(await file.read(at + RECORD_HEAD, length, new Uint8Array(length)));
    try {
      if (contents !== undefined) yield* inChunk(contents, at, skip);
    } catch (error) {
      if (!(error instanceof ShortRecord)) throw error; // where it is cut, which has been reported
    }
  }

  /** The messages of a chunk behind the first `skip`. */
  function* inChunk(bytes: Uint8Array, offset: number, skip: number): Generator<RosMessage> {
    let count = 0;
    for (let at = 0; at < bytes.length;) {
      const record = recordIn(bytes, at);
      if (record === undefined || record.length > bytes.length - record.data)
        throw new ShortRecord("a chunk ends in the middle of a record");
      const end = record.data + record.length;
      const data = bytes.subarray(record.data, end);
      if (record.op === OP.message) {
        count += 1;
        const message = count > skip ? channels.message(data) : undefined;
        if (message !== undefined) yield { ...message, offset, next: { offset, state: { skip: count } } };
      } else channels.learn(record.op, data);
      at = end;
    }
  }

  return {
    name: file.name,
    size: file.size,
    start: { offset: MAGIC.length },
    topics: () => [...channels.topics.values()],
    walk,
    close: () => file.close(),
  };
}

/** Reads the channels that the summary of a finished file lists. */
async function listChannels(file: ByteSource, channels: Channels): Promise<void> {
  const from = file.size - FOOTER;
  if (from < MAGIC.length) return;
  const tail = await file.read(from, FOOTER, new Uint8Array(FOOTER));
  const footer = recordIn(tail, 0);
  if (footer?.op !== OP.footer || footer.length !== 20) return;
  const summary = new RecordReader(tail.subarray(RECORD_HEAD)).u64();
  if (summary === 0) return; // none was written
  try {
    for (let at = summary; at < from;) {
      const record = recordIn(await file.read(at, RECORD_HEAD, new Uint8Array(RECORD_HEAD)), 0);
      if (record === undefined || (record.op !== OP.schema && record.op !== OP.channel) || record.length > 1 << 20) return;
      channels.learn(record.op, await file.read(at + RECORD_HEAD, record.length, new Uint8Array(record.length)));
      at += RECORD_HEAD + record.length;
    }
  } catch (error) {
    if (!(error instanceof ShortRecord)) throw error; // a damaged summary: the walk finds the channels
  }
}
