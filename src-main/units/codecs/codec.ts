import type { EventSink, EventSource } from "#shared/events/source.ts";
import type { StreamInfo } from "#shared/events/sensor.ts";
import type { Unit } from "#shared/units/unit.ts";
import type { ByteSink, ByteSource } from "#main/lib/files.ts";

/** Where a source can be entered without reading what lies before. */
export interface IndexEntry {
  /** Stream time at this place, µs. */
  readonly t: number;
  /** Bytes from the start of the file. */
  readonly offset: number;
  /** Parser state there. */
  readonly state: Readonly<Record<string, number>>;
}

/** What a codec says of a file beyond StreamInfo. */
export interface OpenRecording extends EventSource {
  readonly encoding: string;
  readonly metadata: Readonly<Record<string, string>>;
  readonly orientation: { readonly flipX: boolean; readonly flipY: boolean; readonly swapXY: boolean; readonly invertP: boolean };
  /** Uses (and extends) this index for `read({ from })`; the caller keeps it in the cache folder. */
  useIndex?(entries: readonly IndexEntry[]): void;
  /** One pass that yields an entry about every `everyUs` of stream time; also finds the range. */
  buildIndex?(everyUs: number, signal?: AbortSignal): AsyncIterable<IndexEntry>;
}

/** A recording file format. */
export interface Codec extends Unit {
  readonly extensions: readonly string[];
  /** By content first, by name last. `head` holds the first 4 KiB or the whole file; `size` is the file's. */
  probe(head: Uint8Array, name: string, size: number): boolean;
  /** @throws AppError `damaged`, `empty`, `unsupported` when nothing can be read. */
  open(file: ByteSource): Promise<OpenRecording>;
  create?(file: ByteSink, info: StreamInfo, metadata?: Readonly<Record<string, string>>): Promise<EventSink>;
  /** Header of a recording whose raw bytes a camera delivers in the encoding of that id; `undefined` when it cannot hold them. */
  header?(encoding: string, info: StreamInfo, metadata: Readonly<Record<string, string>>): Uint8Array | undefined;
}
