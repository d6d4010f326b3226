import { PacketWriter, SLACK_US } from "#shared/events/packet-writer.ts";
import { countOf, lastTime, type EventPacket } from "#shared/events/packet.ts";
import type { Sensor, StreamInfo, TimeRange } from "#shared/events/sensor.ts";
import type { ReadOptions } from "#shared/events/source.ts";
import type { ByteSource } from "#main/lib/files.ts";
import type { Decoder, DecoderState, Encoding } from "../encodings/encoding.ts";
import type { IndexEntry, OpenRecording } from "./codec.ts";
import { Findings } from "./findings.ts";
import { cutPacket, timesOf } from "./packet-times.ts";

/** Bytes read from the file at once. */
const CHUNK = 1 << 20;
/** Bytes decoded for one packet: 32 768 EVT3 words, so that packets stay in the processor's cache. */
const BLOCK = 1 << 16;
/** Bytes decoded between two looks at the clock while an index is built. */
const INDEX_BLOCK = 1 << 14;
/** A fall of the time by more than this that is no turn of the counter begins a new part. */
const NEW_PART_US = 1_000_000;

/** Where another recording begins inside a file. */
export interface Joint {
  /** Bytes from the start of the file at which the payload before it ends, and at which it goes on. */
  readonly at: number;
  readonly resume: number;
  readonly reason: string;
  /** Whether what follows can be read by the same decoder. */
  readonly readable: boolean;
}

/** What a codec knows about a file whose payload is one encoding from `start` to the end. */
export interface EncodedFile {
  readonly file: ByteSource;
  readonly encoding: Encoding;
  readonly sensor: Sensor;
  readonly label: string;
  readonly start: number;
  readonly metadata: Readonly<Record<string, string>>;
  /** Looks for a joint in the bytes that lie at `offset` in the file; `lookahead` more bytes than are decoded are shown. */
  readonly joints?: { readonly lookahead: number; find(bytes: Uint8Array, offset: number): Promise<Joint | undefined> };
  /** Damage that only the codec can judge, asked once when a pass has come to the end. */
  examine?(findings: Findings): Promise<void>;
}

/** One step of a pass: events, and the place and parser state behind them. */
interface Step {
  readonly packet: EventPacket;
  readonly offset: number;
  readonly decoder: Decoder;
}

interface Entry {
  readonly offset: number;
  readonly state?: DecoderState;
}

/** A recording that is one encoding behind a header: reads, seeks, builds its index and reports. Its memory does not grow with the file. */
export class EncodedRecording implements OpenRecording {
  readonly encoding: string;
  readonly metadata: Readonly<Record<string, string>>;
  readonly orientation = { flipX: false, flipY: false, swapXY: false, invertP: false };
  readonly #source: EncodedFile;
  #range: TimeRange | undefined;
  #index: readonly IndexEntry[] = [];
  /** Times start anew somewhere, so a later part may hold an earlier time. */
  #restarts = false;
  #findings = new Findings();

  constructor(source: EncodedFile) {
    this.#source = source;
    this.encoding = source.encoding.id;
    this.metadata = source.metadata;
  }

  /** The range is known once an index has been built or handed over, or `measure` has run. */
  get info(): StreamInfo {
    const { sensor, label } = this.#source;
    return this.#range === undefined ? { sensor, label } : { sensor, label, range: this.#range };
  }

  async *read({ from, to, signal }: ReadOptions): AsyncGenerator<EventPacket> {
    const whole = from === undefined && to === undefined;
    for await (const { packet, decoder } of this.#pass(this.#entryFor(from), BLOCK, signal)) {
      const wanted = whole ? packet : cutPacket(packet, from ?? -Infinity, to ?? Infinity);
      if (countOf(wanted) > 0) yield wanted;
      if (to !== undefined && !this.#restarts && (decoder.time() ?? -Infinity) >= to + SLACK_US) return;
    }
  }

  /** One pass for its findings: damage, triggers and the range. */
  async measure(signal?: AbortSignal): Promise<void> {
    for await (const step of this.buildIndex(Infinity, signal)) void step;
  }

  /**
   * The first entry is the range's start, the last lies at the end of the file and is the range's end. Entries may fall where
   * recordings have been joined.
   */
  async *buildIndex(everyUs: number, signal?: AbortSignal): AsyncGenerator<IndexEntry> {
    const entries: IndexEntry[] = [];
    let earliest = Infinity;
    let latest = -Infinity;
    let due = -Infinity;
    let before: Entry = { offset: this.#source.start };
    for await (const { packet, offset, decoder } of this.#pass(before, INDEX_BLOCK, signal)) {
      const times = timesOf(packet);
      if (times !== undefined) {
        earliest = Math.min(earliest, times.earliest);
        latest = Math.max(latest, times.latest);
      }
      const now = decoder.time();
      if (entries.length === 0 && times !== undefined) {
        const entry = { t: times.earliest, offset: before.offset, state: before.state ?? {} };
        entries.push(entry);
        yield entry;
        due = times.earliest + everyUs;
      } else if (entries.length > 0 && now !== undefined && (now >= due || now < due - everyUs - NEW_PART_US)) {
        const entry = { t: now, offset, state: decoder.state() };
        entries.push(entry);
        yield entry;
        due = now + everyUs;
      }
      before = { offset, state: decoder.state() };
    }
    const end = { t: latest + 1, offset: this.#source.file.size, state: {} };
    if (entries.length > 0) {
      entries.push(end);
      yield end;
      this.#range = { start: earliest, end: end.t };
    }
    if (Number.isFinite(everyUs)) this.useIndex(entries);
  }

  useIndex(entries: readonly IndexEntry[]): void {
    const last = entries.at(-1);
    const first = entries[0];
    if (first === undefined || last === undefined || last.offset !== this.#source.file.size) return; // of another file
    this.#index = entries;
    let previous = -Infinity;
    for (const { t } of entries.slice(0, -1)) {
      if (t < previous) this.#restarts = true;
      previous = t;
    }
    this.#range ??= { start: entries.reduce((start, { t }) => Math.min(start, t), first.t), end: last.t };
  }

  report(): ReturnType<Findings["report"]> {
    return this.#findings.report();
  }

  close(): Promise<void> {
    return this.#source.file.close();
  }

  /** The last place whose events all lie before `from`. */
  #entryFor(from: number | undefined): Entry {
    let best: Entry = { offset: this.#source.start };
    if (from === undefined) return best;
    for (const entry of this.#index.slice(0, -1)) {
      if (entry.t + SLACK_US > from) break;
      best = entry.offset === this.#source.start ? best : entry;
    }
    return best;
  }

  async *#pass(entry: Entry, block: number, signal: AbortSignal | undefined): AsyncGenerator<Step> {
    const { file, encoding, sensor, start, joints } = this.#source;
    const fromStart = entry.offset === start;
    const findings = new Findings();
    const writer = new PacketWriter();
    const lookahead = joints?.lookahead ?? 0;
    const buffer = new Uint8Array(Math.min(CHUNK + lookahead, Math.max(1, file.size - entry.offset)));
    let decoder = encoding.createDecoder(sensor, entry.state);
    let position = entry.offset;
    let partStart = position;
    let complete = false;

    /** Ends the part of the file that `decoder` has read. */
    const endPart = (end: number): void => {
      const pending = decoder.pending();
      if (pending > 0) {
        const reason = `${pending} of the ${encoding.wordBytes} bytes of a word: it was cut off`;
        findings.damage({ offset: end - pending, bytes: pending, reason });
      }
      const skipped = decoder.skipped?.();
      if (skipped !== undefined) {
        const words = `${skipped.bytes / encoding.wordBytes} words without a meaning (padding)`;
        findings.damage({
          offset: partStart + skipped.offset,
          bytes: skipped.bytes,
          reason: `${words} were skipped, the first one here`,
        });
      }
      findings.dropped(decoder.dropped());
    };

    try {
      while (position < file.size) {
        signal?.throwIfAborted();
        const bytes = await file.read(position, buffer.length, buffer);
        if (bytes.length === 0) break; // the file has become shorter while it was read
        const joint = await joints?.find(bytes, position);
        const length = Math.min(CHUNK, joint === undefined ? bytes.length : joint.at - position);
        for (let used = 0; used < length;) {
          const upTo = Math.min(length, used + block);
          const before = decoder.time();
          const done = decoder.decode(bytes.subarray(used, upTo), writer);
          const packet = writer.take();
          const reached = Math.max(before ?? -Infinity, lastTime(packet) ?? -Infinity);
          const now = decoder.time() ?? reached;
          used += done;
          findings.triggers(decoder.triggers());
          findings.reached = position + used;
          findings.events += countOf(packet);
          if (reached - now > SLACK_US) {
            this.#restarts = true;
            if (reached - now > NEW_PART_US) {
              const reason = `the time falls by ${((reached - now) / 1e6).toFixed(3)} s: a new part begins here`;
              findings.damage({ offset: position + used, bytes: 0, reason });
            }
          }
          yield { packet, offset: position + used, decoder };
          signal?.throwIfAborted();
        }
        position += length;
        if (joint === undefined || position !== joint.at) continue;
        endPart(position);
        findings.damage({ offset: joint.at, bytes: joint.resume - joint.at, reason: joint.reason });
        decoder = encoding.createDecoder(sensor);
        this.#restarts = true;
        position = joint.resume;
        partStart = position;
        if (!joint.readable) break;
      }
      endPart(position);
      complete = true;
      if (fromStart) await this.#source.examine?.(findings);
    } finally {
      if (!complete) findings.dropped(decoder.dropped());
      if (fromStart && findings.reached >= this.#findings.reached) this.#findings = findings;
      else for (const place of findings.report().damage) this.#findings.damage(place);
    }
  }
}
