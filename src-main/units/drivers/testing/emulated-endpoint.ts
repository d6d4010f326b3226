import type { RawTransfer } from "../transport/read-queue.ts";
import { usbErrno } from "../transport/usb-errors.ts";
import { ByteFifo } from "./byte-fifo.ts";
import type { EmulatedFaults } from "./emulated-camera.ts";
import type { WireFeed } from "./wire-feed.ts";

export interface EmulatedEndpointOptions {
  readonly feed: WireFeed | undefined;
  readonly fifoBytes: number;
  readonly faults: EmulatedFaults;
  readonly random: () => number;
  readonly sending: () => boolean;
  /** So many bytes were lost, the first of them at this place in what the sensor has sent. */
  readonly lost: (bytes: number, at: number) => void;
}

/** A board sends bursts of so many bytes, or what it has after a moment. */
const BURST_BYTES = 16 * 1024;

interface Read {
  readonly bytes: Uint8Array;
  readonly onDone: (errno: number, actualBytes: number) => void;
  waiting: boolean;
}

/** The event endpoint of an emulated camera: a memory that the sensor fills and queued reads empty, in order. */
export class EmulatedEndpoint {
  readonly #options: EmulatedEndpointOptions;
  /** Reads under way, oldest first. */
  readonly #queue: Read[] = [];
  readonly #fifo = new ByteFifo();
  /** Bytes the sensor has sent, lost ones included. */
  #sent = 0;
  #failure: number | undefined;
  #turn: NodeJS.Immediate | undefined;
  #later: NodeJS.Timeout | undefined;
  #closed = false;
  #waited = false;

  constructor(options: EmulatedEndpointOptions) {
    this.#options = options;
  }

  get pending(): number {
    return this.#queue.length;
  }

  createRead(bytes: Uint8Array, onDone: (errno: number, actualBytes: number) => void): RawTransfer {
    const read: Read = { bytes, onDone, waiting: false };
    return {
      bytes,
      submit: () => {
        read.waiting = true;
        this.#queue.push(read);
        this.wake();
      },
      cancel: () => {
        if (!read.waiting) return;
        setImmediate(() => this.#complete(read, usbErrno.transferCancelled, 0));
      },
    };
  }

  /** Every read under way comes back with this number, and later ones too. */
  fail(errno: number, othersCancelled: boolean): void {
    this.#failure = errno;
    setImmediate(() => {
      for (const [at, read] of [...this.#queue].entries()) {
        this.#complete(read, othersCancelled && at > 0 ? usbErrno.transferCancelled : errno, 0);
      }
    });
  }

  wake(): void {
    if (this.#turn !== undefined || this.#closed) return;
    clearTimeout(this.#later);
    this.#later = undefined;
    this.#turn = setImmediate(() => {
      this.#turn = undefined;
      this.#pump();
    });
  }

  close(): void {
    this.#closed = true;
    clearImmediate(this.#turn);
    clearTimeout(this.#later);
    this.#fifo.clear();
  }

  /** Looks again a little later: nothing came just now. */
  #rest(): void {
    this.#later ??= setTimeout(() => {
      this.#later = undefined;
      this.#pump();
    }, 1);
  }

  #complete(read: Read, errno: number, actualBytes: number): void {
    const at = this.#queue.indexOf(read);
    if (at < 0) return;
    this.#queue.splice(at, 1);
    read.waiting = false;
    read.onDone(errno, actualBytes);
  }

  /** One turn: the sensor writes, then the oldest reads come back with what there is. */
  #pump(): void {
    const { faults, sending } = this.#options;
    if (this.#failure !== undefined) {
      this.fail(this.#failure, false);
      return;
    }
    if (!sending() || faults.silent === true) {
      // Nothing will come until somebody writes a register, or the silence ends.
      if (this.#queue.length > 0 && faults.silent === true) this.#rest();
      return;
    }
    this.#fill();
    const { feed } = this.#options;
    if (feed !== undefined && "paced" in feed && this.#fifo.length < BURST_BYTES && !this.#waited) {
      this.#waited = true;
      if (this.#queue.length > 0) this.#rest();
      return;
    }
    this.#waited = false;
    let completed = 0;
    // Only reads that wait now: those sent again meanwhile have their turn next time.
    for (let budget = this.#queue.length; budget > 0 && this.#fifo.length > 0; budget--) {
      const read = this.#queue[0];
      if (read === undefined || this.#closed) break;
      this.#complete(read, 0, this.#drainInto(read.bytes));
      completed += 1;
    }
    if (this.#closed) return;
    if (completed > 0) this.wake();
    else if (this.#queue.length > 0) this.#rest();
  }

  #fill(): void {
    const { feed, fifoBytes, lost } = this.#options;
    if (feed === undefined) return;
    // A feed by the clock comes whether anybody reads or not; one that is not is asked for what the reads can take.
    const wanted = this.#queue.reduce((sum, read) => sum + read.bytes.length, 0) - this.#fifo.length;
    for (let room = wanted; "paced" in feed || room > 0;) {
      const bytes = feed.next(room);
      if (bytes.length === 0) return;
      room -= bytes.length;
      // In whole words: a camera's memory loses no halves of them.
      const free = "paced" in feed ? Math.max(0, (fifoBytes - this.#fifo.length) & ~7) : bytes.length;
      const kept = bytes.subarray(0, free);
      if (kept.length < bytes.length) lost(bytes.length - kept.length, this.#sent + kept.length);
      this.#fifo.push(kept);
      this.#sent += bytes.length;
      if ("paced" in feed) return;
    }
  }

  #drainInto(target: Uint8Array): number {
    const { faults, random } = this.#options;
    const most = faults.shortReads === true ? 1 + Math.floor(random() * target.length) : target.length;
    const used = this.#fifo.shiftInto(target, most);
    const share = faults.corrupt ?? 0;
    for (let at = 0; share > 0 && at < used; at++) {
      if (random() < share) target[at] = (target[at] ?? 0) ^ (1 << Math.floor(random() * 8));
    }
    return used;
  }
}
