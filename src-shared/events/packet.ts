import type { Beside } from "./beside.ts";

/**
 * A run of events in the order of their stream. One event is two 32-bit words:
 *   word 0: microseconds since `t0` (so a packet spans at most 71 minutes)
 *   word 1: `p << 28 | y << 14 | x`
 * The same bytes go to the ring, through a port and into a vertex buffer.
 *
 * Invariants: times rise, but for the small steps back that real cameras make (some µs, at most `SLACK_US` within a packet; a
 * larger fall begins a new packet); no event lies below `t0`; a producer may yield empty packets (silence is information); a
 * consumer must not keep or change a packet after returning unless it copied it.
 */
export interface EventPacket {
  /** µs on the stream's clock; an integer held in a double, it may exceed 32 bits. */
  readonly t0: number;
  /** Two words an event; may be empty, never missing. */
  readonly words: Uint32Array;
  /** Rare data of about the same time: triggers, and frames and inertial readings when they have been asked for. */
  readonly beside?: Beside;
}

/** Largest coordinate plus one that word 1 can hold (14 bits). */
export const MAX_COORDINATE = 1 << 14;

/** Longest time offset a packet can hold, in µs: a new packet has to begin before it. */
export const MAX_PACKET_SPAN_US = 0xffff_ffff;

const COORDINATE_MASK = MAX_COORDINATE - 1;

/** Column of an event, from its second word. */
export const xOf = (word: number): number => word & COORDINATE_MASK;
/** Row of an event, from its second word. */
export const yOf = (word: number): number => (word >>> 14) & COORDINATE_MASK;
/** Polarity of an event, from its second word: 1 = ON, 0 = OFF. */
export const pOf = (word: number): number => word >>> 28;
/** The second word of an event. */
export const packXyp = (x: number, y: number, p: number): number => ((p << 28) | (y << 14) | x) >>> 0;

/** Number of events in a packet. */
export const countOf = (packet: EventPacket): number => packet.words.length >>> 1;

/** Time of the first event, or `undefined` in silence. */
export function firstTime(packet: EventPacket): number | undefined {
  const offset = packet.words[0];
  return offset === undefined ? undefined : packet.t0 + offset;
}

/** Time of the last event, or `undefined` in silence. */
export function lastTime(packet: EventPacket): number | undefined {
  const offset = packet.words[packet.words.length - 2];
  return offset === undefined ? undefined : packet.t0 + offset;
}

/** A packet of its own memory, for whoever has to keep one. */
export const copyPacket = (packet: EventPacket): EventPacket => ({ ...packet, words: packet.words.slice() });

/** Index of the first event at or after `t` (µs on the stream's clock); `countOf(packet)` when there is none. */
export function lowerBound(packet: EventPacket, t: number): number {
  const { words } = packet;
  const offset = t - packet.t0;
  let low = 0;
  let high = words.length >>> 1;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((words[2 * middle] ?? 0) < offset) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** The events of `[from, to)` as a view on the same memory. */
export function slicePacket(packet: EventPacket, from: number, to: number): EventPacket {
  const first = lowerBound(packet, from);
  const last = lowerBound(packet, to);
  if (first === 0 && 2 * last === packet.words.length) return packet;
  return { t0: packet.t0, words: packet.words.subarray(2 * first, 2 * Math.max(first, last)) };
}
