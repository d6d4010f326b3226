import type { RawTransfer } from "../transport/read-queue.ts";
import { usbErrno } from "../transport/usb-errors.ts";
import { seeded } from "#main/lib/testing/random.ts";
import type { CameraUser, EmulatedCamera } from "./emulated-camera.ts";
import { EmulatedEndpoint } from "./emulated-endpoint.ts";
import { answerStandard, type StandardAnswer } from "./standard-requests.ts";
import { hexOf } from "./transcript.ts";

/** A request to a device as the bus carries it. */
export interface BusRequest {
  /** With the direction in bit 7. */
  readonly endpoint: number;
  /** Of control transfers. */
  readonly setup?: Uint8Array;
  /** What goes out; the memory for what comes in. */
  readonly bytes: Uint8Array;
  /** Called once, in a later turn. `errno` is one of the statuses of transfers, 0 for success. */
  readonly onDone: (errno: number, actualBytes: number) => void;
}

/** A request that is under way. */
export interface RunningRequest {
  /** Takes it back: `onDone` is called with "cancelled", or with what had come. */
  cancel(): void;
}

/** An answer over a command endpoint that somebody waits for. */
interface WaitingRead {
  readonly request: BusRequest;
}

/** An emulated camera as what the bus sees of it: requests to endpoints, standard requests included. */
export class PluggedCamera implements CameraUser {
  readonly camera: EmulatedCamera;
  readonly #random = seeded(7);
  readonly #endpoints = new Map<number, EmulatedEndpoint>();
  readonly #commands = new Map<number, WaitingRead[]>();
  readonly #halted = new Set<number>();
  readonly #onDetach: () => void;
  #running = 0;

  /** @param onDetach the cable was pulled, and every request has come back */
  constructor(camera: EmulatedCamera, onDetach: () => void) {
    this.camera = camera;
    this.#onDetach = onDetach;
    camera.opened(this);
  }

  held(): readonly string[] {
    return this.#running === 0 ? [] : [`${this.#running} requests under way`];
  }

  detached(): void {
    for (const endpoint of this.#endpoints.values()) endpoint.fail(usbErrno.transferNoDevice, false);
    for (const reads of this.#commands.values())
      for (const { request } of reads.splice(0)) this.#finish(request, usbErrno.transferNoDevice, 0);
    // After what is under way has come back.
    setImmediate(() => setImmediate(this.#onDetach));
  }

  stall(endpoint: number): void {
    this.#halted.add(endpoint);
    this.#endpoints.get(endpoint)?.fail(usbErrno.transferStall, false);
  }

  /** Nobody is at the other end any more. */
  close(): void {
    for (const endpoint of this.#endpoints.values()) endpoint.close();
    this.#endpoints.clear();
    this.#commands.clear();
    this.camera.closed(this);
  }

  submit(given: BusRequest): RunningRequest {
    this.#running += 1;
    const request: BusRequest = {
      ...given,
      onDone: (errno, actualBytes) => {
        this.#running -= 1;
        given.onDone(errno, actualBytes);
      },
    };
    const { endpoint } = request;
    if (!this.camera.present) return this.#finish(request, usbErrno.transferNoDevice, 0);
    if (request.setup !== undefined) return this.#control(request, request.setup);
    if (this.#halted.has(endpoint)) return this.#finish(request, usbErrno.transferStall, 0);
    if ((endpoint & 0x80) === 0) return this.#bulkOut(request);
    return this.#isCommand(endpoint) ? this.#commandIn(request) : this.#stream(request);
  }

  #finish(request: BusRequest, errno: number, actualBytes: number): RunningRequest {
    setImmediate(() => request.onDone(errno, actualBytes));
    return { cancel: () => undefined };
  }

  /** Counts a command as transports do; the cable may be pulled at it. */
  #count(): boolean {
    this.camera.countCall();
    return this.camera.present;
  }

  #control(request: BusRequest, setup: Uint8Array): RunningRequest {
    const standard = answerStandard(setup, this.camera.transcript, (endpoint) => this.#halted.has(endpoint));
    if (standard !== undefined) return this.#standard(request, standard);
    if (!this.#count()) return this.#finish(request, usbErrno.transferNoDevice, 0);
    const { model, faults, traffic } = this.camera;
    const inward = ((setup[0] ?? 0) & 0x80) !== 0;
    traffic.push({ kind: "control", dir: inward ? "in" : "out", setup: hexOf(setup), data: inward ? "" : hexOf(request.bytes) });
    if (faults.mute === true) return this.#never(request);
    if (inward) {
      const answer = model.controlIn(setup);
      return answer === undefined ? this.#finish(request, usbErrno.transferStall, 0) : this.#reply(request, answer);
    }
    if (!model.controlOut(setup, request.bytes)) return this.#finish(request, usbErrno.transferStall, 0);
    this.#wakeAll();
    return this.#finish(request, 0, request.bytes.length);
  }

  #standard(request: BusRequest, answer: StandardAnswer): RunningRequest {
    switch (answer.kind) {
      case "data":
        return this.#reply(request, answer.data);
      case "clear-halt": {
        this.camera.traffic.push({ kind: "clearHalt", ep: answer.endpoint });
        this.#halted.delete(answer.endpoint);
        const endpoint = this.#endpoints.get(answer.endpoint);
        if (endpoint !== undefined && endpoint.pending > 0) this.camera.violations.push("clearHalt with reads under way");
        endpoint?.close();
        this.#endpoints.delete(answer.endpoint);
        return this.#finish(request, 0, 0);
      }
      case "refused":
        return this.#finish(request, usbErrno.transferStall, 0);
      case "done":
        return this.#finish(request, 0, request.bytes.length);
    }
  }

  #reply(request: BusRequest, answer: Uint8Array): RunningRequest {
    const part = answer.subarray(0, request.bytes.length);
    request.bytes.set(part);
    return this.#finish(request, 0, part.length);
  }

  /** A device that says nothing: the request stays until it is taken back. */
  #never(request: BusRequest): RunningRequest {
    return { cancel: () => void this.#finish(request, usbErrno.transferCancelled, 0) };
  }

  #bulkOut(request: BusRequest): RunningRequest {
    if (!this.#count()) return this.#finish(request, usbErrno.transferNoDevice, 0);
    const { model, traffic } = this.camera;
    traffic.push({ kind: "bulk", dir: "out", ep: request.endpoint, data: hexOf(request.bytes) });
    if (!model.bulkOut(request.endpoint, request.bytes.slice())) return this.#finish(request, usbErrno.transferStall, 0);
    this.#finish(request, 0, request.bytes.length);
    for (const endpoint of this.#commands.keys()) this.#serveCommands(endpoint);
    this.#wakeAll();
    return { cancel: () => undefined };
  }

  #isCommand(endpoint: number): boolean {
    const shape = this.camera.transcript.usb.endpoints.find(({ address }) => Number(address) === endpoint);
    return shape?.role === "command replies";
  }

  #commandIn(request: BusRequest): RunningRequest {
    if (!this.#count()) return this.#finish(request, usbErrno.transferNoDevice, 0);
    const { endpoint } = request;
    const reads = this.#commands.get(endpoint) ?? [];
    this.#commands.set(endpoint, reads);
    const waiting: WaitingRead = { request };
    reads.push(waiting);
    this.#serveCommands(endpoint);
    return {
      cancel: () => {
        const at = reads.indexOf(waiting);
        if (at < 0) return;
        reads.splice(at, 1);
        this.#finish(request, usbErrno.transferCancelled, 0);
      },
    };
  }

  #serveCommands(endpoint: number): void {
    if (this.camera.faults.mute === true) return;
    const reads = this.#commands.get(endpoint) ?? [];
    while (reads.length > 0) {
      const answer = this.camera.model.bulkIn(endpoint);
      if (answer === undefined) return;
      const read = reads.shift();
      if (read !== undefined) this.#reply(read.request, answer);
    }
  }

  #stream(request: BusRequest): RunningRequest {
    const transfer: RawTransfer = this.#endpoint(request.endpoint).createRead(request.bytes, request.onDone);
    transfer.submit();
    return transfer;
  }

  #endpoint(number: number): EmulatedEndpoint {
    const known = this.#endpoints.get(number);
    if (known !== undefined) return known;
    const { camera } = this;
    camera.traffic.push({ kind: "submit", ep: number });
    const endpoint = new EmulatedEndpoint({
      feed: camera.feedOf(number),
      fifoBytes: camera.fifoBytes,
      faults: camera.faults,
      random: this.#random,
      sending: () => camera.model.streaming() && camera.present,
      lost: (bytes) => (camera.lostBytes += bytes),
    });
    this.#endpoints.set(number, endpoint);
    return endpoint;
  }

  #wakeAll(): void {
    for (const endpoint of this.#endpoints.values()) endpoint.wake();
  }
}
