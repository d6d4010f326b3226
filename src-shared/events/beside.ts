/** Rare data that lies beside the events of a recording: it travels with a packet as small plain arrays. */
export interface Beside {
  readonly triggers?: readonly Trigger[];
  readonly frames?: readonly Frame[];
  readonly imu?: readonly ImuSample[];
}

/** An external edge with a time. */
export interface Trigger {
  /** µs on the stream's clock. */
  readonly t: number;
  readonly channel: number;
  /** 1 = rising, 0 = falling. */
  readonly value: number;
}

/** Channel of a trigger that no signal made: the camera set its clock back at that moment, alone or with others it is wired to. */
export const CLOCK_RESET_CHANNEL = 255;

/** An ordinary picture that a camera took beside its events. Rows from the top, whatever the file does. */
export interface Frame {
  /** Middle of the exposure where it is known, else the time the file gives; µs on the stream's clock. */
  readonly t: number;
  /** Span of the exposure, µs, where it is known. */
  readonly exposure?: { readonly start: number; readonly end: number };
  /** Span from the reset of its first pixel to the reading of its last one, µs, where it is known. */
  readonly readout?: { readonly start: number; readonly end: number };
  readonly width: number;
  readonly height: number;
  /** Column and row of its first pixel on the sensor. */
  readonly offset: { readonly x: number; readonly y: number };
  /** 1 gray, 3 blue-green-red, 4 blue-green-red-alpha. */
  readonly channels: 1 | 3 | 4;
  /** `height · width · channels` values, row after row; 16-bit values use their full range. */
  readonly pixels: Uint8Array | Uint16Array;
}

/** One reading of an inertial sensor in the camera. */
export interface ImuSample {
  /** µs on the stream's clock. */
  readonly t: number;
  /** °C */
  readonly temperature: number;
  /** g along x, y, z. */
  readonly acceleration: readonly [number, number, number];
  /** Degrees per second around x, y, z. */
  readonly rotation: readonly [number, number, number];
  /** µT along x, y, z, where the camera has a compass. */
  readonly magneticField?: readonly [number, number, number];
}
