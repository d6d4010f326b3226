import type { EventPacket } from "#shared/events/packet.ts";
import type { EventSource, ReadOptions } from "#shared/events/source.ts";

/**
 * Reads a source piece by piece up to any time. It holds one lent packet and hands out views on it.
 * Where times step back, an event is handed out with those around it: late rather than never.
 */
export class PacketCursor {
  readonly #controller = new AbortController();
  readonly #packets: AsyncIterator<EventPacket>;
  #packet: EventPacket | undefined;
  /** First word of the packet not handed out. */
  #at = 0;
  #done = false;

  constructor(source: Pick<EventSource, "read">, options: Omit<ReadOptions, "signal"> = {}) {
    this.#packets = source.read({ ...options, signal: this.#controller.signal })[Symbol.asyncIterator]();
  }

  /** Whether everything has been handed out. */
  get done(): boolean {
    return this.#done;
  }

  /**
   * Hands out what comes before `to` (µs). Views are lent until the next call.
   * @param enough asked between packets: true ends early.
   * @returns the time reached: `to`, or the time of the next event when it was enough.
   */
  async until(to: number, deliver: (packet: EventPacket) => void, enough?: () => boolean): Promise<number> {
    for (;;) {
      const packet = this.#packet ?? (await this.#next());
      if (packet === undefined) return to;
      const { words, t0 } = packet;
      const limit = to - t0;
      const first = this.#at;
      let at = first;
      while (at < words.length && (words[at] ?? 0) < limit) at += 2;
      if (at > first) deliver({ t0, words: words.subarray(first, at) });
      this.#at = at;
      if (at < words.length) return to;
      this.#packet = undefined;
      if (enough?.() === true) {
        const next = await this.#next();
        return next === undefined ? to : Math.min(to, next.t0 + (next.words[0] ?? 0));
      }
    }
  }

  /** The next packet with events in it. */
  async #next(): Promise<EventPacket | undefined> {
    while (!this.#done) {
      const next = await this.#packets.next();
      if (next.done === true) this.#done = true;
      else if (next.value.words.length > 0) {
        this.#packet = next.value;
        this.#at = 0;
        return next.value;
      }
    }
    return undefined;
  }

  /** Ends the reading; the source may be read anew afterwards. */
  async close(): Promise<void> {
    this.#done = true;
    this.#packet = undefined;
    this.#controller.abort();
    await this.#packets.return?.();
  }
}
