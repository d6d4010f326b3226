import type { StreamInfo } from "#shared/events/sensor.ts";
import type { CameraReading, DeviceInfo } from "#shared/api/devices.ts";
import type { ParamSpec, ParamsOf } from "#shared/units/params.ts";
import type { Unit, UnitRef } from "#shared/units/unit.ts";

/** Knowledge about a kind of camera; params = biases, ROI, limits, or what a virtual camera shows. */
export interface Driver<S extends ParamSpec = ParamSpec> extends Unit<S> {
  /** Cameras of this kind that are there now. */
  list(): Promise<readonly DeviceInfo[]>;
  open(deviceId: string, params: ParamsOf<S>): Promise<Camera<S>>;
}

/** An open camera. It moves bytes; its encoding understands them. */
export interface Camera<S extends ParamSpec = ParamSpec> {
  readonly info: StreamInfo;
  /** Who understands the bytes. */
  readonly encoding: UnitRef;
  /** What the decoder has to know of this camera beforehand: how its chip lies, which inertial sensor it has. */
  readonly decoderState?: Readonly<Record<string, number>>;
  /** Codec its recordings are written with. */
  readonly codec: string;
  readonly metadata: Readonly<Record<string, string>>;
  /**
   * The chunk is lent until the callback returns; `gap` says that something was lost between it and the one before. `onEnd` is called
   * once, with the reason when the camera is gone.
   */
  start(onBytes: (chunk: Uint8Array, gap?: boolean) => void, onEnd: (reason?: Error) => void): void;
  /** Writes only what differs. */
  update(next: ParamsOf<S>, previous: ParamsOf<S>): Promise<void>;
  stop(): Promise<void>;
  /** Transfers lost by the camera or its driver since the start, for status and sidecar. */
  dropped?(): number;
  /** What it measures besides events, asked of it now. */
  readings?(): Promise<readonly CameraReading[]>;
  /** What is shown just now: only virtual cameras know. */
  truth?(): string | undefined;
}
