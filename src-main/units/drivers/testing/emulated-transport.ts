import { AppError } from "#shared/api/errors.ts";
import { seeded } from "#main/lib/testing/random.ts";
import { startReads, type RawTransfer } from "../transport/read-queue.ts";
import type { BulkStream, BulkStreamOptions, ControlSetup, StreamEnd, Transport, UsbDevice } from "../transport/transport.ts";
import { usbErrno, usbFailure } from "../transport/usb-errors.ts";
import type { EmulatedCamera } from "./emulated-camera.ts";
import { EmulatedEndpoint } from "./emulated-endpoint.ts";
import { hexOf } from "./transcript.ts";

/** The open handle of an emulated camera. It completes everything in a later turn, as libusb does. */
export class EmulatedTransport implements Transport {
  readonly device: UsbDevice;
  readonly #camera: EmulatedCamera;
  readonly #claimed = new Set<number>();
  readonly #listeners = new Set<() => void>();
  readonly #streams = new Map<number, { readonly endpoint: EmulatedEndpoint; readonly stream: BulkStream }>();
  readonly #halted = new Set<number>();
  readonly #random = seeded(7);
  #commands = 0;
  #closed = false;

  constructor(camera: EmulatedCamera) {
    this.#camera = camera;
    this.device = camera.device;
  }

  /** What was left undone. */
  held(): readonly string[] {
    return [
      ...[...this.#claimed].map((number) => `interface ${number} claimed`),
      ...[...this.#streams.values()].map(({ endpoint }) => `${endpoint.pending} reads under way`),
      ...[...this.#listeners].map(() => "a listener for unplugging"),
    ];
  }

  /** The cable was pulled. */
  detached(): void {
    for (const { endpoint } of this.#streams.values())
      endpoint.fail(usbErrno.transferNoDevice, this.#camera.faults.cancelledOnUnplug === true);
    const listeners = [...this.#listeners];
    this.#listeners.clear();
    setImmediate(() => {
      for (const listener of listeners) listener();
    });
  }

  stall(endpoint: number): void {
    this.#halted.add(endpoint);
    this.#streams.get(endpoint)?.endpoint.fail(usbErrno.transferStall, false);
  }

  /** A transfer: counted, refused when the camera is gone, and answered later. */
  async #call<T>(doing: string, act: () => T | undefined, errno: number = usbErrno.pipe): Promise<T> {
    await Promise.resolve();
    if (this.#closed) throw new AppError("closed", `${this.device.label} is closed`, { hint: "Open it again." });
    this.#camera.countCall();
    if (!this.#camera.present) throw usbFailure(this.device, usbErrno.noDevice, doing);
    const result = act();
    if (result === undefined) throw usbFailure(this.device, errno, doing);
    return result;
  }

  claim(interfaceNumber: number): Promise<void> {
    const { claimErrno } = this.#camera.faults;
    return this.#call(
      "claiming its interface",
      () => {
        if (claimErrno !== undefined) return undefined;
        this.#camera.traffic.push({ kind: "claimInterface" });
        this.#claimed.add(interfaceNumber);
        return null;
      },
      claimErrno,
    ).then(() => undefined);
  }

  async release(interfaceNumber: number): Promise<void> {
    // Works for an unplugged camera too, as with libusb.
    await Promise.resolve();
    if (this.#streams.size > 0) this.#camera.violations.push("released with reads under way");
    if (this.#claimed.delete(interfaceNumber)) this.#camera.traffic.push({ kind: "releaseInterface" });
  }

  setInterface(): Promise<void> {
    return this.#call("setting up its interface", () => this.#camera.traffic.push({ kind: "setInterface" })).then(
      () => undefined,
    );
  }

  controlIn(setup: ControlSetup, lengthBytes: number): Promise<Uint8Array> {
    const bytes = setupBytes(setup, lengthBytes);
    const mute = this.#camera.faults.mute === true;
    const answer = (): Uint8Array | undefined => {
      this.#camera.traffic.push({ kind: "control", dir: "in", setup: hexOf(bytes), data: "" });
      return mute ? undefined : this.#camera.model.controlIn(bytes)?.slice(0, lengthBytes);
    };
    return this.#call("reading from it", answer, mute ? usbErrno.transferTimedOut : usbErrno.transferStall);
  }

  controlOut(setup: ControlSetup, data: Uint8Array): Promise<void> {
    const bytes = setupBytes(setup, data.length);
    return this.#call("writing to it", () => {
      this.#camera.traffic.push({ kind: "control", dir: "out", setup: hexOf(bytes), data: hexOf(data) });
      if (!this.#camera.model.controlOut(bytes, data)) return undefined;
      this.#watch();
      return null;
    }).then(() => undefined);
  }

  bulkOut(endpoint: number, data: Uint8Array): Promise<void> {
    return this.#call("writing to it", () => {
      if (this.#claimed.size === 0) this.#camera.violations.push("a command without the interface");
      this.#commands += 1;
      if (this.#commands > 1) this.#camera.violations.push("a second command before the answer to the first");
      this.#camera.traffic.push({ kind: "bulk", dir: "out", ep: endpoint, data: hexOf(data) });
      if (!this.#camera.model.bulkOut(endpoint, data)) return undefined;
      this.#watch();
      return null;
    }).then(() => undefined);
  }

  bulkIn(endpoint: number, lengthBytes: number): Promise<Uint8Array> {
    return this.#call("reading from it", () => {
      this.#commands = 0;
      this.#camera.traffic.push({ kind: "bulk", dir: "in", ep: endpoint, data: "" });
      const reply = this.#camera.model.bulkIn(endpoint);
      return this.#camera.faults.mute === true ? new Uint8Array(0) : (reply?.slice(0, lengthBytes) ?? new Uint8Array(0));
    });
  }

  stream(endpointNumber: number, options: BulkStreamOptions): BulkStream {
    const camera = this.#camera;
    camera.traffic.push({ kind: "submit", ep: endpointNumber });
    if (this.#claimed.size === 0) camera.violations.push("reads without the interface");
    const endpoint = new EmulatedEndpoint({
      feed: camera.feedOf(endpointNumber),
      fifoBytes: camera.fifoBytes,
      faults: camera.faults,
      random: this.#random,
      sending: () => camera.model.streaming() && camera.present,
      lost: (bytes, at) => {
        camera.lostBytes += bytes;
        camera.lostParts.push({ at, bytes });
      },
    });
    const own = {
      ...options,
      onEnd: (end: StreamEnd): void => {
        this.#streams.delete(endpointNumber);
        endpoint.close();
        options.onEnd(end);
      },
    };
    const stream = startReads(own, {
      create: (onDone): RawTransfer => endpoint.createRead(new Uint8Array(options.transferBytes), onDone),
      errnoOf: (error) => (error instanceof EmulatedErrno ? error.errno : 0),
      failure: (errno) => usbFailure(this.device, errno, "receiving events"),
      isDetached: () => !camera.present,
    });
    let asked = false;
    const handle: BulkStream = {
      stop: () => {
        if (!asked && this.#streams.has(endpointNumber)) camera.traffic.push({ kind: "cancel", ep: endpointNumber });
        asked = true;
        return stream.stop();
      },
    };
    this.#streams.set(endpointNumber, { endpoint, stream: handle });
    if (!camera.present) endpoint.fail(usbErrno.transferNoDevice, false);
    else if (this.#halted.has(endpointNumber)) endpoint.fail(usbErrno.transferStall, false);
    return handle;
  }

  clearHalt(endpoint: number): Promise<void> {
    return this.#call("resetting its endpoint", () => {
      if (this.#streams.has(endpoint)) this.#camera.violations.push("clearHalt with reads under way");
      this.#camera.traffic.push({ kind: "clearHalt", ep: endpoint });
      this.#halted.delete(endpoint);
      return null;
    }).then(() => undefined);
  }

  onDetach(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    if (this.#streams.size > 0) this.#camera.violations.push("closed with reads under way");
    await Promise.all([...this.#streams.values()].map(({ stream }) => stream.stop()));
    this.#listeners.clear();
    this.#claimed.clear();
    this.#camera.closed(this);
  }

  /** Starting and stopping the sensor is a write like any other: the endpoints look for themselves. */
  #watch(): void {
    for (const { endpoint } of this.#streams.values()) endpoint.wake();
  }
}

/** An error with a number, as the native library throws it. */
class EmulatedErrno extends Error {
  readonly errno: number;
  constructor(errno: number) {
    super(`USB error ${errno}`);
    this.errno = errno;
  }
}

function setupBytes({ requestType, request, value, index }: ControlSetup, length: number): Uint8Array {
  const bytes = new Uint8Array(8);
  const view = new DataView(bytes.buffer);
  bytes[0] = requestType;
  bytes[1] = request;
  view.setUint16(2, value, true);
  view.setUint16(4, index, true);
  view.setUint16(6, length, true);
  return bytes;
}
