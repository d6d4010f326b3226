import type { Window } from "../window.ts";

/** Bytes of the header in front of a packet's events. */
export const PACKET_HEADER = 28;

/** Types of packets. */
export const SPECIAL = 0;
export const POLARITY = 1;
export const FRAME = 2;
export const IMU6 = 3;
export const IMU9 = 4;

/** Sizes of events by type; frames have at least that. */
const SIZES = [8, 8, 36, 36, 48];
const TIME_AT = 4;
/** Turns of the 31-bit clock from which on times are no whole numbers any more (2^53 µs). */
const MAX_OVERFLOW = 1 << 22;
const STEP = 1 << 16;

/** The header in front of a packet's events. */
export interface PacketHeader {
  readonly type: number;
  readonly source: number;
  /** Bytes of one event. */
  readonly size: number;
  /** Turns of the 31-bit clock. */
  readonly overflow: number;
  /** Events that there is room for, and those that are there. */
  readonly capacity: number;
  readonly count: number;
}

/** The header at the start of these bytes; `undefined` when it contradicts itself. */
export function packetHeader(bytes: Uint8Array, sources: ReadonlySet<number>): PacketHeader | undefined {
  if (bytes.length < PACKET_HEADER) return undefined;
  const view = new DataView(bytes.buffer, bytes.byteOffset, PACKET_HEADER);
  const [type, source] = [view.getInt16(0, true), view.getInt16(2, true)];
  const word = (at: number): number => view.getInt32(at, true);
  const [size, timeAt, overflow, capacity, count, valid] = [word(4), word(8), word(12), word(16), word(20), word(24)];
  const known = SIZES[type];
  const sized = known === undefined ? size > 0 : type === FRAME ? size >= known : size === known;
  const timed = known === undefined ? timeAt >= 0 && timeAt < size : timeAt === TIME_AT || type === FRAME;
  const counted = valid >= 0 && valid <= count && count <= capacity;
  const named = sources.size === 0 ? source >= 0 : sources.has(source);
  if (type < 0 || !sized || !timed || !counted || !named || overflow < 0 || overflow >= MAX_OVERFLOW) return undefined;
  return { type, source, size, overflow, capacity, count };
}

/** Finds packets in a file of that size. */
export class Packets {
  readonly #window: Window;
  readonly #end: number;
  readonly #sources: ReadonlySet<number>;

  constructor(window: Window, end: number, sources: ReadonlySet<number>) {
    this.#window = window;
    this.#end = end;
    this.#sources = sources;
  }

  async at(position: number): Promise<PacketHeader | undefined> {
    return packetHeader(await this.#window.at(position, PACKET_HEADER), this.#sources);
  }

  /** Whether a packet or the end of the file lies there. */
  async leadsOn(position: number): Promise<boolean> {
    return position === this.#end || (await this.at(position)) !== undefined;
  }

  /** Where the next packet of a known type begins at or behind `from` that is followed by another or by the end. */
  async next(from: number, signal?: AbortSignal): Promise<number> {
    for (let position = from; position < this.#end; position += STEP) {
      signal?.throwIfAborted();
      for (let i = 0; i < STEP;) {
        const bytes = await this.#window.at(position + i, STEP - i + PACKET_HEADER);
        const found = candidateIn(bytes, STEP - i, this.#sources);
        if (found === undefined) break;
        const candidate = position + i + found;
        const { size, capacity } = (await this.at(candidate))!;
        const end = candidate + PACKET_HEADER + size * capacity;
        if (capacity > 0 && end <= this.#end && (await this.leadsOn(end))) return candidate;
        i += found + 1;
      }
    }
    return this.#end;
  }
}

/** Place of the first header of a known type among the first `most` bytes. */
function candidateIn(bytes: Uint8Array, most: number, sources: ReadonlySet<number>): number | undefined {
  for (let i = 0; i < Math.min(most, bytes.length - PACKET_HEADER + 1); i += 1) {
    // Types are small: a quick look before the slow one.
    if (bytes[i]! > IMU9 || bytes[i + 1] !== 0 || bytes[i + 3]! > 127) continue;
    if (packetHeader(bytes.subarray(i, i + PACKET_HEADER), sources) !== undefined) return i;
  }
  return undefined;
}
