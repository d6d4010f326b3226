import { AppError } from "#shared/api/errors.ts";
import { baseFor } from "#shared/events/packet-writer.ts";
import { MAX_PACKET_SPAN_US, type EventPacket } from "#shared/events/packet.ts";

/** How far back a time may lie to be put into its place: joined clips fall by more, and that is no disorder of a camera. */
const SORT_SPAN_US = 1_000_000;
/** With more events held back than this (12 bytes each), the span shrinks to what a camera's steps back need. */
const MAX_HELD = 1 << 24;
const SHORT_SPAN_US = 10_000;
const FIRST_CAPACITY = 1 << 16;

/** Puts events into the order of their times (equal times keep their order) by holding back the newest second or two. */
export class TimeOrder {
  #times = new Float64Array(FIRST_CAPACITY);
  #words = new Uint32Array(FIRST_CAPACITY);
  #count = 0;
  #oldest = Infinity;
  #latest = -Infinity;
  /** Everything before this has been handed out. */
  #released = -Infinity;
  #sorted = true;

  /**
   * Takes a packet; answers what can no longer be overtaken.
   * @throws AppError `unsupported` where times fall by more than is held back.
   */
  add({ t0, words }: EventPacket): readonly EventPacket[] {
    this.#reserve(words.length >>> 1);
    const times = this.#times;
    const held = this.#words;
    let count = this.#count;
    let latest = this.#latest;
    for (let i = 0; i < words.length; i += 2) {
      const t = t0 + words[i]!;
      if (t < this.#released) throw tooFar(latest - t);
      if (t >= latest) latest = t;
      else this.#sorted = false;
      if (t < this.#oldest) this.#oldest = t;
      times[count] = t;
      held[count] = words[i + 1]!;
      count += 1;
    }
    this.#count = count;
    this.#latest = latest;
    if (count > MAX_HELD) return this.#release(latest - SHORT_SPAN_US);
    return latest - this.#oldest > 2 * SORT_SPAN_US ? this.#release(latest - SORT_SPAN_US) : [];
  }

  /** The rest, once no packet follows. */
  finish(): readonly EventPacket[] {
    return this.#release(Infinity);
  }

  #release(before: number): readonly EventPacket[] {
    if (!this.#sorted) this.#sort();
    const count = this.#count;
    const times = this.#times;
    const words = this.#words;
    let ready = 0;
    while (ready < count && times[ready]! < before) ready += 1;
    const packets: EventPacket[] = [];
    for (let first = 0; first < ready;) {
      const t0 = baseFor(times[first]!);
      let end = first;
      while (end < ready && times[end]! - t0 <= MAX_PACKET_SPAN_US) end += 1;
      const out = new Uint32Array(2 * (end - first));
      for (let i = first; i < end; i += 1) {
        out[2 * (i - first)] = times[i]! - t0;
        out[2 * (i - first) + 1] = words[i]!;
      }
      packets.push({ t0, words: out });
      first = end;
    }
    times.copyWithin(0, ready, count);
    words.copyWithin(0, ready, count);
    this.#count = count - ready;
    this.#oldest = this.#count > 0 ? times[0]! : Infinity;
    this.#released = Math.max(this.#released, before);
    return packets;
  }

  #sort(): void {
    const { buffer } = this.#times;
    const times = new Float64Array(buffer.slice(0, 8 * this.#count));
    const words = this.#words.slice(0, this.#count);
    const order = new Uint32Array(this.#count);
    for (let i = 0; i < order.length; i += 1) order[i] = i;
    order.sort((a, b) => times[a]! - times[b]! || a - b);
    for (let i = 0; i < order.length; i += 1) {
      const from = order[i]!;
      this.#times[i] = times[from]!;
      this.#words[i] = words[from]!;
    }
    this.#sorted = true;
  }

  #reserve(more: number): void {
    const needed = this.#count + more;
    if (needed <= this.#times.length) return;
    const capacity = Math.max(needed, 2 * this.#times.length);
    const times = new Float64Array(capacity);
    const words = new Uint32Array(capacity);
    times.set(this.#times.subarray(0, this.#count));
    words.set(this.#words.subarray(0, this.#count));
    this.#times = times;
    this.#words = words;
  }
}

function tooFar(fallUs: number): AppError {
  return new AppError("unsupported", `Times fall by ${(fallUs / 1e6).toFixed(3)} s, too far to be sorted`, {
    hint: `Sorting reaches back ${SORT_SPAN_US / 1e6} s. Convert the parts of the recording one by one with --from and --to.`,
  });
}
