import { AppError } from "#shared/api/errors.ts";
import type { Beside } from "#shared/events/beside.ts";
import { PacketWriter } from "#shared/events/packet-writer.ts";
import type { EventPacket } from "#shared/events/packet.ts";
import type { Sensor } from "#shared/events/sensor.ts";
import type { ByteSource } from "#main/lib/files.ts";
import { aedat4Events } from "#main/units/encodings/aedat4-events/aedat4-events.ts";
import { besideOf } from "../beside.ts";
import type { Findings } from "../findings.ts";
import type { PassOptions, Step } from "../recording.ts";
import { frameOf, imuOf, triggersOf } from "./contents.ts";
import { FlatReader } from "./flat-reader.ts";
import type { Aedat4Header } from "./header.ts";
import { LZ4_MAGIC } from "./lz4-decode.ts";
import { unpacker, ZSTD_MAGIC } from "./unpack.ts";
import { Walk } from "./walk.ts";
import { Window } from "../window.ts";

const HEADER = 8;
const EVENT_BYTES = 16;
/** A data table of more bytes would stand for a million packets. */
const MAX_TABLE = 64 << 20;
/** Events decoded for one step: for reading, and between two looks at the clock while an index is built. */
const PIECE = { packets: 1 << 15, index: 1 << 12 } as const;

/** What a pass has to know about an open file. */
export interface Aedat4File {
  readonly file: ByteSource;
  readonly header: Aedat4Header;
  readonly sensor: Sensor;
  /** Streams that belong to other cameras than the one that is read. */
  readonly foreign: ReadonlySet<number>;
}

/** Goes over the packets of a file. Damaged ones are listed and left out. */
export async function* aedat4Pass(source: Aedat4File, options: PassOptions): AsyncGenerator<Step> {
  const { file, header, foreign } = source;
  const { findings, signal } = options;
  const window = new Window(file);
  const walk = new Walk(
    window,
    file.size,
    header.streams.map(({ id }) => id),
  );
  const unpack = unpacker();
  const decoder = aedat4Events.createDecoder(source.sensor);
  const writer = new PacketWriter();
  /** Stream of the first events, which counts where the header describes none. */
  let stream: number | undefined;
  let position = options.from.offset;
  /** Where the last packet began that could be read. */
  let before: number | undefined;
  let skipEvents = options.from.state?.["event"] ?? 0;

  const beside = (found: Beside | undefined, t: number): Step[] => {
    if (found === undefined) return [];
    const packet: EventPacket = { t0: t, words: new Uint32Array(0), beside: found };
    const offset = position;
    return [{ packet, place: () => ({ offset }), time: decoder.time() }];
  };

  /** What a packet holds beside events, counted, and delivered where it is wanted. */
  const other = (flat: FlatReader, id: number): Step[] => {
    if (foreign.has(id)) return [];
    if (flat.identifier === "FRME") {
      const frame = frameOf(flat);
      findings.other(typeof frame === "string" ? frame : "frames");
      return typeof frame === "string" || !options.beside ? [] : beside(besideOf([], [frame]), frame.t);
    }
    if (flat.identifier === "IMUS") {
      const imu = imuOf(flat);
      if (imu.length > 0) findings.other("imu", imu.length);
      return options.beside ? beside(besideOf([], [], imu), imu[0]?.t ?? 0) : [];
    }
    if (flat.identifier === "TRIG") {
      const { triggers, frameSignals, clockResets } = triggersOf(flat);
      if (frameSignals > 0) findings.other("frame marks", frameSignals);
      if (clockResets > 0) findings.other("resets", clockResets);
      return beside(besideOf(triggers), triggers[0]?.t ?? 0);
    }
    findings.other(`packets of kind “${flat.identifier}”`);
    return [];
  };

  try {
    while (position < file.size && position !== header.tableAt) {
      signal?.throwIfAborted();
      const found = await walk.headerAt(position);
      if (found === undefined) {
        if (await isTable(window, unpack, position, file.size)) break;
        position = await afterGap(walk, position, before, findings, signal);
        continue;
      }
      const end = position + HEADER + found.size;
      if (end > file.size) {
        const next = await walk.next(position + 1, signal);
        const missing = `the packet says ${found.size} bytes and ${file.size - position - HEADER} are left: it was cut off`;
        findings.damage({ offset: position, bytes: next - position, reason: missing });
        position = next;
        continue;
      }
      let flat: FlatReader;
      let steps: Step[] = [];
      let events = { at: 0, count: 0 };
      try {
        flat = new FlatReader(unpack(await window.at(position + HEADER, found.size)));
        if (flat.identifier === "EVTS") events = flat.vector(flat.root(), 0, EVENT_BYTES);
        else steps = other(flat, found.stream);
      } catch (error) {
        position = await passOver(walk, error, position, end, findings, signal);
        skipEvents = 0;
        continue;
      }
      before = position;
      yield* steps;
      if (flat.identifier === "EVTS") stream ??= found.stream;
      const undescribed = header.streams.length === 0 && found.stream !== stream;
      if (flat.identifier === "EVTS" && (foreign.has(found.stream) || undescribed)) {
        findings.dropped({ "of another camera": events.count });
        events = { at: 0, count: 0 };
      }
      const bytes = flat.bytes;
      for (let done = skipEvents; done < events.count;) {
        const piece = Math.min(events.count, done + PIECE[options.grain]);
        const from = events.at + EVENT_BYTES * done;
        done += decoder.decode(bytes.subarray(from, events.at + EVENT_BYTES * piece), writer) / EVENT_BYTES;
        const place = done < events.count ? { offset: position, state: { event: done } } : { offset: end };
        yield { packet: writer.take(), place: () => place, time: decoder.time() };
      }
      skipEvents = 0;
      position = end;
    }
  } finally {
    findings.dropped(decoder.dropped());
  }
}

/** Lists a packet that cannot be read; answers where to go on: behind it, unless its length is not to be trusted either. */
async function passOver(
  walk: Walk,
  error: unknown,
  position: number,
  end: number,
  findings: Findings,
  signal: AbortSignal | undefined,
): Promise<number> {
  if (!(error instanceof AppError) || error.code !== "damaged") throw error;
  const reason = `a packet cannot be read: ${error.message}`;
  if (!(await walk.leadsOn(end))) return walk.skip(position, position + HEADER, reason, findings, signal);
  findings.damage({ offset: position, bytes: end - position, reason });
  return end;
}

/** No packet begins at `position`: where to go on. The packet `before` may have said a wrong length. */
async function afterGap(
  walk: Walk,
  position: number,
  before: number | undefined,
  findings: Findings,
  signal: AbortSignal | undefined,
): Promise<number> {
  const next = await walk.next(before === undefined ? position + 1 : before + HEADER, signal);
  if (next >= position) findings.damage({ offset: position, bytes: next - position, reason: "no packet begins here" });
  else findings.damage({ offset: before ?? next, bytes: HEADER, reason: "a packet says a wrong length" });
  return next;
}

/** Whether the data table lies there, where the header tells another place or none. */
async function isTable(
  window: Window,
  unpack: (data: Uint8Array) => Uint8Array,
  position: number,
  size: number,
): Promise<boolean> {
  const first = await window.at(position, 4);
  if (first.length < 4 || size - position > MAX_TABLE) return false;
  const start = new DataView(first.buffer, first.byteOffset).getUint32(0, true);
  if (start !== LZ4_MAGIC && start !== ZSTD_MAGIC && start + 4 !== size - position) return false;
  try {
    return new FlatReader(unpack(await window.at(position, size - position))).identifier === "FTAB";
  } catch (error) {
    if (error instanceof AppError && error.code === "damaged") return false;
    throw error;
  }
}
