import { connect, type Socket } from "node:net";
import { usbLabel } from "#main/units/drivers/transport/known-cameras.ts";
import { startReads, type RawTransfer } from "#main/units/drivers/transport/read-queue.ts";
import type {
  BulkStream,
  BulkStreamOptions,
  ControlSetup,
  Transport,
  UsbBus,
  UsbDevice,
} from "#main/units/drivers/transport/transport.ts";
import { usbErrno, usbFailure } from "#main/units/drivers/transport/usb-errors.ts";
import { ByteReader } from "./byte-reader.ts";
import {
  BUSID_BYTES,
  command,
  DEVICE_BYTES,
  deviceIdOf,
  importStatus,
  linuxStatus,
  op,
  OP_BYTES,
  opHeader,
  parseDeviceRecord,
  parseUrbHeader,
  URB_BYTES,
  urbHeader,
  type DeviceRecord,
} from "./messages.ts";

/** Cameras of a maker have their serial number in this string; so have those served here. */
const SERIAL_STRING = 3;
const CLEAR_HALT = { requestType: 0x02, request: 1, value: 0 } as const;
const SET_INTERFACE = { requestType: 0x01, request: 11 } as const;

/** The other way round from what a server makes of them. */
const errnoOfStatus = (status: number): number => {
  switch (status) {
    case linuxStatus.done:
      return 0;
    case linuxStatus.stalled:
      return usbErrno.transferStall;
    case linuxStatus.gone:
      return usbErrno.transferNoDevice;
    case linuxStatus.takenBack:
      return usbErrno.transferCancelled;
    case linuxStatus.overflow:
      return usbErrno.transferOverflow;
    default:
      return usbErrno.transferError;
  }
};

/** A connection on which messages are read as far as somebody asks for them. */
class Wire {
  readonly socket: Socket;
  readonly #reader = new ByteReader();
  #wanted: { readonly bytes: number; readonly then: (part: Buffer | undefined) => void } | undefined;
  #ended = false;

  constructor(port: number) {
    this.socket = connect({ port, host: "127.0.0.1", noDelay: true });
    this.socket.on("data", (chunk) => {
      this.#reader.push(chunk);
      this.#serve();
    });
    // "close" follows, and answers whoever waits.
    this.socket.on("error", () => undefined);
    this.socket.on("close", () => {
      this.#ended = true;
      this.#serve();
    });
  }

  /** The next bytes; `undefined` when the other side has gone. */
  read(bytes: number): Promise<Buffer | undefined> {
    return new Promise((then) => {
      this.#wanted = { bytes, then };
      this.#serve();
    });
  }

  #serve(): void {
    const wanted = this.#wanted;
    if (wanted === undefined) return;
    const part = this.#reader.take(wanted.bytes);
    if (part === undefined && !this.#ended) return;
    this.#wanted = undefined;
    wanted.then(part);
  }
}

/** Transport over USB/IP: drivers reach a served camera without any USB on this machine. */
class UsbipTransport implements Transport {
  readonly device: UsbDevice;
  readonly #wire: Wire;
  readonly #record: DeviceRecord;
  readonly #running = new Map<
    number,
    { readonly bytes: Uint8Array; readonly inward: boolean; readonly done: (errno: number, actual: number) => void }
  >();
  readonly #listeners = new Set<() => void>();
  #numbers = 0;
  #detached = false;
  #closed = false;

  constructor(device: UsbDevice, wire: Wire, record: DeviceRecord) {
    this.device = device;
    this.#wire = wire;
    this.#record = record;
    void this.#receive();
  }

  async #receive(): Promise<void> {
    for (;;) {
      const head = await this.#wire.read(URB_BYTES);
      if (head === undefined) break;
      const header = parseUrbHeader(head);
      const unlinked = header.command === command.unlinked;
      const number = unlinked ? header.number & 0x7fff_ffff : header.number;
      const request = this.#running.get(number);
      if (!unlinked && request?.inward === true && header.length > 0) {
        const data = await this.#wire.read(header.length);
        if (data === undefined) break;
        request.bytes.set(data);
      }
      // Taking back what had come already says nothing: the answer came before.
      if (request === undefined || (unlinked && header.status === 0)) continue;
      this.#running.delete(number);
      request.done(errnoOfStatus(header.status), unlinked ? 0 : header.length);
    }
    this.#detached = true;
    for (const [number, request] of this.#running) {
      this.#running.delete(number);
      request.done(usbErrno.transferNoDevice, 0);
    }
    if (this.#closed) return;
    for (const listener of this.#listeners) listener();
    this.#listeners.clear();
  }

  #submit(
    endpoint: number,
    bytes: Uint8Array,
    setup: Uint8Array | undefined,
    done: (errno: number, actual: number) => void,
  ): number {
    const number = ++this.#numbers;
    const inward = (endpoint & 0x80) !== 0;
    this.#running.set(number, { bytes, inward, done });
    if (this.#detached) {
      queueMicrotask(() => {
        this.#running.delete(number);
        done(usbErrno.transferNoDevice, 0);
      });
      return number;
    }
    const head = { command: command.submit, number, deviceId: deviceIdOf(this.#record), inward, endpoint: endpoint & 0x0f };
    const header = urbHeader({ ...head, length: bytes.length, ...(setup !== undefined && { setup }) });
    this.#wire.socket.write(inward ? header : Buffer.concat([header, bytes]));
    return number;
  }

  #unlink(number: number): void {
    if (!this.#running.has(number) || this.#detached) return;
    const header = urbHeader({
      command: command.unlink,
      number: (0x8000_0000 | number) >>> 0,
      deviceId: deviceIdOf(this.#record),
      status: number,
    });
    this.#wire.socket.write(header);
  }

  #once(endpoint: number, bytes: Uint8Array, doing: string, timeoutMs?: number, setup?: Uint8Array): Promise<Uint8Array> {
    return new Promise((resolve, reject) => {
      let late = false;
      const number = this.#submit(endpoint, bytes, setup, (errno, actual) => {
        clearTimeout(timer);
        if (errno === 0) resolve(bytes.subarray(0, actual));
        else if (late && setup === undefined && (endpoint & 0x80) !== 0) resolve(new Uint8Array(0));
        else reject(usbFailure(this.device, late ? usbErrno.transferTimedOut : errno, doing));
      });
      const timer = setTimeout(() => {
        late = true;
        this.#unlink(number);
      }, timeoutMs ?? 1000);
    });
  }

  claim(): Promise<void> {
    return this.#detached
      ? Promise.reject(usbFailure(this.device, usbErrno.noDevice, "claiming its interface"))
      : Promise.resolve();
  }

  release(): Promise<void> {
    return Promise.resolve();
  }

  async setInterface(interfaceNumber: number, alternate: number): Promise<void> {
    await this.controlOut({ ...SET_INTERFACE, value: alternate, index: interfaceNumber }, new Uint8Array(0));
  }

  controlIn(setup: ControlSetup, lengthBytes: number): Promise<Uint8Array> {
    return this.#once(0x80, new Uint8Array(lengthBytes), "reading from it", 1000, setupBytes(setup, lengthBytes));
  }

  async controlOut(setup: ControlSetup, data: Uint8Array): Promise<void> {
    await this.#once(0, data, "writing to it", 1000, setupBytes(setup, data.length));
  }

  async bulkOut(endpoint: number, data: Uint8Array, timeoutMs: number): Promise<void> {
    await this.#once(endpoint, data, "writing to it", timeoutMs);
  }

  bulkIn(endpoint: number, lengthBytes: number, timeoutMs: number): Promise<Uint8Array> {
    return this.#once(endpoint, new Uint8Array(lengthBytes), "reading from it", timeoutMs);
  }

  stream(endpoint: number, options: BulkStreamOptions): BulkStream {
    return startReads(options, {
      create: (onDone): RawTransfer => {
        const bytes = new Uint8Array(options.transferBytes);
        let number = 0;
        return {
          bytes,
          submit: () => void (number = this.#submit(endpoint, bytes, undefined, onDone)),
          cancel: () => this.#unlink(number),
        };
      },
      errnoOf: () => usbErrno.transferError,
      failure: (errno) => usbFailure(this.device, errno, "receiving events"),
      isDetached: () => this.#detached,
    });
  }

  async clearHalt(endpoint: number): Promise<void> {
    await this.controlOut({ ...CLEAR_HALT, index: endpoint }, new Uint8Array(0));
  }

  onDetach(listener: () => void): () => void {
    this.#listeners.add(listener);
    if (this.#detached) queueMicrotask(listener);
    return () => void this.#listeners.delete(listener);
  }

  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    this.#listeners.clear();
    const { socket } = this.#wire;
    if (socket.destroyed) return;
    await new Promise<void>((resolve) => {
      socket.once("close", () => resolve());
      socket.destroy();
    });
  }
}

function setupBytes({ requestType, request, value, index }: ControlSetup, length: number): Uint8Array {
  const bytes = new Uint8Array(8);
  const view = new DataView(bytes.buffer);
  bytes.set([requestType, request]);
  view.setUint16(2, value, true);
  view.setUint16(4, index, true);
  view.setUint16(6, length, true);
  return bytes;
}

async function open(device: UsbDevice, record: DeviceRecord, port: number): Promise<Transport> {
  const wire = new Wire(port);
  const busId = Buffer.alloc(BUSID_BYTES);
  busId.write(record.busId, "latin1");
  wire.socket.write(Buffer.concat([opHeader(op.requestImport), busId]));
  const head = await wire.read(OP_BYTES);
  const status = head?.readUInt32BE(4);
  if (status !== importStatus.done || (await wire.read(DEVICE_BYTES)) === undefined) {
    wire.socket.destroy();
    throw usbFailure(device, status === importStatus.busy ? usbErrno.busy : usbErrno.noDevice, "opening it");
  }
  return new UsbipTransport(device, wire, record);
}

/** What a USB/IP server on this machine has, as a bus for drivers. */
export function usbipBus(port: number): UsbBus {
  return {
    list: async () => {
      const wire = new Wire(port);
      wire.socket.write(opHeader(op.requestDevices));
      const head = await wire.read(OP_BYTES + 4);
      const devices: UsbDevice[] = [];
      for (let left = head?.readUInt32BE(OP_BYTES) ?? 0; left > 0; left--) {
        const bytes = await wire.read(DEVICE_BYTES);
        if (bytes === undefined) break;
        const record = parseDeviceRecord(bytes);
        await wire.read(4 * record.interfaceCount);
        const device: UsbDevice = {
          key: `${record.busNumber}-${record.deviceNumber}`,
          label: usbLabel(record.vendorId, record.productId),
          vendorId: record.vendorId,
          productId: record.productId,
          release: record.release,
          speed: record.speed,
          serialString: SERIAL_STRING,
          open: () => open(device, record, port),
        };
        devices.push(device);
      }
      wire.socket.destroy();
      return devices;
    },
  };
}
