import type { PacketWriter } from "#shared/events/packet-writer.ts";
import type { EventPacket } from "#shared/events/packet.ts";
import type { Sensor } from "#shared/events/sensor.ts";
import type { Frame, ImuSample, Trigger } from "#shared/events/beside.ts";
import type { Unit } from "#shared/units/unit.ts";

/** Parser state as plain data: small and cloneable, which makes seeking and resuming possible. */
export type DecoderState = Readonly<Record<string, number>>;

/** How events are written as bytes. */
export interface Encoding extends Unit {
  /** Bytes per word: a recording's payload is cut at multiples of it. */
  readonly wordBytes: number;
  createDecoder(sensor: Sensor, state?: DecoderState): Decoder;
  createEncoder?(sensor: Sensor): Encoder;
  /** Bytes that bring a fresh decoder into this state, turns of the clock apart: what a recording from the middle begins with. */
  preamble?(state: DecoderState): Uint8Array;
}

export interface Decoder {
  /**
   * Appends the events of these bytes to `out`. Any split of the bytes gives the same events. Stops early when the next event no
   * longer fits into the packet's time span; the answer is the number of bytes used, and the caller takes the packet and calls again.
   */
  decode(bytes: Uint8Array, out: PacketWriter): number;
  state(): DecoderState;
  /** Stream time reached, µs; `undefined` before the first time word. */
  time(): number | undefined;
  /** Triggers found since the last call. */
  triggers(): readonly Trigger[];
  /** Inertial readings found since the last call, where the encoding carries them. */
  imu?(): readonly ImuSample[];
  /** Frames completed since the last call, where the encoding carries them. */
  frames?(): readonly Frame[];
  /** Events left out so far, by reason. */
  dropped(): Readonly<Record<string, number>>;
  /** Words that mean nothing (padding): how many bytes in all, and where the first lies, counted from the first byte decoded. */
  skipped?(): { readonly offset: number; readonly bytes: number } | undefined;
  /** Bytes of an unfinished word that wait for the next call. */
  pending(): number;
  /** Bytes were lost before the next ones: forgets what may have changed in them (the row, half a word) and keeps the clock. */
  resync?(): void;
}

export interface Encoder {
  /** The bytes of these events. Times must not fall. The memory is lent until the next call. */
  encode(packet: EventPacket): Uint8Array;
  /** The bytes of external edges, where the encoding can hold them; called in the order of the times. Lent until the next call. */
  triggers?(found: readonly Trigger[]): Uint8Array;
  /** Time words that say that nothing happened before `t`, as cameras send them in silence. Lent until the next call. */
  advance?(t: number): Uint8Array;
  /** What has to follow the last event, usually nothing. */
  finish(): Uint8Array;
}
