import type { EventPacket } from "#shared/events/packet.ts";
import type { Sensor } from "#shared/events/sensor.ts";
import type { UnitRef } from "#shared/units/unit.ts";
import { Meter, type Rates } from "./meter.ts";
import { createFilterChain, type FilterChain } from "#main/units/filters/chain.ts";

/** Somebody who wants the events of a stream as they pass. */
export interface Tap {
  /** What was before does not count any more; what follows begins at `from` (µs). */
  reset(from: number): void;
  /** Lent until the call returns. */
  events(packet: EventPacket): void;
  /** Everything before `t` (µs) has been handed over. */
  advance(t: number): void;
  /** No more will come. */
  end(): void;
}

/** The place where a player or a camera puts events and views and classifiers take them. */
export class Hub {
  readonly sensor: Sensor;
  readonly #raw = new Set<Tap>();
  readonly #filtered = new Set<Tap>();
  readonly #meter: Meter;
  #refs: readonly UnitRef[] = [];
  #chain: FilterChain = (packet) => packet;
  #t = 0;
  #ended = false;

  constructor(sensor: Sensor, now: () => number = () => performance.now()) {
    this.sensor = sensor;
    this.#meter = new Meter(now);
  }

  /** Time up to which everything has passed, µs. */
  get t(): number {
    return this.#t;
  }

  /** Takes part from now on, before or after the filters. */
  tap(where: "raw" | "filtered", tap: Tap): Disposable {
    const taps = where === "raw" ? this.#raw : this.#filtered;
    taps.add(tap);
    tap.reset(this.#t);
    if (this.#ended) tap.end();
    return { [Symbol.dispose]: () => void taps.delete(tap) };
  }

  /** Other filters for everything that follows. @throws AppError and keeps the old ones. */
  setFilters(refs: readonly UnitRef[]): void {
    this.#chain = createFilterChain(refs, this.sensor);
    this.#refs = refs;
  }

  /** A seek: fresh filter state, and everybody forgets. */
  reset(from: number): void {
    this.#t = from;
    this.#chain = createFilterChain(this.#refs, this.sensor);
    this.#meter.reset(from);
    for (const tap of this.#raw) tap.reset(from);
    for (const tap of this.#filtered) tap.reset(from);
  }

  push(packet: EventPacket): void {
    for (const tap of this.#raw) tap.events(packet);
    const kept = this.#chain(packet);
    this.#meter.add(packet, kept);
    if (kept.words.length > 0) for (const tap of this.#filtered) tap.events(kept);
  }

  advance(t: number): void {
    this.#t = t;
    this.#meter.advance(t);
    for (const tap of this.#raw) tap.advance(t);
    for (const tap of this.#filtered) tap.advance(t);
  }

  rates(): Rates {
    return this.#meter.rates();
  }

  end(): void {
    this.#ended = true;
    for (const tap of this.#raw) tap.end();
    for (const tap of this.#filtered) tap.end();
  }
}
