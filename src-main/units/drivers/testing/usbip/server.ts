import { createServer, type AddressInfo, type Socket } from "node:net";
import type { EmulatedCamera } from "../emulated-camera.ts";
import { PluggedCamera, type RunningRequest } from "../plugged-camera.ts";
import { bytesOf } from "../transcript.ts";
import { usbErrno } from "#main/units/drivers/transport/usb-errors.ts";
import { ByteReader } from "./byte-reader.ts";
import {
  BUSID_BYTES,
  busIdOf,
  command,
  deviceRecord,
  importStatus,
  linuxStatus,
  op,
  OP_BYTES,
  opHeader,
  parseUrbHeader,
  URB_BYTES,
  urbHeader,
  type DeviceRecord,
  type UrbHeader,
} from "./messages.ts";

/** What a client did, for whoever watches. */
export type UsbipNews =
  | { readonly kind: "listed" | "attached" | "detached" | "unplugged"; readonly busId: string }
  | { readonly kind: "misunderstood"; readonly what: string };

export interface UsbipServer {
  readonly port: number;
  /** Ends every connection. */
  close(): Promise<void>;
}

export interface UsbipServerOptions {
  /** On buses 1-1, 1-2, … */
  readonly cameras: readonly EmulatedCamera[];
  /** 0 takes any that is free. */
  readonly port: number;
  readonly host?: string;
  readonly onNews?: (news: UsbipNews) => void;
}

/** Longest data of one request: what clients may ask for at once. */
const MAX_BYTES = 4 * 1024 * 1024;
const STATUSES: Readonly<Record<number, number>> = {
  0: linuxStatus.done,
  [usbErrno.transferCancelled]: linuxStatus.takenBack,
  [usbErrno.transferStall]: linuxStatus.stalled,
  [usbErrno.transferNoDevice]: linuxStatus.gone,
  [usbErrno.transferOverflow]: linuxStatus.overflow,
};

export const busIdAt = (index: number): string => `1-${index + 1}`;

function recordOf(camera: EmulatedCamera, index: number): DeviceRecord {
  const { device, transcript } = camera;
  // An interface's descriptor: after nine bytes of the configuration, class at byte 5.
  const configuration = bytesOf(transcript.usb.configDescriptor);
  const [interfaceClass = 0xff, subclass = 0, protocol = 0] = configuration.subarray(9 + 5, 9 + 8);
  return {
    busId: busIdAt(index),
    busNumber: 1,
    deviceNumber: index + 2,
    speed: device.speed ?? "high",
    vendorId: device.vendorId,
    productId: device.productId,
    release: device.release,
    interfaces: [[interfaceClass, subclass, protocol]],
  };
}

/** Memory for what comes in, used again once it has been sent: clients ask for much and get little at a time. */
class Pool {
  readonly #free = new Map<number, Uint8Array[]>();

  take(length: number): Uint8Array {
    return this.#free.get(length)?.pop() ?? new Uint8Array(length);
  }

  give(bytes: Uint8Array): void {
    const free = this.#free.get(bytes.length);
    if (free === undefined) this.#free.set(bytes.length, [bytes]);
    else free.push(bytes);
  }
}

/** An imported camera on one connection. */
class Import {
  readonly #pool = new Pool();
  readonly #socket: Socket;
  readonly #plugged: PluggedCamera;
  readonly #running = new Map<number, RunningRequest>();
  /** Requests whose answer is that they were taken back, by the number of the message that did so. */
  readonly #takenBack = new Map<number, number>();

  constructor(camera: EmulatedCamera, socket: Socket, unplugged: () => void) {
    this.#socket = socket;
    this.#plugged = new PluggedCamera(camera, unplugged);
  }

  close(): void {
    this.#plugged.close();
  }

  submit(header: UrbHeader, data: Uint8Array): void {
    const { number, endpoint, inward, length } = header;
    const bytes = inward ? this.#pool.take(length) : data;
    const request = this.#plugged.submit({
      endpoint: inward ? endpoint | 0x80 : endpoint,
      ...(endpoint === 0 ? { setup: header.setup } : {}),
      bytes,
      onDone: (errno, actualBytes) => this.#done(number, errno, actualBytes, inward ? bytes : undefined),
    });
    this.#running.set(number, request);
  }

  unlink(number: number, victim: number): void {
    const request = this.#running.get(victim);
    if (request === undefined) {
      // Its answer is on the way already.
      if (this.#socket.writable) this.#socket.write(urbHeader({ command: command.unlinked, number, status: 0 }));
      return;
    }
    this.#takenBack.set(victim, number);
    request.cancel();
  }

  #done(number: number, errno: number, actualBytes: number, read: Uint8Array | undefined): void {
    this.#running.delete(number);
    const unlink = this.#takenBack.get(number);
    this.#takenBack.delete(number);
    const socket = this.#socket;
    // Pulled: nothing more is said.
    if (!socket.writable) return;
    if (unlink !== undefined && errno === usbErrno.transferCancelled) {
      if (read !== undefined) this.#pool.give(read);
      socket.write(urbHeader({ command: command.unlinked, number: unlink, status: linuxStatus.takenBack }));
      return;
    }
    const status = STATUSES[errno] ?? linuxStatus.protocol;
    socket.cork();
    socket.write(urbHeader({ command: command.submitted, number, status, length: actualBytes }));
    if (read !== undefined && actualBytes > 0) socket.write(read.subarray(0, actualBytes), () => this.#pool.give(read));
    // It came back before it could be taken back.
    if (unlink !== undefined) socket.write(urbHeader({ command: command.unlinked, number: unlink, status: 0 }));
    socket.uncork();
  }
}

/** Serves emulated cameras over USB/IP: what is attached here looks plugged in to the whole machine that attached it. */
export async function serveUsbip({ cameras, port, host = "127.0.0.1", onNews }: UsbipServerOptions): Promise<UsbipServer> {
  const sockets = new Set<Socket>();
  const taken = new Set<EmulatedCamera>();

  const connected = (socket: Socket): void => {
    const reader = new ByteReader();
    let imported: Import | undefined;
    let leave = (): void => undefined;
    sockets.add(socket);
    socket.setNoDelay(true);

    const present = (): readonly (readonly [EmulatedCamera, DeviceRecord])[] =>
      cameras.map((camera, index) => [camera, recordOf(camera, index)] as const).filter(([camera]) => camera.present);

    const list = (): void => {
      const count = Buffer.alloc(4);
      count.writeUInt32BE(present().length);
      const records = present().map(([, record]) =>
        Buffer.concat([deviceRecord(record), ...record.interfaces.map((one) => Buffer.from([...one, 0]))]),
      );
      socket.end(Buffer.concat([opHeader(op.replyDevices), count, ...records]));
      onNews?.({ kind: "listed", busId: "" });
    };

    const attach = (busId: string): void => {
      const [camera, record] = present().find(([, one]) => one.busId === busId) ?? [];
      if (camera === undefined || record === undefined || taken.has(camera)) {
        socket.end(opHeader(op.replyImport, camera === undefined ? importStatus.noDevice : importStatus.busy));
        return;
      }
      taken.add(camera);
      const own = new Import(camera, socket, () => {
        onNews?.({ kind: "unplugged", busId });
        socket.end();
      });
      imported = own;
      leave = () => {
        own.close();
        taken.delete(camera);
        onNews?.({ kind: "detached", busId });
      };
      socket.write(Buffer.concat([opHeader(op.replyImport), deviceRecord(record)]));
      onNews?.({ kind: "attached", busId });
    };

    const refuse = (what: string): void => {
      onNews?.({ kind: "misunderstood", what });
      socket.destroy();
    };

    /** What has to come before anything else can be understood: the head of a message, and what follows it. */
    let head: { readonly bytes: number; readonly then: (part: Buffer) => void };
    const awaitOp = (): void => {
      head = {
        bytes: OP_BYTES,
        then: (part) => {
          const code = part.readUInt16BE(2);
          if (code === op.requestDevices) list();
          else if (code === op.requestImport)
            head = {
              bytes: BUSID_BYTES,
              then: (busId) => {
                awaitUrb();
                attach(busIdOf(busId));
              },
            };
          else refuse(`operation 0x${code.toString(16)}`);
        },
      };
    };
    const awaitUrb = (): void => {
      head = {
        bytes: URB_BYTES,
        then: (part) => {
          const header = parseUrbHeader(part);
          if (header.command === command.unlink) imported?.unlink(header.number, header.status >>> 0);
          else if (header.command !== command.submit) refuse(`command ${header.command}`);
          else if (header.length > MAX_BYTES) refuse(`a request for ${header.length} bytes`);
          else if (header.inward || header.length === 0) imported?.submit(header, new Uint8Array(0));
          else
            head = {
              bytes: header.length,
              then: (data) => {
                awaitUrb();
                imported?.submit(header, new Uint8Array(data));
              },
            };
        },
      };
    };
    awaitOp();

    socket.on("data", (chunk) => {
      reader.push(chunk);
      for (let part = reader.take(head.bytes); part !== undefined; part = reader.take(head.bytes)) {
        if (socket.destroyed) return;
        head.then(part);
      }
    });
    // A connection that breaks is one that ends; "close" follows.
    socket.on("error", (error) => onNews?.({ kind: "misunderstood", what: error.message }));
    socket.on("close", () => {
      sockets.delete(socket);
      leave();
      leave = () => undefined;
    });
  };

  const server = createServer(connected);
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, host, () => {
      server.off("error", reject);
      resolve();
    });
  });
  return {
    port: (server.address() as AddressInfo).port,
    close: async () => {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      const ends = [...sockets].map((socket) => new Promise<void>((resolve) => socket.once("close", () => resolve())));
      for (const socket of sockets) socket.destroy();
      await Promise.all([closed, ...ends]);
    },
  };
}
