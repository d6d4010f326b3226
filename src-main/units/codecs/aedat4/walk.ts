import type { Findings } from "../findings.ts";
import { LZ4_MAGIC } from "./lz4-decode.ts";
import { MAX_PACKET, ZSTD_MAGIC } from "./unpack.ts";
import type { Window } from "../window.ts";

const HEADER = 8;
/** A packet is at least a packed frame or a block of this size. */
const MIN_PACKET = 12;
/** Stream ids that are believed where the header names none. */
const MAX_STREAM = 1024;
/** Identifiers of contents, for finding packets that are not packed. */
const IDENTIFIERS = ["EVTS", "FRME", "IMUS", "TRIG"];
const STEP = 1 << 16;

/** The header in front of a packet's data. */
export interface PacketHeader {
  readonly stream: number;
  readonly size: number;
}

/** Walks over the packets of a file by their headers, and finds the next one behind a damaged place. */
export class Walk {
  readonly #window: Window;
  readonly #end: number;
  readonly #streams: ReadonlySet<number>;

  constructor(window: Window, end: number, streams: readonly number[]) {
    this.#window = window;
    this.#end = end;
    this.#streams = new Set(streams);
  }

  /** The header there; `undefined` when none can be. `size` may reach beyond the end of the file. */
  async headerAt(position: number): Promise<PacketHeader | undefined> {
    const bytes = await this.#window.at(position, HEADER);
    if (bytes.length < HEADER) return undefined;
    const view = new DataView(bytes.buffer, bytes.byteOffset, HEADER);
    const stream = view.getInt32(0, true);
    const size = view.getInt32(4, true);
    const known = this.#streams.size > 0 ? this.#streams.has(stream) : stream >= 0 && stream < MAX_STREAM;
    return known && size >= MIN_PACKET && size <= MAX_PACKET ? { stream, size } : undefined;
  }

  /** Whether a packet, or the end, may lie there. */
  async leadsOn(position: number): Promise<boolean> {
    if (position === this.#end) return true;
    const header = await this.headerAt(position);
    return header !== undefined && (await this.#startsData(position + HEADER, header.size));
  }

  /** Where the next packet begins at or behind `from` whose header and first bytes fit; the end of the file when there is none. */
  async next(from: number, signal?: AbortSignal): Promise<number> {
    for (let position = from; position < this.#end; position += STEP) {
      signal?.throwIfAborted();
      let bytes = await this.#window.at(position, STEP + 2 * HEADER);
      for (let i = HEADER; i < Math.min(bytes.length, STEP + HEADER); i += 1) {
        if (!couldStart(bytes, i)) continue;
        const candidate = position + i - HEADER;
        const header = await this.headerAt(candidate);
        const fits = header !== undefined && candidate + HEADER + header.size <= this.#end;
        if (fits && (await this.#startsData(candidate + HEADER, header.size))) return candidate;
        bytes = await this.#window.at(position, STEP + 2 * HEADER);
      }
    }
    return this.#end;
  }

  /** Lists what lies between a damaged place and the next packet; answers where that begins. */
  async skip(from: number, searchFrom: number, reason: string, findings: Findings, signal?: AbortSignal): Promise<number> {
    const next = await this.next(searchFrom, signal);
    findings.damage({ offset: from, bytes: next - from, reason });
    return next;
  }

  async #startsData(position: number, size: number): Promise<boolean> {
    const bytes = await this.#window.at(position, 2 * HEADER);
    if (bytes.length < MIN_PACKET) return false;
    const first = new DataView(bytes.buffer, bytes.byteOffset).getUint32(0, true);
    return first === LZ4_MAGIC || first === ZSTD_MAGIC || (first + 4 === size && isIdentifier(bytes, 8));
  }
}

const isIdentifier = (bytes: Uint8Array, at: number): boolean =>
  IDENTIFIERS.includes(String.fromCharCode(bytes[at]!, bytes[at + 1]!, bytes[at + 2]!, bytes[at + 3]!));

/** Whether the data of a packet could start with these bytes: a quick look before the slow one. */
function couldStart(bytes: Uint8Array, i: number): boolean {
  const first = bytes[i]!;
  if (first === 0x04) return bytes[i + 1] === 0x22 && bytes[i + 2] === 0x4d && bytes[i + 3] === 0x18;
  if (first === 0x28 && bytes[i + 1] === 0xb5 && bytes[i + 2] === 0x2f && bytes[i + 3] === 0xfd) return true;
  const letter = bytes[i + 8]; // most bytes are none of the four
  return (letter === 0x45 || letter === 0x46 || letter === 0x49 || letter === 0x54) && isIdentifier(bytes, i + 8);
}
