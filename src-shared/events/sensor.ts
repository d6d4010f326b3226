/** Pixel array of an event camera. Origin top left, x to the right, y down. */
export interface Sensor {
  readonly width: number;
  readonly height: number;
}

/** What is known about a stream before its first event. */
export interface StreamInfo {
  readonly sensor: Sensor;
  /** Microseconds on the stream's clock, half-open; absent for a live camera. */
  readonly range?: TimeRange;
  /** File name, or camera name and serial, for people. */
  readonly label: string;
}

/** A half-open span `[start, end)` in microseconds. */
export interface TimeRange {
  readonly start: number;
  readonly end: number;
}
