import type { BulkStream, BulkStreamOptions, ControlSetup, Transport, UsbBus, UsbDevice } from "../transport.ts";

/** A transfer as the kernel's monitor sees it: when it was handed over, or when it came back. */
interface Urb {
  readonly id: number;
  readonly event: "S" | "C";
  readonly type: "control" | "bulk";
  readonly endpoint: number;
  readonly setup?: Uint8Array;
  readonly lengthBytes: number;
  readonly data: Uint8Array;
}

const HEADER_BYTES = 64;
const LINK_TYPE_USB_MMAPPED = 220;
const IN_PROGRESS = -115;

function setupBytes({ requestType, request, value, index }: ControlSetup, length: number): Uint8Array {
  const bytes = new Uint8Array(8);
  const view = new DataView(bytes.buffer);
  bytes.set([requestType, request]);
  view.setUint16(2, value, true);
  view.setUint16(4, index, true);
  view.setUint16(6, length, true);
  return bytes;
}

/** Writes down what a driver does to an emulated bus, as the capture of a USB monitor would have it. */
export class UsbMonitor {
  readonly #urbs: Urb[] = [];
  #ids = 0;

  /** The same bus, watched. */
  watch(bus: UsbBus): UsbBus {
    return { list: async () => (await bus.list()).map((device) => this.#device(device)) };
  }

  #device(device: UsbDevice): UsbDevice {
    const watched: UsbDevice = { ...device, open: async () => this.#transport(await device.open()) };
    return watched;
  }

  async #once(
    urb: Omit<Urb, "id" | "event" | "data">,
    out: Uint8Array,
    carryOut: () => Promise<Uint8Array>,
  ): Promise<Uint8Array> {
    const id = ++this.#ids;
    this.#urbs.push({ ...urb, id, event: "S", data: out });
    const reply = await carryOut();
    this.#urbs.push({ ...urb, id, event: "C", data: reply });
    return reply;
  }

  #transport(inner: Transport): Transport {
    const nothing = new Uint8Array(0);
    return {
      device: inner.device,
      claim: (number) => inner.claim(number),
      release: (number) => inner.release(number),
      setInterface: (number, alternate) => inner.setInterface(number, alternate),
      clearHalt: (endpoint) => inner.clearHalt(endpoint),
      onDetach: (listener) => inner.onDetach(listener),
      close: () => inner.close(),
      controlIn: (setup, lengthBytes) =>
        this.#once({ type: "control", endpoint: 0x80, setup: setupBytes(setup, lengthBytes), lengthBytes }, nothing, () =>
          inner.controlIn(setup, lengthBytes),
        ),
      controlOut: async (setup, data) => {
        const urb = { type: "control", endpoint: 0, setup: setupBytes(setup, data.length), lengthBytes: data.length } as const;
        await this.#once(urb, data, async () => {
          await inner.controlOut(setup, data);
          return nothing;
        });
      },
      bulkOut: async (endpoint, data, timeoutMs) => {
        await this.#once({ type: "bulk", endpoint, lengthBytes: data.length }, data, async () => {
          await inner.bulkOut(endpoint, data, timeoutMs);
          return nothing;
        });
      },
      bulkIn: (endpoint, lengthBytes, timeoutMs) =>
        this.#once({ type: "bulk", endpoint, lengthBytes }, nothing, () => inner.bulkIn(endpoint, lengthBytes, timeoutMs)),
      stream: (endpoint, options) => this.#stream(inner, endpoint, options),
    };
  }

  /** Reads come back in the order in which they were handed over. */
  #stream(inner: Transport, endpoint: number, options: BulkStreamOptions): BulkStream {
    const urb = { type: "bulk", endpoint, lengthBytes: options.transferBytes } as const;
    const waiting: number[] = [];
    const submit = (): void => {
      waiting.push(++this.#ids);
      this.#urbs.push({ ...urb, id: this.#ids, event: "S", data: new Uint8Array(0) });
    };
    for (let i = 0; i < options.transfers; i++) submit();
    return inner.stream(endpoint, {
      ...options,
      onData: (bytes) => {
        this.#urbs.push({ ...urb, id: waiting.shift() ?? 0, event: "C", data: bytes.slice() });
        options.onData(bytes);
        submit();
      },
    });
  }

  /** The capture as a pcap file with link type 220. */
  capture(busNumber: number, deviceNumber: number): Uint8Array {
    const head = new DataView(new ArrayBuffer(24));
    head.setUint32(0, 0xa1b2_c3d4, true);
    head.setUint16(4, 2, true);
    head.setUint16(6, 4, true);
    head.setUint32(16, 0x4_0000, true);
    head.setUint32(20, LINK_TYPE_USB_MMAPPED, true);
    const packets = this.#urbs.map((urb, at) => packetOf(urb, at, busNumber, deviceNumber));
    return new Uint8Array(Buffer.concat([new Uint8Array(head.buffer), ...packets]));
  }
}

/** Layout: Documentation/usb/usbmon.rst of the Linux kernel. */
function packetOf(urb: Urb, at: number, busNumber: number, deviceNumber: number): Uint8Array {
  const packet = new Uint8Array(16 + HEADER_BYTES + urb.data.length);
  const record = new DataView(packet.buffer, 0, 16);
  record.setUint32(4, at, true);
  record.setUint32(8, HEADER_BYTES + urb.data.length, true);
  record.setUint32(12, HEADER_BYTES + urb.data.length, true);
  const view = new DataView(packet.buffer, 16);
  const submit = urb.event === "S";
  const inward = (urb.endpoint & 0x80) !== 0;
  view.setBigUint64(0, BigInt(urb.id), true);
  view.setUint8(8, urb.event.charCodeAt(0));
  view.setUint8(9, urb.type === "control" ? 2 : 3);
  view.setUint8(10, urb.endpoint);
  view.setUint8(11, deviceNumber);
  view.setUint16(12, busNumber, true);
  view.setUint8(14, submit && urb.setup !== undefined ? 0 : 0x2d);
  const hasData = submit ? !inward : inward;
  view.setUint8(15, hasData ? 0 : inward ? 0x3c : 0x3e);
  view.setInt32(24, at, true);
  view.setInt32(28, submit ? IN_PROGRESS : 0, true);
  view.setUint32(32, submit ? urb.lengthBytes : inward ? urb.data.length : urb.lengthBytes, true);
  view.setUint32(36, urb.data.length, true);
  if (submit && urb.setup !== undefined) packet.set(urb.setup, 16 + 40);
  packet.set(urb.data, 16 + HEADER_BYTES);
  return packet;
}
