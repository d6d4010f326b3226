import type { Trigger } from "./beside.ts";
import type { EventPacket } from "./packet.ts";
import type { StreamInfo } from "./sensor.ts";

/** Which events to read, half-open, in µs on the stream's clock. Absent ends mean the ends of the stream. */
export interface ReadOptions {
  readonly from?: number;
  readonly to?: number;
  readonly signal?: AbortSignal;
  /** Also deliver frames and inertial readings beside the packets; triggers always come. */
  readonly beside?: boolean;
}

/** A place in a file that could not be understood. Reported, never fatal while something else can be read. */
export interface Damage {
  /** Bytes from the start of the file. */
  readonly offset: number;
  readonly bytes: number;
  readonly reason: string;
}

/** What a source has found out by reading; complete once a full pass has ended. */
export interface SourceReport {
  readonly damage: readonly Damage[];
  readonly triggers: readonly Trigger[];
  /** Events left out, with the reason ("beyond the sensor", "before the first time"). */
  readonly dropped: Readonly<Record<string, number>>;
  /** What lies beside the events, by kind ("frames", "imu"), counted. */
  readonly others?: Readonly<Record<string, number>>;
}

/** Anything that can be read as packets. A recording has a range and can be read from anywhere. */
export interface EventSource {
  readonly info: StreamInfo;
  read(options: ReadOptions): AsyncIterable<EventPacket>;
  /** What the passes so far have come across. */
  report(): SourceReport;
  close(): Promise<void>;
}

/** Anything events can be written to. */
export interface EventSink {
  write(packet: EventPacket): void | Promise<void>;
  /** What had to be changed so that the target can hold it (a shift of all times); to be kept beside it. Nothing when absent or empty. */
  notes?(): Readonly<Record<string, string>>;
  close(): Promise<void>;
}
