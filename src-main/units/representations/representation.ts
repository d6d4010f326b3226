import type { EventPacket } from "#shared/events/packet.ts";
import type { Sensor, TimeRange } from "#shared/events/sensor.ts";
import type { ParamSpec, ParamsOf } from "#shared/units/params.ts";
import type { Unit } from "#shared/units/unit.ts";

/** A dense array made of events. */
export interface Representation<S extends ParamSpec = ParamSpec> extends Unit<S> {
  create(params: ParamsOf<S>, sensor: Sensor): Accumulator;
}

/**
 * Collects the events of one window and writes it as `[T, H, W, 2]` (channel 0 OFF, 1 ON), time slowest: the
 * order in which networks read it.
 */
export interface Accumulator {
  readonly shape: readonly [steps: number, height: number, width: number, channels: number];
  /** Events of one window, in order; may be called many times. */
  add(packet: EventPacket): void;
  /**
   * Writes the dense window into `out` (its length is the product of `shape`).
   * @param range the window in µs, half-open. Absent: from the first to the last event (a clip as it is).
   */
  read(out: Float32Array, range?: TimeRange): void;
  clear(): void;
}
