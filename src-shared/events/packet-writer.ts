import { MAX_PACKET_SPAN_US, type EventPacket } from "./packet.ts";

/**
 * Collects events into packets. Decoders and filters write here; the owner takes what has come together.
 * The memory grows by doubling and is reused from packet to packet, so `take` lends a view and does not copy.
 *
 * Times that step back are stored as they come as long as they are not below `t0`, which therefore lies a little before
 * the first event (`SLACK_US`). A decoder that meets a larger fall, or a time below `t0`, ends the packet.
 */
export class PacketWriter {
  /** Hot loops may write `words` directly between `reserve` and `commit`. */
  words: Uint32Array;
  /** Number of 32-bit words in use (two an event). */
  length = 0;
  #t0 = 0;
  #open = false;

  constructor(capacityEvents = 1 << 14) {
    this.words = new Uint32Array(2 * Math.max(1, capacityEvents));
  }

  /** Number of events waiting to be taken. */
  get count(): number {
    return this.length >>> 1;
  }

  /** Base time (µs) of the packet being written. Meaningful only while `count > 0` or after `begin`. */
  get t0(): number {
    return this.#t0;
  }

  /** Starts an empty packet at the base time `t0` (µs). Throws a RangeError when events are still waiting. */
  begin(t0: number): void {
    if (this.length !== 0) throw new RangeError("packet writer: begin() while events are waiting; take() them first");
    this.#t0 = t0;
    this.#open = true;
  }

  /** Makes room for `events` more events and returns the word array, which may be a new one. */
  reserve(events: number): Uint32Array {
    const needed = this.length + 2 * events;
    if (needed > this.words.length) {
      let capacity = this.words.length;
      while (capacity < needed) capacity *= 2;
      const grown = new Uint32Array(capacity);
      grown.set(this.words.subarray(0, this.length));
      this.words = grown;
    }
    return this.words;
  }

  /** Declares that the words up to `length` are written. */
  commit(length: number): void {
    this.length = length;
  }

  /** Whether an event at `t` still fits into this packet (see MAX_PACKET_SPAN_US). */
  fits(t: number): boolean {
    return !this.#open || (t >= this.#t0 && t - this.#t0 <= MAX_PACKET_SPAN_US);
  }

  /** Adds one event; `xyp` is the packed second word. The caller has asked `fits`. */
  push(t: number, xyp: number): void {
    if (!this.#open) this.begin(baseFor(t));
    const at = this.length;
    const words = at + 2 > this.words.length ? this.reserve(1) : this.words;
    words[at] = t - this.#t0;
    words[at + 1] = xyp;
    this.length = at + 2;
  }

  /** Adds all events of a packet whose times are not below this packet's base. */
  append(packet: EventPacket): void {
    const events = packet.words.length >>> 1;
    if (!this.#open) this.begin(packet.t0);
    const words = this.reserve(events);
    const shift = packet.t0 - this.#t0;
    const at = this.length;
    if (shift === 0) words.set(packet.words, at);
    else {
      for (let i = 0; i < packet.words.length; i += 2) {
        words[at + i] = (packet.words[i] ?? 0) + shift;
        words[at + i + 1] = packet.words[i + 1] ?? 0;
      }
    }
    this.length = at + packet.words.length;
  }

  /** The events so far, as a view that is valid until the next write. The writer is empty afterwards. */
  take(): EventPacket {
    const packet = { t0: this.#t0, words: this.words.subarray(0, this.length) };
    this.length = 0;
    this.#open = false;
    return packet;
  }
}

/** Base time of a packet whose first event lies at `t` (µs): below zero only where the event's own time is. */
export const baseFor = (t: number): number => (t < 0 ? t - SLACK_US : Math.max(0, t - SLACK_US));

/** How far below its first event a packet starts, so that small steps back in a camera's time fit (µs). */
export const SLACK_US = 65_536;
