import { SLACK_US } from "#shared/events/packet-writer.ts";
import { lowerBound, MAX_PACKET_SPAN_US, slicePacket, type EventPacket } from "#shared/events/packet.ts";

const FIRST_EVENTS = 1 << 14;
/** The oldest events go when a window would hold more than this: 32 MB, twice that while they are moved. */
const MAX_EVENTS = 1 << 22;

/** The newest events of a stream, for windows that overlap. */
export class WindowBuffer {
  #words = new Uint32Array(2 * FIRST_EVENTS);
  #t0 = 0;
  /** Words in use: `[first, end)`. */
  #first = 0;
  #end = 0;

  clear(): void {
    this.#first = this.#end = 0;
  }

  add(packet: EventPacket): void {
    let { words } = packet;
    if (words.length === 0) return;
    if (words.length > 2 * MAX_EVENTS) words = words.subarray(words.length - 2 * MAX_EVENTS);
    if (this.#first === this.#end) {
      this.clear();
      this.#t0 = packet.t0 - SLACK_US;
    }
    const last = packet.t0 + (words[words.length - 2] ?? 0);
    if (packet.t0 < this.#t0 || last - this.#t0 > MAX_PACKET_SPAN_US) this.#rebase(packet.t0 - SLACK_US, last);
    this.#makeRoom(words.length);
    const target = this.#words;
    const shift = packet.t0 - this.#t0;
    const at = this.#end;
    for (let i = 0; i < words.length; i += 2) {
      target[at + i] = (words[i] ?? 0) + shift;
      target[at + i + 1] = words[i + 1] ?? 0;
    }
    this.#end = at + words.length;
    this.#first = Math.max(this.#first, this.#end - 2 * MAX_EVENTS);
  }

  /** The events of `[from, to)`, lent until the next `add`. */
  window(from: number, to: number): EventPacket {
    return slicePacket(this.#all(), from, to);
  }

  /** Forgets what lies before `t`. */
  dropBefore(t: number): void {
    this.#first += 2 * lowerBound(this.#all(), t);
  }

  #all(): EventPacket {
    return { t0: this.#t0, words: this.#words.subarray(this.#first, this.#end) };
  }

  #makeRoom(length: number): void {
    if (this.#end + length <= this.#words.length) return;
    const used = Math.min(this.#end - this.#first, 2 * MAX_EVENTS);
    const from = this.#end - used;
    let capacity = this.#words.length;
    while (capacity < 2 * (used + length)) capacity *= 2; // twice: moving down happens once a buffer, not once a packet
    const target = capacity === this.#words.length ? this.#words : new Uint32Array(capacity);
    if (target === this.#words) target.copyWithin(0, from, this.#end);
    else target.set(this.#words.subarray(from, this.#end));
    this.#words = target;
    this.#first = 0;
    this.#end = used;
  }

  /** Counts times from another base; what can no longer be expressed is more than an hour older and goes. */
  #rebase(wanted: number, last: number): void {
    const limit = last - MAX_PACKET_SPAN_US;
    this.dropBefore(limit);
    const earliest = this.#first < this.#end ? this.#t0 + (this.#words[this.#first] ?? 0) - SLACK_US : wanted;
    const base = Math.max(limit, Math.min(wanted, earliest));
    const shift = this.#t0 - base;
    const words = this.#words;
    for (let i = this.#first; i < this.#end; i += 2) words[i] = (words[i] ?? 0) + shift;
    this.#t0 = base;
  }
}
