/** Numbers and layouts of the USB/IP protocol, version 1.1.1 (Documentation/usb/usbip_protocol.rst of the Linux kernel). Big endian. */
export const VERSION = 0x0111;
export const USBIP_PORT = 3240;
export const op = { requestDevices: 0x8005, replyDevices: 0x0005, requestImport: 0x8003, replyImport: 0x0003 } as const;
export const command = { submit: 1, unlink: 2, submitted: 3, unlinked: 4 } as const;
/** Status of an import. */
export const importStatus = { done: 0, busy: 2, noDevice: 4 } as const;
/** Statuses of requests, as negative numbers of Linux. */
export const linuxStatus = { done: 0, stalled: -32, protocol: -71, overflow: -75, takenBack: -104, gone: -108 } as const;

export const OP_BYTES = 8;
export const BUSID_BYTES = 32;
export const DEVICE_BYTES = 312;
export const URB_BYTES = 48;
const PATH_BYTES = 256;
const SPEEDS = { full: 2, high: 3, super: 5 } as const;

/** A device as servers tell of it. */
export interface DeviceRecord {
  readonly busId: string;
  readonly busNumber: number;
  readonly deviceNumber: number;
  readonly speed: keyof typeof SPEEDS;
  readonly vendorId: number;
  readonly productId: number;
  readonly release: number;
  /** Class, subclass and protocol of each interface. */
  readonly interfaces: readonly (readonly [number, number, number])[];
}

/** The first eight bytes of questions and answers about devices. */
export function opHeader(code: number, status = 0): Buffer {
  const bytes = Buffer.alloc(OP_BYTES);
  bytes.writeUInt16BE(VERSION, 0);
  bytes.writeUInt16BE(code, 2);
  bytes.writeUInt32BE(status, 4);
  return bytes;
}

/** Which device a client speaks of in its requests. */
export const deviceIdOf = ({ busNumber, deviceNumber }: DeviceRecord): number => ((busNumber << 16) | deviceNumber) >>> 0;

export function deviceRecord(device: DeviceRecord): Buffer {
  const bytes = Buffer.alloc(DEVICE_BYTES);
  bytes.write(`/sys/devices/saccade/${device.busId}`, 0, PATH_BYTES - 1, "latin1");
  bytes.write(device.busId, PATH_BYTES, BUSID_BYTES - 1, "latin1");
  const at = PATH_BYTES + BUSID_BYTES;
  bytes.writeUInt32BE(device.busNumber, at);
  bytes.writeUInt32BE(device.deviceNumber, at + 4);
  bytes.writeUInt32BE(SPEEDS[device.speed], at + 8);
  bytes.writeUInt16BE(device.vendorId, at + 12);
  bytes.writeUInt16BE(device.productId, at + 14);
  bytes.writeUInt16BE(device.release, at + 16);
  // Class, subclass, protocol: the interface says. Then the configuration in use, how many there are, and how many interfaces.
  bytes.set([0, 0, 0, 1, 1, device.interfaces.length], at + 18);
  return bytes;
}

const textAt = (bytes: Buffer, at: number, length: number): string =>
  bytes.toString("latin1", at, at + length).replace(/\0.*$/s, "");

/** Reads what `deviceRecord` wrote; `interfaces` follow it only in lists. */
export function parseDeviceRecord(bytes: Buffer): DeviceRecord & { readonly interfaceCount: number } {
  const at = PATH_BYTES + BUSID_BYTES;
  const code = bytes.readUInt32BE(at + 8);
  return {
    busId: textAt(bytes, PATH_BYTES, BUSID_BYTES),
    busNumber: bytes.readUInt32BE(at),
    deviceNumber: bytes.readUInt32BE(at + 4),
    speed: code >= SPEEDS.super ? "super" : code === SPEEDS.high ? "high" : "full",
    vendorId: bytes.readUInt16BE(at + 12),
    productId: bytes.readUInt16BE(at + 14),
    release: bytes.readUInt16BE(at + 16),
    interfaces: [],
    interfaceCount: bytes.readUInt8(at + 23),
  };
}

/** Bus id of a request to import. */
export const busIdOf = (bytes: Buffer): string => textAt(bytes, 0, BUSID_BYTES);

/** The head of a message about requests; which of the words mean something depends on the command. */
export interface UrbHeader {
  readonly command: number;
  readonly number: number;
  readonly deviceId: number;
  readonly inward: boolean;
  readonly endpoint: number;
  /** Length of a request; of an answer the status. */
  readonly status: number;
  /** Bytes asked for or sent; of an answer those that came. */
  readonly length: number;
  /** Of requests: the setup of a control transfer. */
  readonly setup: Uint8Array;
}

export function parseUrbHeader(bytes: Buffer): UrbHeader {
  const isSubmit = bytes.readUInt32BE(0) === command.submit;
  return {
    command: bytes.readUInt32BE(0),
    number: bytes.readUInt32BE(4),
    deviceId: bytes.readUInt32BE(8),
    inward: bytes.readUInt32BE(12) === 1,
    endpoint: bytes.readUInt32BE(16) & 0x0f,
    // Submit: flags, length; answers: status, length; unlink: number of the request that is taken back.
    status: isSubmit ? 0 : bytes.readInt32BE(20),
    length: bytes.readUInt32BE(24),
    setup: Uint8Array.prototype.slice.call(bytes, 40, 48),
  };
}

export function urbHeader(header: Partial<UrbHeader> & Pick<UrbHeader, "command" | "number">): Buffer {
  const bytes = Buffer.alloc(URB_BYTES);
  bytes.writeUInt32BE(header.command, 0);
  bytes.writeUInt32BE(header.number, 4);
  bytes.writeUInt32BE(header.deviceId ?? 0, 8);
  bytes.writeUInt32BE(header.inward === true ? 1 : 0, 12);
  bytes.writeUInt32BE(header.endpoint ?? 0, 16);
  bytes.writeInt32BE(header.status ?? 0, 20);
  bytes.writeUInt32BE(header.length ?? 0, 24);
  // Not isochronous.
  if (header.command === command.submit) bytes.writeUInt32BE(0xffff_ffff, 32);
  if (header.setup !== undefined) bytes.set(header.setup, 40);
  return bytes;
}
