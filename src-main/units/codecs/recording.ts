import { SLACK_US } from "#shared/events/packet-writer.ts";
import type { Beside } from "#shared/events/beside.ts";
import { countOf, lastTime, type EventPacket } from "#shared/events/packet.ts";
import type { Sensor, StreamInfo, TimeRange } from "#shared/events/sensor.ts";
import type { ReadOptions, SourceReport } from "#shared/events/source.ts";
import { besideOf } from "./beside.ts";
import type { Guess, IndexEntry, OpenRecording, Orientation } from "./codec.ts";
import { Findings } from "./findings.ts";
import { cutPacket, timesOf } from "./packet-times.ts";
import type { Answers } from "./reading.ts";
import { sensorHolding } from "./sensor-sizes.ts";

/** A fall of the time by more than this that is no turn of the counter begins a new part. */
const NEW_PART_US = 1_000_000;

/** Distance of the places that a pass notes on its way, µs of stream time. */
const NOTE_EVERY_US = 100_000;

/** Origin top left already, 1 = ON. */
export const AS_STORED: Orientation = { flipX: false, flipY: false, swapXY: false, invertP: false };

/** Where a pass over a file can begin: a byte, or the number of a block or record, and the parser's state there. */
export interface Place {
  readonly offset: number;
  readonly state?: Readonly<Record<string, number>>;
}

/** One step of a pass. */
export interface Step {
  /** Events as they are stored; lent until the next step. May be empty. */
  readonly packet: EventPacket;
  /** Where a pass that goes on behind these events can begin. */
  readonly place: () => Place;
  /** Stream time reached, µs; `undefined` before the first time. */
  readonly time: number | undefined;
  /** Times start anew with this step: recordings have been joined, a clock was reset. */
  readonly newPart?: boolean;
}

export interface PassOptions {
  readonly from: Place;
  /** Whether `from` is the start of the recording: damage that concerns the whole file is judged then. */
  readonly fromStart: boolean;
  /** Damage, triggers and what was left out go here. */
  readonly findings: Findings;
  /** Steps of about 64 KiB for reading, or of about 16 KiB when an index is built. */
  readonly grain: "packets" | "index";
  /** Whether frames and inertial readings are wanted; else they are only counted. */
  readonly beside: boolean;
  readonly signal?: AbortSignal | undefined;
}

/** What a codec knows about an open file: everything but how passes become reads, ranges and indexes. */
export interface PassSource {
  readonly info: StreamInfo;
  readonly encoding: string;
  readonly metadata: Readonly<Record<string, string>>;
  readonly orientation?: Orientation;
  readonly guesses?: readonly Guess[];
  readonly start: Place;
  /** Offset behind the last place, in the unit of `Place.offset`: tells an index of this file from another's. */
  readonly end: number;
  /** Goes over the recording in the order of the file, in bounded memory. Throws only when nothing more can be read. */
  pass(options: PassOptions): AsyncGenerator<Step>;
  close(): Promise<void>;
}

/** A recording of any format: reads exact ranges, seeks, builds its index and reports. Its memory does not grow with the file. */
export class PassRecording implements OpenRecording {
  readonly encoding: string;
  readonly metadata: Readonly<Record<string, string>>;
  readonly orientation: Orientation;
  readonly guesses: readonly Guess[];
  readonly #source: PassSource;
  #range: TimeRange | undefined;
  /** Where the recording can be entered, in the order of the file. */
  #index: IndexEntry[] = [];
  /** Whether the index covers the whole file. */
  #indexed = false;
  /** Times start anew somewhere, so a later part may hold an earlier time. */
  #restarts = false;
  #findings = new Findings();
  #reached = 0;

  constructor(source: PassSource) {
    this.#source = source;
    this.encoding = source.encoding;
    this.metadata = source.metadata;
    this.orientation = source.orientation ?? AS_STORED;
    this.guesses = source.guesses ?? [];
    this.#range = source.info.range;
  }

  /** The range is known when the file tells it, an index has been built or handed over, or `measure` has run. */
  get info(): StreamInfo {
    const { sensor, label } = this.#source.info;
    return this.#range === undefined ? { sensor, label } : { sensor, label, range: this.#range };
  }

  async *read({ from, to, signal, beside = false }: ReadOptions): AsyncGenerator<EventPacket> {
    const whole = from === undefined && to === undefined;
    const [first, end] = [from ?? -Infinity, to ?? Infinity];
    for await (const { packet, time } of this.#pass(this.#placeFor(from), "packets", beside, signal)) {
      const wanted = whole ? packet : { ...cutPacket(packet, first, end), ...besideIn(packet.beside, first, end) };
      if (countOf(wanted) > 0 || wanted.beside !== undefined) yield wanted;
      if (to !== undefined && !this.#restarts && (time ?? -Infinity) >= to + SLACK_US) return;
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
    let before = this.#source.start;
    for await (const { packet, time, place } of this.#pass(before, "index", false, signal)) {
      const times = timesOf(packet);
      const here = place();
      if (times !== undefined) {
        earliest = Math.min(earliest, times.earliest);
        latest = Math.max(latest, times.latest);
      }
      if (entries.length === 0 && times !== undefined) {
        const entry = { t: times.earliest, offset: before.offset, state: before.state ?? {} };
        entries.push(entry);
        yield entry;
        due = times.earliest + everyUs;
      } else if (entries.length > 0 && time !== undefined && (time >= due || time < due - everyUs - NEW_PART_US)) {
        const entry = { t: time, offset: here.offset, state: here.state ?? {} };
        entries.push(entry);
        yield entry;
        due = time + everyUs;
      }
      before = here;
    }
    const end = { t: latest + 1, offset: this.#source.end, state: {} };
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
    if (first === undefined || last === undefined) return;
    const whole = last.offset === this.#source.end;
    if (!whole && (this.#indexed || last.offset <= (this.#index.at(-1)?.offset ?? -1))) return; // more is known already
    this.#index = whole ? entries.slice(0, -1) : [...entries];
    this.#indexed ||= whole;
    let previous = -Infinity;
    for (const { t } of this.#index) {
      if (t < previous) this.#restarts = true;
      previous = t;
    }
    if (whole) this.#range ??= { start: entries.reduce((start, { t }) => Math.min(start, t), first.t), end: last.t };
  }

  /** How much of the file the last reading has passed, 0 to 1. */
  progress(): number {
    const { start, end } = this.#source;
    return end > start.offset ? Math.min(1, (this.#reached - start.offset) / (end - start.offset)) : 1;
  }

  report(): SourceReport {
    return this.#findings.report();
  }

  close(): Promise<void> {
    return this.#source.close();
  }

  /** The last place whose events all lie before `from`. */
  #placeFor(from: number | undefined): Place {
    let best = this.#source.start;
    if (from === undefined) return best;
    for (const entry of this.#index) {
      if (entry.t + SLACK_US > from) break;
      best = entry.offset === this.#source.start.offset ? best : entry;
    }
    return best;
  }

  /** A pass that goes beyond the index lengthens it, so that no seek reads the same stretch in vain twice. */
  #noteOnTheWay(t: number, place: () => Place): void {
    const last = this.#index.at(-1);
    if (last !== undefined && t < last.t + NOTE_EVERY_US) return;
    const { offset, state = {} } = place();
    if (offset > (last?.offset ?? this.#source.start.offset) && offset < this.#source.end) this.#index.push({ t, offset, state });
  }

  async *#pass(from: Place, grain: PassOptions["grain"], beside: boolean, signal: AbortSignal | undefined): AsyncGenerator<Step> {
    const fromStart = from.offset === this.#source.start.offset;
    const findings = new Findings();
    let reached = -Infinity;
    try {
      for await (const step of this.#source.pass({ from, fromStart, findings, grain, beside, signal })) {
        const { packet, time, place } = step;
        if (step.newPart === true) {
          this.#restarts = true;
          reached = -Infinity;
        }
        reached = Math.max(reached, lastTime(packet) ?? -Infinity);
        const now = time ?? reached;
        const { offset } = place();
        if (reached - now > SLACK_US) {
          this.#restarts = true;
          if (reached - now > NEW_PART_US) {
            const reason = `the time falls by ${((reached - now) / 1e6).toFixed(3)} s: a new part begins here`;
            findings.damage({ offset, bytes: 0, reason });
          }
        }
        reached = now;
        findings.reached = offset;
        this.#reached = offset;
        findings.events += countOf(packet);
        findings.triggers(packet.beside?.triggers ?? []);
        if (!this.#indexed && time !== undefined) this.#noteOnTheWay(time, place);
        yield step;
        signal?.throwIfAborted();
      }
    } finally {
      if (fromStart && findings.reached >= this.#findings.reached) this.#findings = findings;
      else for (const place of findings.report().damage) this.#findings.damage(place);
    }
  }
}

/** A whole file without a single event: it opens, and gives nothing. An unknown sensor is taken for the smallest. */
export function emptyRecording(
  source: Pick<PassSource, "encoding" | "metadata" | "close"> & {
    readonly sensor: Sensor | undefined;
    readonly label: string;
    readonly size: number;
    readonly answers: Answers;
  },
): PassRecording {
  const { width, height } = source.sensor ?? sensorHolding(0, 0);
  const { answers } = source;
  return new PassRecording({
    info: { sensor: { width: answers.width || width, height: answers.height || height }, label: source.label },
    encoding: source.encoding,
    metadata: { ...source.metadata, remark: "there is no event in it" },
    start: { offset: source.size },
    end: source.size,
    pass: async function* () {
      // nothing to go over
    },
    close: source.close,
  });
}

/** What lies in `[from, to)` beside a packet. */
function besideIn(beside: Beside | undefined, from: number, to: number): { readonly beside?: Beside } {
  if (beside === undefined) return {};
  const within = ({ t }: { readonly t: number }): boolean => t >= from && t < to;
  const kept = besideOf(beside.triggers?.filter(within), beside.frames?.filter(within), beside.imu?.filter(within));
  return kept === undefined ? {} : { beside: kept };
}
