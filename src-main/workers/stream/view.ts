import { MAX_VIEW_EVENTS, MAX_VIEW_FRAME_BYTES, type ViewFrame } from "#shared/api/stream-api.ts";
import { SLACK_US } from "#shared/events/packet-writer.ts";
import { MAX_PACKET_SPAN_US, type EventPacket } from "#shared/events/packet.ts";
import type { Sensor } from "#shared/events/sensor.ts";
import type { Tap } from "./hub.ts";

/** One frame is being filled while up to three are lent: one drawn, one in the queue, one on its way. */
const SLOTS = 4;
const FIRST_EVENTS = 4096;

interface Slot {
  words: Uint32Array;
  off: Uint8Array;
  on: Uint8Array;
}

/**
 * Collects what has passed since the last frame: the events themselves while they are few, two images of counts beyond.
 * Frames are lent: their memory comes round again after three more.
 */
export class ViewTap implements Tap {
  readonly #slots: readonly Slot[];
  /** Count images: their size, and how far coordinates are shifted to get there. */
  readonly #width: number;
  readonly #height: number;
  readonly #shift: number;
  #current = 0;
  #t0 = 0;
  #length = 0;
  #counting = false;
  #events = 0;
  #from = 0;
  #t = 0;
  #reset = true;
  #ready = false;
  #ended = false;
  #wake: (() => void) | undefined;

  constructor(sensor: Sensor) {
    let shift = 0;
    while (2 * Math.ceil(sensor.width / (1 << shift)) * Math.ceil(sensor.height / (1 << shift)) > MAX_VIEW_FRAME_BYTES) shift++;
    this.#shift = shift;
    this.#width = Math.ceil(sensor.width / (1 << shift));
    this.#height = Math.ceil(sensor.height / (1 << shift));
    this.#slots = Array.from({ length: SLOTS }, () => ({
      words: new Uint32Array(2 * FIRST_EVENTS),
      off: new Uint8Array(0),
      on: new Uint8Array(0),
    }));
  }

  reset(from: number): void {
    this.#from = this.#t = from;
    this.#reset = true;
    this.#ready = false;
    this.#clear();
  }

  events(packet: EventPacket): void {
    const events = packet.words.length >>> 1;
    if (!this.#counting && !this.#keep(packet, events)) this.#startCounting();
    if (this.#counting) this.#count(packet.words, packet.words.length);
    this.#events += events;
  }

  advance(t: number): void {
    if (t <= this.#from && !this.#reset) return;
    this.#t = t;
    this.#ready = true;
    this.#wake?.();
  }

  end(): void {
    this.#ended = true;
    this.#wake?.();
  }

  /** Waits until there is something new. False when nothing will come any more. */
  async wanted(): Promise<boolean> {
    while (!this.#ready && !this.#ended) await new Promise<void>((resolve) => (this.#wake = resolve));
    this.#wake = undefined;
    return this.#ready;
  }

  /** Everything since the last frame. */
  take(): ViewFrame {
    const slot = this.#slot();
    const head = { t: this.#t, from: this.#from, reset: this.#reset };
    const frame: ViewFrame = this.#counting
      ? {
          ...head,
          kind: "counts",
          width: this.#width,
          height: this.#height,
          factor: 1 << this.#shift,
          off: slot.off,
          on: slot.on,
          events: this.#events,
        }
      : { ...head, kind: "events", packet: { t0: this.#t0, words: slot.words.subarray(0, this.#length) } };
    this.#current = (this.#current + 1) % SLOTS;
    this.#from = this.#t;
    this.#reset = false;
    this.#ready = false;
    this.#clear();
    return frame;
  }

  #slot(): Slot {
    const slot = this.#slots[this.#current];
    if (slot === undefined) throw new RangeError("view: no such slot");
    return slot;
  }

  #clear(): void {
    this.#length = this.#events = 0;
    this.#counting = false;
  }

  /** Appends the events; false when they are too many or too far apart for one packet. */
  #keep(packet: EventPacket, events: number): boolean {
    if (this.#events + events > MAX_VIEW_EVENTS) return false;
    // A little room below, since packets of sources whose times step back begin earlier than their first event.
    if (this.#length === 0) this.#t0 = Math.min(packet.t0, this.#from) - SLACK_US;
    const shift = packet.t0 - this.#t0;
    const last = packet.words[packet.words.length - 2] ?? 0;
    if (shift < 0 || last + shift > MAX_PACKET_SPAN_US) return false;
    const slot = this.#slot();
    const at = this.#length;
    const needed = at + packet.words.length;
    if (needed > slot.words.length) {
      const grown = new Uint32Array(2 * Math.min(MAX_VIEW_EVENTS, Math.max(needed >>> 1, slot.words.length)));
      grown.set(slot.words.subarray(0, at));
      slot.words = grown;
    }
    const source = packet.words;
    const target = slot.words;
    for (let i = 0; i < source.length; i += 2) {
      target[at + i] = (source[i] ?? 0) + shift;
      target[at + i + 1] = source[i + 1] ?? 0;
    }
    this.#length = needed;
    return true;
  }

  #startCounting(): void {
    const slot = this.#slot();
    const pixels = this.#width * this.#height;
    if (slot.off.length === pixels) {
      slot.off.fill(0);
      slot.on.fill(0);
    } else {
      slot.off = new Uint8Array(pixels);
      slot.on = new Uint8Array(pixels);
    }
    this.#counting = true;
    this.#count(slot.words, this.#length);
  }

  #count(words: Uint32Array, length: number): void {
    const { off, on } = this.#slot();
    const shift = this.#shift;
    const width = this.#width;
    // Kept in sight of packet.ts: word 1 is p << 28 | y << 14 | x; calling helpers per event costs a third.
    for (let i = 1; i < length; i += 2) {
      const word = words[i] ?? 0;
      const at = (((word >>> 14) & 0x3fff) >>> shift) * width + ((word & 0x3fff) >>> shift);
      const image = word >>> 28 === 0 ? off : on;
      const count = image[at] ?? 255;
      if (count < 255) image[at] = count + 1;
    }
  }
}

/** A feed of frames: no credit, no frame; the next one covers everything since the last. */
export async function* viewFrames(tap: ViewTap, signal: AbortSignal): AsyncGenerator<ViewFrame> {
  const leave = (): void => tap.end();
  signal.addEventListener("abort", leave, { once: true });
  try {
    while ((await tap.wanted()) && !signal.aborted) yield tap.take();
  } finally {
    signal.removeEventListener("abort", leave);
  }
}
