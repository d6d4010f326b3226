import type { Beside, Frame, ImuSample, Trigger } from "#shared/events/beside.ts";
import type { EventPacket } from "#shared/events/packet.ts";
import type { StreamInfo } from "#shared/events/sensor.ts";
import type { EventSink } from "#shared/events/source.ts";
import type { ByteSink } from "#main/lib/files.ts";
import { aedat4Events } from "#main/units/encodings/aedat4-events/aedat4-events.ts";
import { eventsBlock, frameBlock, headerBlock, imuBlock, tableBlock, triggersBlock } from "./blocks.ts";
import { MAGIC } from "./header.ts";
import { infoNode, STREAMS } from "./info-node.ts";
import { Lz4Encoder } from "./lz4-encode.ts";
import { PacketTable } from "./packet-table.ts";

const STRUCT = 16;
/** Largest packet of a stream, as DV writes them. */
const MAX_EVENTS = 8192;
const MAX_SPAN_US = 10_000;
/** How often a growing file is handed to the disk, so that a crash loses little (ms). */
const FLUSH_MS = 1000;

/** Writes AEDAT 4. Without its end, after a crash, all but the last packets of each stream are there. */
export class Aedat4Sink implements EventSink {
  readonly #file: ByteSink;
  readonly #encoder;
  readonly #lz4 = new Lz4Encoder();
  readonly #table = new PacketTable();
  readonly #structs = new Uint8Array(STRUCT * MAX_EVENTS);
  #events = 0;
  #firstEvent = 0;
  #lastEvent = 0;
  #triggers: Trigger[] = [];
  #imu: ImuSample[] = [];
  #tableFieldAt = 0;
  #flushed = Date.now();

  private constructor(file: ByteSink, info: StreamInfo) {
    this.#file = file;
    this.#encoder = aedat4Events.createEncoder(info.sensor);
  }

  static async create(file: ByteSink, info: StreamInfo, metadata: Readonly<Record<string, string>> = {}): Promise<Aedat4Sink> {
    const sink = new Aedat4Sink(file, info);
    const { bytes, tableFieldAt } = headerBlock(infoNode(info, metadata));
    await file.write(Buffer.from(MAGIC, "latin1"));
    sink.#tableFieldAt = file.position + tableFieldAt;
    await file.write(bytes);
    return sink;
  }

  async write(packet: EventPacket): Promise<void> {
    let at = 0;
    for (const item of inOrder(packet.beside)) {
      const { words, t0 } = packet;
      let end = at;
      while (end < words.length && t0 + words[end]! <= item.t) end += 2;
      await this.#writeEvents({ t0, words: words.subarray(at, end) });
      at = end;
      if ("frame" in item) await this.#writeFrame(item.frame);
      else if ("trigger" in item) this.#triggers.push(item.trigger);
      else this.#imu.push(item.imu);
      await this.#writeIfDue(item.t);
    }
    await this.#writeEvents({ t0: packet.t0, words: packet.words.subarray(at) });
    if (Date.now() - this.#flushed < FLUSH_MS) return;
    this.#flushed = Date.now();
    await this.#file.flush();
  }

  async close(): Promise<void> {
    await this.#endEvents();
    await this.#endTriggers();
    await this.#endImu();
    const tableAt = this.#file.position;
    await this.#file.write(this.#lz4.encode(tableBlock(this.#table.length, (i) => this.#table.row(i))));
    const place = Buffer.alloc(8);
    place.writeBigInt64LE(BigInt(tableAt));
    await this.#file.patch(this.#tableFieldAt, place);
    await this.#file.close();
  }

  async #writeEvents({ t0, words }: EventPacket): Promise<void> {
    for (let from = 0; from < words.length;) {
      const first = t0 + words[from]!;
      if (this.#events > 0 && (this.#events === MAX_EVENTS || first - this.#firstEvent >= MAX_SPAN_US)) await this.#endEvents();
      if (this.#events === 0) this.#firstEvent = first;
      const most = Math.min(words.length, from + 2 * (MAX_EVENTS - this.#events));
      const limit = this.#firstEvent + MAX_SPAN_US - t0;
      let to = from + 2;
      while (to < most && words[to]! < limit) to += 2;
      this.#structs.set(this.#encoder.encode({ t0, words: words.subarray(from, to) }), STRUCT * this.#events);
      this.#events += (to - from) >>> 1;
      this.#lastEvent = t0 + words[to - 2]!;
      from = to;
      await this.#writeIfDue(this.#lastEvent);
    }
  }

  /** Writes what has waited for as long as a packet may span. */
  async #writeIfDue(t: number): Promise<void> {
    const due = (first: { readonly t: number } | undefined, count: number): boolean =>
      first !== undefined && (t - first.t >= MAX_SPAN_US || count >= MAX_EVENTS);
    if (due(this.#triggers[0], this.#triggers.length)) await this.#endTriggers();
    if (due(this.#imu[0], this.#imu.length)) await this.#endImu();
  }

  async #endEvents(): Promise<void> {
    if (this.#events === 0) return;
    const block = eventsBlock(this.#structs.subarray(0, STRUCT * this.#events));
    await this.#put(STREAMS.events, block, this.#events, this.#firstEvent, this.#lastEvent);
    this.#events = 0;
  }

  async #endTriggers(): Promise<void> {
    const triggers = this.#triggers;
    if (triggers.length === 0) return;
    this.#triggers = [];
    await this.#put(STREAMS.triggers, triggersBlock(triggers), triggers.length, triggers[0]!.t, triggers.at(-1).t);
  }

  async #endImu(): Promise<void> {
    const imu = this.#imu;
    if (imu.length === 0) return;
    this.#imu = [];
    await this.#put(STREAMS.imu, imuBlock(imu), imu.length, imu[0]!.t, imu.at(-1).t);
  }

  #writeFrame(frame: Frame): Promise<void> {
    return this.#put(STREAMS.frames, frameBlock(frame), 1, frame.t, frame.t);
  }

  async #put(stream: number, block: Uint8Array, count: number, start: number, end: number): Promise<void> {
    const data = this.#lz4.encode(block);
    const header = Buffer.alloc(8);
    header.writeInt32LE(stream);
    header.writeInt32LE(data.length, 4);
    await this.#file.write(header);
    this.#table.add({ offset: this.#file.position, stream, size: data.length, count, start, end });
    await this.#file.write(data);
  }
}

type Item = { readonly t: number } & ({ readonly frame: Frame } | { readonly trigger: Trigger } | { readonly imu: ImuSample });

/** What lies beside a packet, by time. */
function inOrder(beside: Beside | undefined): readonly Item[] {
  if (beside === undefined) return [];
  const { triggers = [], frames = [], imu = [] } = beside;
  return [
    ...frames.map((frame) => ({ t: frame.t, frame })),
    ...triggers.map((trigger) => ({ t: trigger.t, trigger })),
    ...imu.map((sample) => ({ t: sample.t, imu: sample })),
  ].sort((a, b) => a.t - b.t);
}
