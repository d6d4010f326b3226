import type { AppError } from "#shared/api/errors.ts";

/** What the port and the cable allow, as the device's own descriptors tell. */
export type UsbSpeed = "full" | "high" | "super";

/** A plugged-in device, as far as it is known without opening it. */
export interface UsbDevice {
  /** Bus and address: the same for as long as it stays plugged in. */
  readonly key: string;
  /** The camera's name, or its numbers when it is none we know: for messages. */
  readonly label: string;
  readonly vendorId: number;
  readonly productId: number;
  /** The version that the device claims (bcdDevice). */
  readonly release: number;
  /** `undefined` when the descriptors do not tell. */
  readonly speed: UsbSpeed | undefined;
  /** Number of the string that holds the serial number, 0 when there is none. */
  readonly serialString: number;
  /** @throws AppError `denied`, `busy`, `camera-gone`, `unsupported` (wrong driver), `io`. */
  open(): Promise<Transport>;
}

/** Where devices are plugged in: the system's USB, or an emulated one. */
export interface UsbBus {
  /** Every device that is there now, cameras and others. */
  list(): Promise<readonly UsbDevice[]>;
}

/** The first six bytes of a control transfer; the seventh and eighth are the data's length. */
export interface ControlSetup {
  /** bmRequestType: 0x40 vendor out, 0xC0 vendor in, 0x80 standard in. */
  readonly requestType: number;
  readonly request: number;
  readonly value: number;
  readonly index: number;
}

/** Why no more data comes. `stopped` is the answer to `stop()`; the other ones carry an error for people. */
export type StreamEnd =
  | { readonly cause: "stopped" }
  /** `stalled`: the endpoint is halted; stop the sensor, `clearHalt`, and it can be streamed again. */
  | { readonly cause: "stalled" | "gone" | "failed"; readonly error: AppError };

export interface BulkStreamOptions {
  /** Reads that are under way at any time. */
  readonly transfers: number;
  /** Size of one read: a multiple of 1024 (512 at high speed), so that the device cannot send more than was asked for. */
  readonly transferBytes: number;
  /** What one read brought, in the order in which it was sent; never empty. Lent: the memory is reused after the return. */
  readonly onData: (bytes: Uint8Array) => void;
  /** Called once, when every read has come back. */
  readonly onEnd: (end: StreamEnd) => void;
}

/** A running queue of reads. */
export interface BulkStream {
  /** Cancels the reads; done when every one has come back and `onEnd` has been called. May be called again, and after the end. */
  stop(): Promise<void>;
}

/**
 * An open device: all that drivers know of USB. Every method rejects with an AppError that names the camera and the remedy
 * (`camera-gone` when it was unplugged, which may happen at any moment). Transfers that wait for one another are the caller's affair.
 */
export interface Transport {
  readonly device: UsbDevice;
  claim(interfaceNumber: number): Promise<void>;
  release(interfaceNumber: number): Promise<void>;
  setInterface(interfaceNumber: number, alternate: number): Promise<void>;
  controlIn(setup: ControlSetup, lengthBytes: number): Promise<Uint8Array>;
  controlOut(setup: ControlSetup, data: Uint8Array): Promise<void>;
  bulkOut(endpoint: number, data: Uint8Array, timeoutMs: number): Promise<void>;
  /** One read from a bulk or interrupt endpoint: what had come when it was full, the device was done or the time was up. May be empty. */
  bulkIn(endpoint: number, lengthBytes: number, timeoutMs: number): Promise<Uint8Array>;
  /** Keeps many reads under way on a bulk or interrupt endpoint. `clearHalt` belongs before it, never after. */
  stream(endpoint: number, options: BulkStreamOptions): BulkStream;
  clearHalt(endpoint: number): Promise<void>;
  /** Tells once when the device was unplugged. The answer takes the listener off. */
  onDetach(listener: () => void): () => void;
  /** Streams have to be stopped before. May be called again, and after unplugging. */
  close(): Promise<void>;
}
