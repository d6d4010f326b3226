import { PacketWriter } from "#shared/events/packet-writer.ts";
import { firstTime, lastTime } from "#shared/events/packet.ts";
import type { Decoder, DecoderState } from "#main/units/encodings/encoding.ts";
import type { Chunk, ChunkRing } from "./chunk-ring.ts";
import type { HostClock } from "./host-clock.ts";
import type { Hub } from "./hub.ts";

/** Decoding gives way to everything else after so long, ms. */
const DECODE_BUDGET_MS = 10;
/** When so much waits it cannot keep up anyway: transfers must go back to the camera in time, so its turns are short. */
const MUCH_BYTES = 32 * 1024 * 1024;
const SHORT_BUDGET_MS = 2;

/** Turns what a camera sends into events, behind the ring and in small portions: it may be late, and may pass over what it cannot keep up with. */
export class LiveDecoder {
  readonly #ring: ChunkRing;
  readonly #hub: Hub;
  readonly #decoded: () => void;
  readonly #writer = new PacketWriter();
  readonly #at: { seq: number };
  #decoder: Decoder;
  #clock: HostClock;
  #pumping = false;
  #closed = false;
  #begun = false;
  /** It has passed over what came before the next chunk. */
  #behind = false;
  /** Least difference ever between wall and stream time: what is above it is delay. */
  #leastDelayMs = Infinity;
  #delayMs = 0;
  backlogBytes = 0;
  /** Places where something was missing. */
  gaps = 0;
  skippedBytes = 0;

  /** @param decoded told after each chunk. */
  constructor(ring: ChunkRing, hub: Hub, decoder: Decoder, clock: HostClock, decoded: () => void) {
    this.#ring = ring;
    this.#hub = hub;
    this.#decoder = decoder;
    this.#clock = clock;
    this.#decoded = decoded;
    this.#at = ring.hold(0);
  }

  /** The next chunk it will look at. */
  get seq(): number {
    return this.#at.seq;
  }
  get delayMs(): number {
    return this.#delayMs;
  }

  /** Another camera, or the same one plugged in again: what came before has to be through. */
  use(decoder: Decoder, clock: HostClock): void {
    this.#decoder = decoder;
    this.#clock = clock;
    this.#begun = false;
    this.#leastDelayMs = Infinity;
  }

  /** A chunk is in the ring. */
  arrived(chunk: Chunk): void {
    this.backlogBytes += chunk.bytes.length;
    this.#schedule();
  }

  /** Recording goes on, looking does not: what has come is not decoded any more. */
  skip(): void {
    const ring = this.#ring;
    for (let seq = this.#at.seq; seq < ring.next; seq++) {
      const chunk = ring.get(seq);
      if (chunk === undefined) continue;
      chunk.skipped = chunk.decoded = true;
      this.skippedBytes += chunk.bytes.length;
    }
    this.#at.seq = ring.next;
    this.backlogBytes = 0;
    this.#behind = true;
    this.#decoded();
  }

  /** Waits until it has come to a chunk; false when it was closed before. */
  async reaches(seq: number): Promise<boolean> {
    while (this.#at.seq < seq && !this.#closed) await new Promise((resolve) => setImmediate(resolve));
    return !this.#closed;
  }

  /** Where it stands before a chunk that it has reached. */
  stateAt(seq: number): DecoderState {
    return (this.#at.seq === seq ? undefined : this.#ring.get(seq)?.before) ?? this.#decoder.state();
  }

  close(): void {
    this.#closed = true;
  }

  readonly #pump = (): void => {
    this.#pumping = false;
    const until = performance.now() + (this.backlogBytes > MUCH_BYTES ? SHORT_BUDGET_MS : DECODE_BUDGET_MS);
    for (let chunk = this.#ring.get(this.#at.seq); chunk !== undefined; chunk = this.#ring.get(this.#at.seq)) {
      if (performance.now() > until) {
        this.#schedule();
        return;
      }
      this.backlogBytes -= chunk.bytes.length;
      this.#decode(chunk);
      this.#at.seq += 1;
      this.#decoded();
    }
  };

  #schedule(): void {
    if (this.#pumping || this.#closed) return;
    this.#pumping = true;
    setImmediate(this.#pump);
  }

  /** A camera's clock does not begin at zero. */
  #begin(t: number): void {
    if (this.#begun) return;
    this.#begun = true;
    this.#hub.reset(t);
  }

  #decode(chunk: Chunk): void {
    const decoder = this.#decoder;
    const writer = this.#writer;
    const hub = this.#hub;
    if (chunk.gap) this.gaps += 1;
    if (chunk.gap || this.#behind) decoder.resync?.();
    this.#behind = false;
    chunk.before = decoder.state();
    for (let rest = chunk.bytes; rest.length > 0;) {
      const used = decoder.decode(rest, writer);
      const packet = writer.take();
      if (packet.words.length > 0) {
        chunk.events += packet.words.length >>> 1;
        chunk.first ??= firstTime(packet);
        chunk.last = lastTime(packet);
        if (chunk.first !== undefined) this.#begin(chunk.first);
        hub.push(packet);
      } else if (used === 0) {
        break; // the decoder's promise is broken: better a lost transfer than an endless loop
      }
      rest = rest.subarray(used);
    }
    // Recordings find what lies beside the events in the bytes; here nobody takes it, and it must not pile up.
    decoder.triggers();
    decoder.imu?.();
    decoder.frames?.();
    chunk.time = decoder.time();
    chunk.decoded = true;
    if (chunk.time === undefined) return;
    this.#begin(chunk.time);
    this.#clock.add(chunk.time, chunk.arrivedUs);
    const wallMinusStream = performance.now() - chunk.time / 1000;
    this.#leastDelayMs = Math.min(this.#leastDelayMs, wallMinusStream);
    this.#delayMs = wallMinusStream - this.#leastDelayMs;
    hub.advance(Math.max(hub.t, chunk.time));
  }
}
