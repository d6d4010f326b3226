import type { EventSink, EventSource } from "#shared/events/source.ts";
import type { StreamInfo } from "#shared/events/sensor.ts";
import type { Guess } from "#shared/api/stream-api.ts";
import type { Unit } from "#shared/units/unit.ts";
import type { ByteSink, ByteSource } from "#main/lib/files.ts";
import type { Answers } from "./reading.ts";

/** Where a source can be entered without reading what lies before. */
export interface IndexEntry {
  /** Stream time at this place, µs. */
  readonly t: number;
  /** Bytes from the start of the file. */
  readonly offset: number;
  /** Parser state there. */
  readonly state: Readonly<Record<string, number>>;
}

/** What has to be done to stored coordinates and polarities to get origin top left and 1 = ON; the swap comes first. */
export interface Orientation {
  readonly flipX: boolean;
  readonly flipY: boolean;
  readonly swapXY: boolean;
  readonly invertP: boolean;
  /** Stored coordinates count from 1; packets count from 0 all the same. */
  readonly oneBased?: boolean;
}

/** What a codec says of a file beyond StreamInfo. Its packets are as stored; `orientation` says how to turn them. */
export interface OpenRecording extends EventSource {
  readonly encoding: string;
  readonly metadata: Readonly<Record<string, string>>;
  readonly orientation: Orientation;
  readonly guesses?: readonly Guess[];
  /** How much of the file the reading has passed, 0 to 1. */
  progress?(): number;
  /**
   * Uses this index for `read({ from })`; the caller keeps it in the cache folder. A whole index ends at the end of the file and
   * also tells the range; while one is being built, its first part serves already.
   */
  useIndex?(entries: readonly IndexEntry[]): void;
  /** One pass that yields an entry about every `everyUs` of stream time; also finds the range. */
  buildIndex?(everyUs: number, signal?: AbortSignal): AsyncIterable<IndexEntry>;
}

/** A recording file format. */
export interface Codec extends Unit {
  readonly extensions: readonly string[];
  /** By content first, by name last. `head` holds the first 4 KiB or the whole file; `size` is the file's. */
  probe(head: Uint8Array, name: string, size: number): boolean;
  /** A closer look at a file that `probe` took, where formats share their first bytes (HDF5, SQLite, ZIP). */
  accepts?(file: ByteSource): Promise<boolean>;
  /**
   * `answers` are what the user said where the file says nothing; `file` stays open until the recording is closed.
   * @throws AppError `damaged`, `empty`, `unsupported` when nothing can be read.
   */
  open(file: ByteSource, answers?: Answers): Promise<OpenRecording>;
  /** What its files can hold beside events; nothing when absent. */
  readonly holds?: readonly ("triggers" | "frames" | "imu")[];
  /** Events come upright, in time order, with what lies beside them. @throws AppError `unsupported` when the sensor is too large for the format. */
  create?(file: ByteSink, info: StreamInfo, metadata?: Readonly<Record<string, string>>): Promise<EventSink>;
  /** Header of a recording whose raw bytes a camera delivers in the encoding of that id; `undefined` when it cannot hold them. */
  header?(encoding: string, info: StreamInfo, metadata: Readonly<Record<string, string>>): Uint8Array | undefined;
}

export type { Guess } from "#shared/api/stream-api.ts";
