import { PacketWriter } from "#shared/events/packet-writer.ts";
import { copyPacket, type EventPacket } from "#shared/events/packet.ts";
import type { Sensor } from "#shared/events/sensor.ts";
import type { Trigger } from "#shared/events/beside.ts";
import { AppError } from "#shared/api/errors.ts";
import type { ByteSource } from "#main/lib/files.ts";
import { pieceOf } from "../hdf5/bytes.ts";
import type { Chunk } from "../hdf5/chunks.ts";
import type { Field } from "../hdf5/dataset.ts";
import { chunkBytes } from "../hdf5/elements.ts";
import type { Findings } from "../findings.ts";
import type { PassOptions, Step } from "../recording.ts";
import { eventColumns, packetsOf, rejectedCounts, type EventColumns } from "../tables/columns.ts";
import { decodeEcf, EcfError, ecfHead, MAX_CHUNK_EVENTS } from "./ecf-decode.ts";
import { fieldOf, numberIn, type PropheseeHdf5, type Table } from "./file.ts";
import { ECF_FILTER } from "./layout.ts";

/** Takes the events beyond the sensor out of `words`, in place. Answers how many are left. */
function keepInside(words: Uint32Array, count: number, { width, height }: Sensor): number {
  const end = 2 * count;
  let from = 1;
  while (from < end && (words[from]! & 0x3fff) < width && ((words[from]! >>> 14) & 0x3fff) < height) from += 2;
  let length = from - 1;
  for (let i = from; i < end; i += 2) {
    const word = words[i]!;
    if ((word & 0x3fff) >= width || ((word >>> 14) & 0x3fff) >= height) continue;
    words[length] = words[i - 1]!;
    words[length + 1] = word;
    length += 2;
  }
  return length >>> 1;
}

/** What stands in for the list of events of a file that holds triggers only. */
const NONE: readonly Chunk[] = [];

/** Decodes one chunk after another, with the triggers of their time beside them. */
export async function* propheseePass(
  file: ByteSource,
  { events, triggers, damage }: PropheseeHdf5,
  sensor: Sensor,
  { from, fromStart, findings, signal }: PassOptions,
): AsyncGenerator<Step> {
  const chunks = events?.chunks ?? NONE;
  let lost = 0;
  const decode = events === undefined ? undefined : chunkDecoder(file, events, sensor, findings);
  let time: number | undefined;
  let trigger = fromStart ? 0 : undefined;
  if (fromStart) {
    for (const { offset, reason } of damage) findings.damage({ offset, bytes: 0, reason });
    for (const { offset, reason } of events?.damage ?? []) findings.damage({ offset, bytes: 0, reason });
    lost += events === undefined ? 0 : noteHoles(events, findings);
  }
  for (let k = from.offset; k < chunks.length; k += 1) {
    signal?.throwIfAborted();
    const chunk = chunks[k]!;
    const expected = Math.min(events!.rows, events!.count - chunk.first);
    let count = 0;
    const place = (): { readonly offset: number } => ({ offset: k + 1 });
    try {
      for (const packet of await decode!(chunk)) {
        count = packet.all;
        const { words, t0 } = packet.packet;
        time = words.length > 0 ? t0 + words[words.length - 2]! : time;
        trigger ??= firstFrom(triggers, words.length > 0 ? t0 + words[0]! : Infinity);
        const until = k === chunks.length - 1 ? Infinity : (time ?? -Infinity);
        const end = firstFrom(triggers, until, trigger);
        yield { packet: withTriggers(packet.packet, triggers.slice(trigger, end)), place, time };
        trigger = end;
      }
      if (count < expected) {
        lost += expected - count;
        const reason = `a chunk holds ${count} of its ${expected} events`;
        findings.damage({ offset: chunk.offset, bytes: chunk.bytes, reason });
      }
    } catch (error) {
      const damaged = error instanceof EcfError || (error instanceof AppError && error.code === "damaged");
      if (!damaged) throw error;
      lost += expected;
      const reason = `the chunk of events ${chunk.first} to ${chunk.first + expected} cannot be decoded: ${error.message}`;
      findings.damage({ offset: chunk.offset, bytes: chunk.bytes, reason });
    }
  }
  const rest = triggers.slice(trigger ?? triggers.length);
  if (rest.length > 0) yield { packet: withTriggers(silence(time), rest), place: () => ({ offset: chunks.length }), time };
  if (lost > 0) findings.dropped({ "in damaged chunks": lost });
}

const silence = (time: number | undefined): EventPacket => ({ t0: Math.max(0, time ?? 0), words: new Uint32Array(0) });

const withTriggers = (packet: EventPacket, triggers: readonly Trigger[]): EventPacket =>
  triggers.length === 0 ? packet : { ...packet, beside: { triggers } };

/** Number of the first trigger from `start` on whose time is not below `t`. */
function firstFrom(triggers: readonly Trigger[], t: number, start = 0): number {
  if (t === Infinity) return triggers.length;
  let k = start;
  while (k < triggers.length && triggers[k]!.t < t) k += 1;
  return k;
}

/** Events without a chunk: told once for each hole. Answers how many there are. */
function noteHoles({ chunks, count, rows }: Table, findings: PassOptions["findings"]): number {
  let next = 0;
  let holes = 0;
  for (const { first, offset } of [...chunks, { first: count, offset: (chunks.at(-1)?.offset ?? 0) + 1 }]) {
    if (first > next) {
      holes += first - next;
      findings.damage({ offset: Math.max(0, offset - 1), bytes: 0, reason: `events ${next} to ${first} are not in the file` });
    }
    next = Math.min(count, first + rows);
  }
  return holes;
}

/** Packets of a chunk, each with the number of events in the whole chunk, those left out included. */
type Decoded = readonly { readonly packet: EventPacket; readonly all: number }[];

/** A function that decodes chunks; what it gives is lent until the next call. */
function chunkDecoder(file: ByteSource, table: Table, sensor: Sensor, findings: Findings): (chunk: Chunk) => Promise<Decoded> {
  const { filters } = table.data;
  if (filters.length !== 1 || filters[0]?.id !== ECF_FILTER) return recordDecoder(file, table, sensor, findings);
  const limit = Math.min(table.rows, MAX_CHUNK_EVENTS);
  const words = new Uint32Array(2 * limit);
  const largest = table.chunks.reduce((most, { bytes }) => Math.max(most, bytes), 1);
  const buffer = new Uint8Array(Math.min(largest, LARGEST_CHUNK));
  let records: ((chunk: Chunk) => Promise<Decoded>) | undefined;
  return async (chunk) => {
    if ((chunk.filterMask & 1) !== 0) return (records ??= recordDecoder(file, table, sensor, findings))(chunk);
    if (chunk.bytes > LARGEST_CHUNK) throw new EcfError(`its ${chunk.bytes} bytes are too many`);
    const bytes = await file.read(chunk.offset, chunk.bytes, buffer);
    const { count, parts } = decodeEcf(bytes, words, limit);
    const wanted = Math.min(count, table.count - chunk.first);
    return parts.map(({ index, t0 }, i) => {
      const part = words.subarray(2 * index, 2 * Math.min(wanted, parts[i + 1]?.index ?? wanted));
      const kept = keepInside(part, part.length >>> 1, sensor);
      findings.dropped(rejectedCounts({ outside: (part.length >>> 1) - kept, timeless: 0 }));
      return { packet: { t0, words: part.subarray(0, 2 * kept) }, all: wanted };
    });
  };
}

/** No chunk of 65 535 events can be larger: the worst packing spends fewer bytes on each. */
const LARGEST_CHUNK = 32 * MAX_CHUNK_EVENTS;

/** Chunks that were stored without ECF, as plain records. */
function recordDecoder(file: ByteSource, table: Table, sensor: Sensor, findings: Findings): (chunk: Chunk) => Promise<Decoded> {
  const { data, count } = table;
  const fields = ROLES.map((role) => [role, fieldOf(file, data, role)] as const);
  const filters = data.filters.filter(({ id }) => id !== ECF_FILTER);
  const leftOut = filters.length < data.filters.length;
  const writer = new PacketWriter();
  const columns = eventColumns(Math.min(table.rows, BLOCK_RECORDS));
  return async (chunk) => {
    const bytes = await chunkBytes(file, { ...data, filters }, leftOut ? { ...chunk, filterMask: 0 } : chunk);
    const all = Math.min(count - chunk.first, table.rows, Math.floor(bytes.length / data.type.bytes));
    const packets: { readonly packet: EventPacket; readonly all: number }[] = [];
    for (let from = 0; from < all; from += BLOCK_RECORDS) {
      columns.count = Math.min(BLOCK_RECORDS, all - from);
      for (const [role, field] of fields) fill(columns, role, bytes.subarray(from * data.type.bytes), data.type.bytes, field);
      for (const { packet } of packetsOf(columns, sensor, writer, findings)) packets.push({ packet: copyPacket(packet), all });
    }
    return packets;
  };
}

const BLOCK_RECORDS = 1 << 14;
const ROLES = ["t", "x", "y", "p"] as const;

function fill(columns: EventColumns, role: (typeof ROLES)[number], bytes: Uint8Array, stride: number, field: Field): void {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const out = columns[role];
  for (let i = 0, at = 0; i < columns.count; i += 1, at += stride) out[i] = numberIn(view, at, field);
}

/** First time of each chunk, where it can be told without decoding; used to enter a long recording anywhere. */
export async function headTimes(
  file: ByteSource,
  { chunks, data }: Table,
): Promise<readonly { readonly t: number; readonly chunk: number }[]> {
  if (data.filters.length !== 1 || data.filters[0]?.id !== ECF_FILTER) return [];
  const stride = Math.max(1, Math.ceil(chunks.length / MAX_HEADS));
  const found: { readonly t: number; readonly chunk: number }[] = [];
  for (let k = 0; k < chunks.length; k += stride) {
    const { offset, filterMask } = chunks[k]!;
    if (filterMask !== 0) continue;
    try {
      found.push({ t: ecfHead((await pieceOf(file, offset, 12)).bytes).t, chunk: k });
    } catch (error) {
      if (!(error instanceof EcfError) && !(error instanceof AppError && error.code === "damaged")) throw error;
      return [];
    }
  }
  return found;
}

const MAX_HEADS = 8192;
