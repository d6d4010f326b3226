import { firstTime, type EventPacket } from "#shared/events/packet.ts";
import type { TimeRange } from "#shared/events/sensor.ts";
import type { EventSource } from "#shared/events/source.ts";
import { PacketCursor } from "#main/lib/packet-cursor.ts";
import { WindowBuffer } from "./window-buffer.ts";

/** Length of the first block read ahead (that is, back), µs; later ones follow the density of the events. */
const FIRST_BLOCK_US = 200_000;
const SHORTEST_BLOCK_US = 20_000;
const LONGEST_BLOCK_US = 10_000_000;
/** A block with fewer events than this makes the next one longer, one with more than that shorter. */
const FEW_EVENTS = 250_000;
const MANY_EVENTS = 1_000_000;

/**
 * A stretch of a recording in memory, for playing backwards: files are read forwards only, so one block is read and many
 * pictures, each a little earlier than the last, are cut out of it.
 */
export class Rewind {
  readonly #source: Pick<EventSource, "read">;
  readonly #start: number;
  #buffer = new WindowBuffer();
  #held: TimeRange = { start: 0, end: 0 };
  #blockUs = FIRST_BLOCK_US;

  /** @param start first time of the recording, µs: nothing is looked for before it. */
  constructor(source: Pick<EventSource, "read">, start: number) {
    this.#source = source;
    this.#start = start;
  }

  /**
   * The events of `[from, to)`, lent until the next call; undefined when there are more than memory is meant for, or when
   * it was interrupted.
   */
  async window(from: number, to: number, interrupted: () => boolean): Promise<EventPacket | undefined> {
    if (!this.#holds(from, to)) await this.#fill(from, to, interrupted);
    return this.#holds(from, to) ? this.#buffer.window(from, to) : undefined;
  }

  #holds(from: number, to: number): boolean {
    return from >= this.#held.start && to <= this.#held.end;
  }

  /** Reads a block before `from`, and the window itself. */
  async #fill(from: number, to: number, interrupted: () => boolean): Promise<void> {
    const start = Math.max(this.#start, from - this.#blockUs);
    const buffer = new WindowBuffer();
    let events = 0;
    let stopped = false;
    const cursor = new PacketCursor(this.#source, { from: start });
    const enough = (): boolean => (stopped = interrupted());
    try {
      const keep = (packet: EventPacket): void => {
        buffer.add(packet);
        events += packet.words.length >>> 1;
      };
      await cursor.until(to, keep, enough);
    } finally {
      await cursor.close();
    }
    if (stopped) return;
    if (events < FEW_EVENTS) this.#blockUs = Math.min(LONGEST_BLOCK_US, this.#blockUs * 2);
    else if (events > MANY_EVENTS) this.#blockUs = Math.max(SHORTEST_BLOCK_US, this.#blockUs / 2);
    // A buffer that was full has given up its oldest events: what it holds begins behind the first one left.
    const kept = buffer.window(-Infinity, Infinity);
    const complete = kept.words.length >>> 1 === events;
    this.#buffer = buffer;
    this.#held = { start: complete ? start : (firstTime(kept) ?? to) + 1, end: to };
  }
}
