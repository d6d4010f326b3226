import { packXyp, type EventPacket } from "#shared/events/packet.ts";
import type { ReadOptions, SourceReport } from "#shared/events/source.ts";
import type { Clock } from "../clock.ts";

/** A packet of events `[t, x, y, p]`. */
export function packetOf(events: readonly (readonly [t: number, x: number, y: number, p: number])[], t0 = 0): EventPacket {
  const words = new Uint32Array(2 * events.length);
  for (const [i, [t, x, y, p]] of events.entries()) {
    words[2 * i] = t - t0;
    words[2 * i + 1] = packXyp(x, y, p);
  }
  return { t0, words };
}

/** The times of a packet's events. */
export const timesOf = ({ t0, words }: EventPacket): number[] =>
  Array.from({ length: words.length / 2 }, (_, i) => t0 + (words[2 * i] ?? 0));

/** One event every `everyUs` in `[start, end)`, in packets of ten; remembers where it was entered. */
export function fakeSource(start: number, end: number, everyUs: number) {
  const entered: number[] = [];
  let fail: Error | undefined;
  const nothing: SourceReport = { damage: [], triggers: [], dropped: {} };
  return {
    entered,
    info: { sensor: { width: 16, height: 16 }, range: { start, end }, label: "fake" },
    failWith: (error: Error | undefined) => void (fail = error),
    async *read({ from = start, to = end, signal }: ReadOptions): AsyncGenerator<EventPacket> {
      entered.push(from);
      const first = start + Math.max(0, Math.ceil((from - start) / everyUs)) * everyUs;
      for (let t = first; t < Math.min(to, end); t += 10 * everyUs) {
        if (fail !== undefined) throw fail;
        if (signal?.aborted === true) return;
        const times = Array.from({ length: 10 }, (_, i) => t + i * everyUs).filter((time) => time < Math.min(to, end));
        yield await Promise.resolve(
          packetOf(
            times.map((time) => [time, Math.floor(time / everyUs) % 16, 3, 1]),
            t,
          ),
        );
      }
    },
    report: () => nothing,
    close: () => Promise.resolve(),
  };
}

/** A clock that passes only when somebody waits, and calls what a test has planned. */
export class FakeClock implements Clock {
  #now = 0;
  readonly #plans: { ms: number; act: () => void }[] = [];
  /** Added to the clock at every look at it: a machine that is slow. */
  lookCostMs = 0;

  now(): number {
    this.#now += this.lookCostMs;
    return this.#now;
  }

  /** Does something at a time; plans are made in order. */
  at(ms: number, act: () => void): void {
    this.#plans.push({ ms, act });
  }

  /** The machine was asleep. */
  jump(ms: number): void {
    this.#now += ms;
  }

  async wait(ms: number, signal: AbortSignal): Promise<void> {
    await new Promise((resolve) => setImmediate(resolve));
    if (signal.aborted) return;
    const plan = this.#plans[0];
    const until = this.#now + ms;
    if (plan !== undefined && plan.ms <= until) {
      this.#plans.shift();
      this.#now = Math.max(this.#now, plan.ms);
      plan.act();
      if (ms !== Infinity) this.#now = Math.max(this.#now, until);
      if (signal.aborted || ms !== Infinity) return;
      return this.wait(ms, signal);
    }
    if (ms === Infinity) {
      await new Promise<void>((resolve) => signal.addEventListener("abort", () => resolve(), { once: true }));
      return;
    }
    this.#now = until;
  }
}
