import type { PacketWriter } from "#shared/events/packet-writer.ts";
import type { Sensor } from "#shared/events/sensor.ts";
import type { EventKernels } from "#main/kernels/event-kernels.ts";
import * as at from "#main/kernels/layout.ts";

/** Names of the counters in reports. */
export const DROPPED_REASONS = {
  timeless: "before the first time",
  rowless: "before the first row",
  outside: "beyond the sensor",
} as const;

/** Words or records that are handed to a kernel behind a stop, where the next one may not be far. */
export const BLOCK_BEHIND_STOP = 64;

/**
 * A decoder's place in the kernels' memory: all decoders of a process share it, so each keeps its own state outside and
 * puts it in for the length of a call.
 */
export class KernelSession {
  readonly slots: Int32Array;
  readonly input: Uint8Array;
  readonly kernels: EventKernels;
  readonly #shared: Int32Array;
  readonly #words: Uint32Array;

  constructor(kernels: EventKernels, sensor: Sensor) {
    this.kernels = kernels;
    this.slots = new Int32Array(at.STATE_SLOTS);
    this.slots[at.WIDTH] = sensor.width;
    this.slots[at.HEIGHT] = sensor.height;
    this.#shared = new Int32Array(kernels.memory, at.STATE_AT, at.STATE_SLOTS);
    this.input = new Uint8Array(kernels.memory, at.INPUT_AT, at.TRIGGERS_AT - at.INPUT_AT);
    this.#words = new Uint32Array(kernels.memory);
  }

  /** Puts this decoder's state in, with the base time (µs) of the packet being written. */
  enter(baseUs: number): void {
    this.slots[at.BASE] = (baseUs % 0x1_0000_0000) | 0;
    this.#shared.set(this.slots);
  }

  /** Takes the state out and the events over to the writer. */
  leave(out: PacketWriter): void {
    this.slots.set(this.#shared);
    const count = 2 * (this.slots[at.EVENTS] ?? 0);
    if (count === 0) return;
    const from = at.OUTPUT_AT >>> 2;
    const length = out.length;
    out.reserve(count >>> 1).set(this.#words.subarray(from, from + count), length);
    out.commit(length + count);
  }

  /** The word at `index` of the trigger region. */
  triggerWord(index: number): number {
    return this.#words[(at.TRIGGERS_AT >>> 2) + index] ?? 0;
  }

  slot(index: number): number {
    return this.slots[index] ?? 0;
  }

  dropped(): Readonly<Record<string, number>> {
    const counts = [
      [DROPPED_REASONS.timeless, this.slot(at.DROPPED_TIMELESS)],
      [DROPPED_REASONS.rowless, this.slot(at.DROPPED_ROWLESS)],
      [DROPPED_REASONS.outside, this.slot(at.DROPPED_OUTSIDE)],
    ] as const;
    return Object.fromEntries(counts.filter(([, count]) => count > 0));
  }
}
