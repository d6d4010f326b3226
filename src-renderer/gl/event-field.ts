import type { ViewFrame } from "#shared/api/stream-api.ts";
import type { Sensor } from "#shared/events/sensor.ts";

/** Events kept for counting and for windows by count: 16 MB, four seconds of a busy camera. */
const RING_EVENTS = 1 << 21;
/** Count pictures kept for expiry; beyond it the oldest is given up. */
const MOST_COUNT_FRAMES = 48;
/** Longest time a stored offset may hold: 31 bits of µs, one of them polarity's neighbour. */
const MAX_OFFSET_US = 0x7fff_fff0;

/** Counts instead of events; a pixel of them stands for `factor × factor` sensor pixels. */
type CountFrame = Pick<Extract<ViewFrame, { kind: "counts" }>, "t" | "on" | "off" | "events" | "width" | "factor">;

/** Pixels and polarities with events in a frame of counts. */
function litOf({ on, off }: CountFrame): number {
  let lit = 0;
  for (let i = 0; i < on.length; i++) lit += ((on[i] ?? 0) > 0 ? 1 : 0) + ((off[i] ?? 0) > 0 ? 1 : 0);
  return lit;
}

/**
 * What the event picture knows: the last event of every pixel, and the signed counts of a sliding window.
 * `last[pixel]` is 0 for never, else `(t - base + 1) << 1 | p`; colour, decay and window are the drawer's business.
 */
export class EventField {
  readonly width: number;
  readonly height: number;
  readonly last: Uint32Array;
  readonly counts: Int16Array;
  /** Stream time the newest frame ended at, µs. */
  now = 0;
  /** Time of offset 0, µs. */
  base = 0;
  /** Grows with every change, so that drawers upload only what is new. */
  version = 0;
  #ringT = new Uint32Array(RING_EVENTS);
  #ringXyp = new Uint32Array(RING_EVENTS);
  /** Total events ever stored; index modulo capacity. */
  #head = 0;
  /** First event that is still in `counts`. */
  #tail = 0;
  #frames: CountFrame[] = [];

  constructor({ width, height }: Sensor) {
    this.width = width;
    this.height = height;
    this.last = new Uint32Array(width * height);
    this.counts = new Int16Array(width * height);
  }

  /** Forgets everything; the next frame begins at `t`. */
  reset(t: number): void {
    this.last.fill(0);
    this.counts.fill(0);
    this.#head = 0;
    this.#tail = 0;
    this.#frames = [];
    this.base = t;
    this.now = t;
    this.version += 1;
  }

  /** Takes in what is new. */
  show(frame: ViewFrame): void {
    if (frame.reset || frame.t < this.now) this.reset(frame.from);
    if (frame.t - this.base > MAX_OFFSET_US) this.#rebase(frame.from);
    if (frame.kind === "events") this.#addEvents(frame.packet.t0, frame.packet.words);
    else this.#addCounts(frame);
    this.now = Math.max(this.now, frame.t);
    this.version += 1;
  }

  #addEvents(t0: number, words: Uint32Array): void {
    const { last, counts, width, height } = this;
    const ringT = this.#ringT;
    const ringXyp = this.#ringXyp;
    const shift = t0 - this.base;
    let head = this.#head;
    let tail = this.#tail;
    for (let i = 0; i < words.length; i += 2) {
      const xyp = words[i + 1] ?? 0;
      const x = xyp & 0x3fff;
      const y = (xyp >>> 14) & 0x3fff;
      if (x >= width || y >= height) continue;
      const p = xyp >>> 28;
      const t = Math.max(0, (words[i] ?? 0) + shift);
      const pixel = y * width + x;
      last[pixel] = ((t + 1) << 1) | p;
      if (head - tail === RING_EVENTS) {
        const old = ringXyp[tail % RING_EVENTS] ?? 0;
        const at = ((old >>> 14) & 0x3fff) * width + (old & 0x3fff);
        counts[at] = (counts[at] ?? 0) - (old >>> 28 === 1 ? 1 : -1);
        tail += 1;
      }
      ringT[head % RING_EVENTS] = t;
      ringXyp[head % RING_EVENTS] = xyp;
      head += 1;
      counts[pixel] = (counts[pixel] ?? 0) + (p === 1 ? 1 : -1);
    }
    this.#head = head;
    this.#tail = tail;
  }

  #addCounts(frame: CountFrame): void {
    const { last, width, height } = this;
    const { on, off, factor } = frame;
    const stamp = (Math.max(0, frame.t - this.base) + 1) << 1;
    for (let y = 0; y < height; y++) {
      const row = Math.floor(y / factor) * frame.width;
      for (let x = 0; x < width; x++) {
        const at = factor === 1 ? row + x : row + Math.floor(x / factor);
        const ons = on[at] ?? 0;
        const offs = off[at] ?? 0;
        if (ons === 0 && offs === 0) continue;
        last[y * width + x] = stamp | (ons >= offs ? 1 : 0);
      }
    }
    this.#count(frame, 1);
    this.#frames.push(frame);
    while (this.#frames.length > MOST_COUNT_FRAMES) this.#dropFrame();
  }

  #count({ on, off, factor, width: columns }: CountFrame, sign: 1 | -1): void {
    const { counts, width, height } = this;
    for (let y = 0; y < height; y++) {
      const row = Math.floor(y / factor) * columns;
      for (let x = 0; x < width; x++) {
        const at = factor === 1 ? row + x : row + Math.floor(x / factor);
        const difference = (on[at] ?? 0) - (off[at] ?? 0);
        if (difference !== 0) counts[y * width + x] = (counts[y * width + x] ?? 0) + sign * difference;
      }
    }
  }

  #dropFrame(): void {
    const frame = this.#frames.shift();
    if (frame !== undefined) this.#count(frame, -1);
  }

  /** Leaves only events of `[from, now]` in `counts`. A window that has grown takes older events back in. */
  countFrom(from: number): void {
    const { counts, width } = this;
    const ringT = this.#ringT;
    const ringXyp = this.#ringXyp;
    const offset = from - this.base;
    const before = this.#tail;
    let tail = this.#tail;
    while (tail < this.#head && (ringT[tail % RING_EVENTS] ?? 0) < offset) {
      const old = ringXyp[tail % RING_EVENTS] ?? 0;
      const at = ((old >>> 14) & 0x3fff) * width + (old & 0x3fff);
      counts[at] = (counts[at] ?? 0) - (old >>> 28 === 1 ? 1 : -1);
      tail += 1;
    }
    if (tail === before) {
      const oldest = Math.max(0, this.#head - RING_EVENTS);
      while (tail > oldest && (ringT[(tail - 1) % RING_EVENTS] ?? 0) >= offset) {
        tail -= 1;
        const old = ringXyp[tail % RING_EVENTS] ?? 0;
        const at = ((old >>> 14) & 0x3fff) * width + (old & 0x3fff);
        counts[at] = (counts[at] ?? 0) + (old >>> 28 === 1 ? 1 : -1);
      }
    }
    this.#tail = tail;
    const frames = this.#frames.length;
    while (this.#frames[0] !== undefined && this.#frames[0].t < from) this.#dropFrame();
    if (tail !== before || this.#frames.length !== frames) this.version += 1;
  }

  /** Events since `from`, as far back as is kept. */
  eventsSince(from: number): number {
    let sum = this.#head - this.#firstSince(from);
    for (const frame of this.#frames) if (frame.t >= from) sum += frame.events;
    return sum;
  }

  /** Number of the first event kept that is not before `from`. */
  #firstSince(from: number): number {
    const offset = from - this.base;
    let low = Math.max(0, this.#head - RING_EVENTS);
    let high = this.#head;
    while (low < high) {
      const middle = Math.floor((low + high) / 2);
      if ((this.#ringT[middle % RING_EVENTS] ?? 0) < offset) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  /**
   * Copies the events since `from` as pairs of offset (from `base`, µs) and `p << 28 | y << 14 | x`. Where they are more than
   * `out` holds, one in `every` (a power of two) is taken, the same ones from picture to picture. Of frames that came as
   * counts, each pixel and polarity counts as one event at the frame's time.
   */
  copySince(from: number, out: Uint32Array): { readonly points: number; readonly every: number } {
    const ringT = this.#ringT;
    const ringXyp = this.#ringXyp;
    const room = out.length >>> 1;
    const frames = this.#frames.filter((frame) => frame.t >= from);
    const first = this.#firstSince(from);
    const lit = frames.reduce((sum, frame) => sum + litOf(frame), 0);
    let every = 1;
    while ((this.#head - first + lit) / every > room - 2) every *= 2;
    let at = 0;
    for (let i = Math.ceil(first / every) * every; i < this.#head; i += every) {
      out[at] = ringT[i % RING_EVENTS] ?? 0;
      out[at + 1] = ringXyp[i % RING_EVENTS] ?? 0;
      at += 2;
    }
    let number = 0;
    for (const { t, on, off, factor, width } of frames) {
      const time = Math.max(0, t - this.base);
      for (let i = 0; i < on.length; i++) {
        for (let p = 0; p < 2; p++) {
          if (((p === 1 ? on[i] : off[i]) ?? 0) === 0 || number++ % every !== 0) continue;
          out[at] = time;
          out[at + 1] = (p << 28) | ((Math.floor(i / width) * factor) << 14) | ((i % width) * factor);
          at += 2;
        }
      }
    }
    return { points: at >>> 1, every };
  }

  /** Time since which there have been `events` events; the oldest kept when there were fewer. */
  timeOfLast(events: number): number {
    let wanted = events;
    for (const frame of this.#frames.toReversed()) {
      if (wanted <= frame.events) return frame.t;
      wanted -= frame.events;
    }
    const oldest = Math.max(0, this.#head - RING_EVENTS);
    const at = Math.max(oldest, this.#head - wanted);
    return at >= this.#head ? this.now : this.base + (this.#ringT[at % RING_EVENTS] ?? 0);
  }

  /** The last event of a pixel. */
  lastAt(x: number, y: number): { readonly t: number; readonly on: boolean } | undefined {
    const value = x < 0 || y < 0 || x >= this.width || y >= this.height ? 0 : (this.last[y * this.width + x] ?? 0);
    return value === 0 ? undefined : { t: this.base + (value >>> 1) - 1, on: (value & 1) === 1 };
  }

  /** Moves offset 0 to a later time; what is older than it is forgotten. */
  #rebase(base: number): void {
    const shift = base - this.base;
    const { last } = this;
    for (let i = 0; i < last.length; i++) {
      const value = last[i] ?? 0;
      const t = (value >>> 1) - shift;
      last[i] = value === 0 || t < 1 ? 0 : (t << 1) | (value & 1);
    }
    this.#head = 0;
    this.#tail = 0;
    this.counts.fill(0);
    this.#frames = [];
    this.base = base;
  }
}
