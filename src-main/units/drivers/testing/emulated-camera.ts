import { usbLabel } from "../transport/known-cameras.ts";
import type { Transport, UsbBus, UsbDevice, UsbSpeed } from "../transport/transport.ts";
import { usbErrno, usbFailure } from "../transport/usb-errors.ts";
import type { DeviceModel } from "./device-model.ts";
import { EmulatedTransport } from "./emulated-transport.ts";
import { inivationModel } from "./inivation-model.ts";
import type { Traffic } from "./traffic.ts";
import type { Transcript } from "./transcript.ts";
import { treuzellModel } from "./treuzell-model.ts";
import type { WireFeed } from "./wire-feed.ts";

/** How an emulated camera differs from a well-behaved one. All of it may be changed at any time. */
export interface EmulatedFaults {
  /** Opening fails with this number of libusb: `usbErrno.access`, `busy`, `notSupported`, … */
  openErrno?: number | undefined;
  /** Claiming the interface fails with this number. */
  claimErrno?: number | undefined;
  /** Reads bring fewer bytes than there are, cut anywhere, also inside words. */
  shortReads?: boolean;
  /** Share of bytes with one bit turned over. */
  corrupt?: number;
  /** Commands are not answered any more. */
  mute?: boolean;
  /** The sensor is silent although it was started. */
  silent?: boolean;
  /** The command or control transfer with this number (from 1) and all after it find the camera gone. */
  unplugAtCall?: number | undefined;
  /** As macOS tells it: one read reports the truth, the others say "cancelled". */
  cancelledOnUnplug?: boolean;
}

export interface EmulatorOptions {
  readonly transcript: Transcript;
  /** How it understands requests; made from the transcript when left out. */
  readonly model?: DeviceModel;
  /** What the sensor sends once it is started. Nothing when left out. */
  readonly feed?: WireFeed;
  /** What other endpoints send, by address: debug messages, motion. */
  readonly feeds?: Readonly<Record<number, WireFeed>>;
  readonly faults?: EmulatedFaults;
  readonly speed?: UsbSpeed;
  /** Bus and address, when several are plugged in. */
  readonly key?: string;
  /** Numbers it is found under, `"04b4:00f5"`; the transcript's first when left out. */
  readonly id?: string;
  /** What messages call it; by its numbers when left out. */
  readonly label?: string;
  /** Where its bytes wait for a read; what does not fit is lost in the camera. */
  readonly fifoBytes?: number;
}

const DEFAULT_FIFO_BYTES = 4 * 1024 * 1024;

/** Whoever is at the other end of the cable: it is told what happens to the camera. */
export interface CameraUser {
  /** The cable was pulled. */
  detached(): void;
  /** An endpoint halted. */
  stall(endpoint: number): void;
  /** What it has not given back. */
  held(): readonly string[];
}

/** A camera that exists in memory only: a transcript made into a device, with every fault a real one can have. */
export class EmulatedCamera {
  readonly transcript: Transcript;
  readonly model: DeviceModel;
  readonly #feed: WireFeed | undefined;
  readonly #feeds: Readonly<Record<number, WireFeed>>;
  readonly faults: EmulatedFaults;
  readonly fifoBytes: number;
  readonly device: UsbDevice;
  /** Everything that was sent to it, in order, with the pauses in between. */
  readonly traffic: Traffic[] = [];
  /** What a real camera would not have forgiven. */
  readonly violations: string[] = [];
  /** Bytes that found no room because nobody read. */
  lostBytes = 0;
  /** Where in what its sensor sent they were. */
  readonly lostParts: { readonly at: number; readonly bytes: number }[] = [];
  present = true;
  #calls = 0;
  readonly #users = new Set<CameraUser>();

  constructor(options: EmulatorOptions) {
    const { transcript } = options;
    this.transcript = transcript;
    this.model =
      options.model ?? (transcript.id.startsWith("prophesee") ? treuzellModel(transcript) : inivationModel(transcript));
    this.#feed = options.feed;
    this.#feeds = options.feeds ?? {};
    this.faults = options.faults ?? {};
    this.fifoBytes = options.fifoBytes ?? DEFAULT_FIFO_BYTES;
    const [vendorId = 0, productId = 0] = (options.id ?? transcript.usb.ids[0] ?? "")
      .split(":")
      .map((part) => parseInt(part, 16));
    this.device = {
      key: options.key ?? "2-7",
      label: options.label ?? usbLabel(vendorId, productId),
      vendorId,
      productId,
      release: Number(transcript.usb.bcdDevice),
      speed: options.speed ?? (transcript.usb.speed === "super" ? "super" : "high"),
      serialString: 3,
      open: () => this.#openIt(),
    };
  }

  /** The USB it is plugged into, as the only device. */
  get bus(): UsbBus {
    return busOf(this);
  }

  /** For drivers, instead of waiting: a pause that passes at once and is written down. */
  readonly pause = (us: number): Promise<void> => {
    this.traffic.push({ kind: "delay", us });
    return Promise.resolve();
  };

  /** Pulls the cable. */
  unplug(): void {
    if (!this.present) return;
    this.present = false;
    for (const user of this.#users) user.detached();
  }

  plugIn(): void {
    this.present = true;
  }

  /** Halts an endpoint: its reads come back stalled until it is cleared. */
  stall(endpoint: number): void {
    for (const user of this.#users) user.stall(endpoint);
  }

  /** What an endpoint sends. */
  feedOf(endpoint: number): WireFeed | undefined {
    const events = this.transcript.usb.endpoints.find(({ role }) => role === "event stream");
    return Number(events?.address) === endpoint ? this.#feed : this.#feeds[endpoint];
  }

  /** What a driver still holds: empty after a proper end. */
  held(): readonly string[] {
    return [...this.#users].flatMap((user) => ["an open handle", ...user.held()]);
  }

  /** Counts a transfer, and pulls the cable when its number has come up. */
  countCall(): void {
    this.#calls += 1;
    if (this.faults.unplugAtCall !== undefined && this.#calls >= this.faults.unplugAtCall) this.unplug();
  }
  /** Commands and control transfers so far. */
  get calls(): number {
    return this.#calls;
  }

  /** Something is at the other end from now on. */
  opened(user: CameraUser): void {
    this.#users.add(user);
  }

  closed(user: CameraUser): void {
    this.#users.delete(user);
  }

  #openIt(): Promise<Transport> {
    const errno = !this.present ? usbErrno.noDevice : this.#users.size > 0 ? usbErrno.busy : this.faults.openErrno;
    if (errno !== undefined) return Promise.reject(usbFailure(this.device, errno, "opening it"));
    const transport = new EmulatedTransport(this);
    this.opened(transport);
    return Promise.resolve(transport);
  }
}

/** A USB with these cameras on it. */
export const busOf = (...cameras: readonly EmulatedCamera[]): UsbBus => ({
  list: () => Promise.resolve(cameras.filter(({ present }) => present).map(({ device }) => device)),
});
