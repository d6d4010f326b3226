import type { Device, LibUSBException, Transfer } from "usb";
import { AppError } from "#shared/api/errors.ts";
import { usbLabel } from "./known-cameras.ts";
import { startReads, type RawTransfer } from "./read-queue.ts";
import type {
  BulkStream,
  BulkStreamOptions,
  ControlSetup,
  StreamEnd,
  Transport,
  UsbBus,
  UsbDevice,
  UsbSpeed,
} from "./transport.ts";
import { usbErrno, usbFailure } from "./usb-errors.ts";

type Usb = typeof import("usb");

const CONTROL_TIMEOUT_MS = 1000;
const BULK = 2;
const INTERRUPT = 3;

/** The native library: loaded when asked for, so that a system without it still has its virtual cameras. */
async function loadUsb(): Promise<Usb> {
  try {
    return await import("usb");
  } catch (cause) {
    throw new AppError("unsupported", "The USB library cannot be loaded on this system", {
      hint: "Install the package again on this machine; virtual cameras and recordings work without it.",
      cause,
    });
  }
}

const errnoOf = (error: unknown): number =>
  typeof error === "object" && error !== null && "errno" in error && typeof error.errno === "number" ? error.errno : 0;

/** The native object may be opened once only, and closing it would end every stream on it. */
const openDevices = new WeakSet<Device>();

const endpointsOf = (
  device: Device,
): readonly { readonly bEndpointAddress: number; readonly bmAttributes: number; readonly wMaxPacketSize: number }[] =>
  device.configDescriptor?.interfaces.flat().flatMap((alternate) => alternate.endpoints) ?? [];

/** From the size of bulk packets, which the standard ties to the speed; descriptors can be read without opening. */
function speedOf(device: Device): UsbSpeed | undefined {
  const bulk = endpointsOf(device).find((endpoint) => (endpoint.bmAttributes & 3) === BULK);
  if (bulk === undefined) return undefined;
  return bulk.wMaxPacketSize >= 1024 ? "super" : bulk.wMaxPacketSize >= 512 ? "high" : "full";
}

function describeDevice(usb: Usb, device: Device): UsbDevice {
  const { idVendor, idProduct, bcdDevice, iSerialNumber } = device.deviceDescriptor;
  const described: UsbDevice = {
    key: `${device.busNumber}-${device.deviceAddress}`,
    label: usbLabel(idVendor, idProduct),
    vendorId: idVendor,
    productId: idProduct,
    release: bcdDevice,
    speed: speedOf(device),
    serialString: iSerialNumber,
    open: () =>
      new Promise((resolve) => {
        if (openDevices.has(device)) throw usbFailure(described, usbErrno.busy, "opening it");
        try {
          device.open();
        } catch (error) {
          throw usbFailure(described, errnoOf(error), "opening it");
        }
        openDevices.add(device);
        resolve(new NodeTransport(usb, device, described));
      }),
  };
  return described;
}

class NodeTransport implements Transport {
  readonly device: UsbDevice;
  readonly #usb: Usb;
  readonly #native: Device;
  readonly #interruptEndpoints: ReadonlySet<number>;
  readonly #detachListeners = new Set<() => void>();
  /** What is under way: a handle must not be closed before all of it has come back. */
  readonly #calls = new Set<Promise<void>>();
  readonly #single = new Set<Transfer>();
  readonly #streams = new Set<BulkStream>();
  #watching = false;
  #detached = false;
  #closed = false;

  constructor(usb: Usb, native: Device, device: UsbDevice) {
    this.device = device;
    this.#usb = usb;
    this.#native = native;
    native.timeout = CONTROL_TIMEOUT_MS;
    const interrupts = endpointsOf(native).filter((endpoint) => (endpoint.bmAttributes & 3) === INTERRUPT);
    this.#interruptEndpoints = new Set(interrupts.map((endpoint) => endpoint.bEndpointAddress));
  }

  readonly #onDetached = (gone: Device): void => {
    if (gone !== this.#native || this.#detached) return;
    this.#detached = true;
    for (const listener of this.#detachListeners) listener();
    this.#detachListeners.clear();
  };

  /** One call into the library, with its error in our words. */
  #call<T>(
    doing: string,
    call: (done: (error: LibUSBException | undefined, result?: T) => void) => void,
  ): Promise<T | undefined> {
    const { label } = this.device;
    if (this.#closed) return Promise.reject(new AppError("closed", `${label} is closed`, { hint: "Open it again." }));
    const result = new Promise<T | undefined>((resolve, reject) => {
      const fail = (error: unknown): void =>
        reject(usbFailure(this.device, this.#detached ? usbErrno.noDevice : errnoOf(error), doing));
      try {
        call((error, result) => {
          if (error === undefined) resolve(result);
          else fail(error);
        });
      } catch (error) {
        fail(error);
      }
    });
    const settled = result.then(
      () => void this.#calls.delete(settled),
      () => void this.#calls.delete(settled),
    );
    this.#calls.add(settled);
    return result;
  }

  async claim(interfaceNumber: number): Promise<void> {
    await this.#call("claiming its interface", (done) => {
      this.#native.__claimInterface(interfaceNumber);
      done(undefined);
    });
  }

  async release(interfaceNumber: number): Promise<void> {
    await this.#call("releasing its interface", (done) => this.#native.__releaseInterface(interfaceNumber, done));
  }

  async setInterface(interfaceNumber: number, alternate: number): Promise<void> {
    await this.#call("setting up its interface", (done) => this.#native.__setInterface(interfaceNumber, alternate, done));
  }

  async controlIn({ requestType, request, value, index }: ControlSetup, lengthBytes: number): Promise<Uint8Array> {
    const reply = await this.#call<Buffer | number>("reading from it", (done) =>
      this.#native.controlTransfer(requestType, request, value, index, lengthBytes, done),
    );
    return reply instanceof Uint8Array ? reply : new Uint8Array(0);
  }

  async controlOut({ requestType, request, value, index }: ControlSetup, data: Uint8Array): Promise<void> {
    await this.#call<Buffer | number>("writing to it", (done) =>
      this.#native.controlTransfer(requestType, request, value, index, Buffer.from(data), done),
    );
  }

  async bulkOut(endpoint: number, data: Uint8Array, timeoutMs: number): Promise<void> {
    await this.#once("writing to it", endpoint, Buffer.from(data), timeoutMs, (error) => error);
  }

  async bulkIn(endpoint: number, lengthBytes: number, timeoutMs: number): Promise<Uint8Array> {
    return this.#once("reading from it", endpoint, Buffer.alloc(lengthBytes), timeoutMs, (error) =>
      error?.errno === usbErrno.transferTimedOut ? undefined : error,
    );
  }

  /** One transfer; answers with the part of the buffer that was used. */
  async #once(
    doing: string,
    endpoint: number,
    buffer: Buffer,
    timeoutMs: number,
    judge: (error: LibUSBException | undefined) => LibUSBException | undefined,
  ): Promise<Uint8Array> {
    const used = await this.#call<number>(doing, (done) => {
      const transfer = this.#transfer(endpoint, timeoutMs, (error, _buffer, actual) => {
        this.#single.delete(transfer);
        done(judge(error), actual);
      });
      transfer.submit(buffer);
      this.#single.add(transfer);
    });
    return buffer.subarray(0, used ?? 0);
  }

  stream(endpoint: number, options: BulkStreamOptions): BulkStream {
    const forget = (): void => void this.#streams.delete(running);
    const own = { ...options, onEnd: (end: StreamEnd) => (forget(), options.onEnd(end)) };
    const running = startReads(own, {
      create: (onDone): RawTransfer => {
        const buffer = Buffer.from(new ArrayBuffer(options.transferBytes));
        const transfer = this.#transfer(endpoint, 0, (error, _buffer, actual) => onDone(error?.errno ?? 0, actual));
        return { bytes: buffer, submit: () => void transfer.submit(buffer), cancel: () => void transfer.cancel() };
      },
      errnoOf,
      failure: (errno) => usbFailure(this.device, errno, "receiving events"),
      isDetached: () => this.#detached,
    });
    this.#streams.add(running);
    return running;
  }

  async clearHalt(endpoint: number): Promise<void> {
    await this.#call("resetting its endpoint", (done) => this.#native.__clearHalt(endpoint, done));
  }

  onDetach(listener: () => void): () => void {
    if (this.#detachListeners.size === 0 && !this.#watching) {
      this.#watching = true;
      // Only for those who ask: it takes a thread, and whoever just looks at a camera does not need it.
      this.#usb.usb.on("detach", this.#onDetached);
      // A camera alone shall not keep the process alive.
      this.#usb.usb.unrefHotplugEvents();
    }
    this.#detachListeners.add(listener);
    if (this.#detached) queueMicrotask(listener);
    return () => void this.#detachListeners.delete(listener);
  }

  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    this.#detachListeners.clear();
    if (this.#watching) this.#usb.usb.removeListener("detach", this.#onDetached);
    await Promise.all([...this.#streams].map((stream) => stream.stop()));
    for (const transfer of this.#single) transfer.cancel();
    await Promise.all(this.#calls);
    try {
      this.#native.close();
    } catch (error) {
      throw usbFailure(this.device, errnoOf(error), "closing it");
    }
    openDevices.delete(this.#native);
  }

  #transfer(
    endpoint: number,
    timeoutMs: number,
    onDone: (error: LibUSBException | undefined, buffer: Buffer, actual: number) => void,
  ): Transfer {
    const type = this.#interruptEndpoints.has(endpoint) ? INTERRUPT : BULK;
    return new this.#usb.Transfer(this.#native, endpoint, type, timeoutMs, onDone);
  }
}

/** The USB of this machine, through libusb. For the first thread of a worker process only. */
export const systemUsb: UsbBus = {
  list: async () => {
    const usb = await loadUsb();
    return usb.getDeviceList().map((device) => describeDevice(usb, device));
  },
};
