import type { EventPacket } from "#shared/events/packet.ts";

/** The events of one window in growing columns, so that adding millions allocates a few times only. */
export class EventStore {
  times = new Float64Array(1 << 12);
  /** Second words of the events, see `packXyp`. */
  packed = new Uint32Array(1 << 12);
  count = 0;

  add({ t0, words }: EventPacket): void {
    const events = words.length >>> 1;
    this.#reserve(this.count + events);
    const { times, packed } = this;
    let at = this.count;
    for (let i = 0; i < words.length; i += 2, at += 1) {
      times[at] = t0 + words[i]!;
      packed[at] = words[i + 1]!;
    }
    this.count = at;
  }

  clear(): void {
    this.count = 0;
  }

  #reserve(needed: number): void {
    if (needed <= this.times.length) return;
    let capacity = this.times.length;
    while (capacity < needed) capacity *= 2;
    const times = new Float64Array(capacity);
    times.set(this.times.subarray(0, this.count));
    this.times = times;
    const packed = new Uint32Array(capacity);
    packed.set(this.packed.subarray(0, this.count));
    this.packed = packed;
  }
}
