import type { Transport } from "../transport/transport.ts";
import { CameraError, usbErrno, usbFailure } from "../transport/usb-errors.ts";

/** Endpoints of all known boards. */
const COMMAND_OUT = 0x02;
const COMMAND_IN = 0x82;
/** Where events come from. */
export const EVENTS_IN = 0x81;

const WRITE_FLAG = 0x4000_0000;
const FAILURE_FLAG = 0x8000_0000;
const MAX_REPLY_BYTES = 1024;
const TIMEOUT_MS = 1000;
/** Answers to questions that were given up on may still come: so many are passed over. */
const MAX_STALE_REPLIES = 3;

/** Questions a board answers, by the vendor's numbers. */
export const property = {
  bootState: 0x71,
  serial: 0x72,
  firmware: 0x79,
  buildDate: 0x7a,
  deviceCount: 0x10000,
  deviceName: 0x10001,
  compatible: 0x10003,
  registers: 0x10102,
} as const;
const LEGACY_READ = 0x55;
const LEGACY_WRITE = 0x56;

const hex = (value: number): string => `0x${value.toString(16).toUpperCase().padStart(4, "0")}`;

function wordsToBytes(...values: readonly number[]): Uint8Array {
  const bytes = new Uint8Array(values.length * 4);
  const view = new DataView(bytes.buffer);
  values.forEach((value, at) => view.setUint32(at * 4, value >>> 0, true));
  return bytes;
}

const wordAt = (bytes: Uint8Array, at: number): number | undefined =>
  at + 4 <= bytes.length ? new DataView(bytes.buffer, bytes.byteOffset, bytes.length).getUint32(at, true) : undefined;

/**
 * The command protocol of Prophesee boards: one question, one answer, never two at once. Registers are 32 bits wide. A board whose
 * firmware predates 32-bit access is spoken to in 12-byte frames; what was written to it is remembered, because these frames are
 * documented for writing only.
 */
export class Treuzell {
  readonly #transport: Transport;
  readonly #written = new Map<number, number>();
  #last: Promise<unknown> = Promise.resolve();
  #legacy = false;

  constructor(transport: Transport) {
    this.#transport = transport;
  }

  /** Whether the board turned out to be an old one. */
  get legacy(): boolean {
    return this.#legacy;
  }

  /** The answer to a question, without its head; `undefined` when the board does not know the question. */
  ask(question: number, ...payload: readonly number[]): Promise<Uint8Array | undefined> {
    return this.#alone(async () => {
      const reply = await this.#exchange(wordsToBytes(question, payload.length * 4, ...payload), (head) => head === question);
      const head = wordAt(reply, 0);
      if (head === FAILURE_FLAG) return undefined;
      if (head !== question) throw this.#refused(`question ${hex(question)}`, reply);
      return reply.subarray(8);
    });
  }

  /** Value of a register. */
  async read(address: number): Promise<number> {
    if (this.#legacy) {
      return this.#written.get(address) ?? this.#alone(() => this.#legacyRead(address));
    }
    const question = property.registers;
    const value = await this.#alone(async () => {
      const reply = await this.#exchange(
        wordsToBytes(question, 12, 0, address, 1),
        (head) => head === question,
        (answer) => wordAt(answer, 12) === address,
      );
      if (wordAt(reply, 0) === FAILURE_FLAG) return undefined;
      if (wordAt(reply, 0) !== question) throw this.#refused(`reading register ${hex(address)}`, reply);
      return wordAt(reply, 16);
    });
    if (value !== undefined) return value;
    this.#legacy = true;
    return this.read(address);
  }

  /** Sets a register. */
  async write(address: number, value: number): Promise<void> {
    if (this.#legacy) {
      await this.#alone(() => this.#exchange(wordsToBytes(LEGACY_WRITE, address, value), (head) => head === LEGACY_WRITE));
      this.#written.set(address, value >>> 0);
      return;
    }
    const question = (property.registers | WRITE_FLAG) >>> 0;
    const known = await this.#alone(async () => {
      const reply = await this.#exchange(
        wordsToBytes(question, 12, 0, address, value),
        (head) => head === question,
        (answer) => wordAt(answer, 12) === address,
      );
      if (wordAt(reply, 0) === FAILURE_FLAG) return false;
      if (wordAt(reply, 0) !== question) throw this.#refused(`writing register ${hex(address)}`, reply);
      return true;
    });
    if (known) return;
    this.#legacy = true;
    await this.write(address, value);
  }

  async #legacyRead(address: number): Promise<number> {
    const reply = await this.#exchange(wordsToBytes(LEGACY_READ, address), (head) => head === LEGACY_READ);
    return wordAt(reply, 8) ?? 0;
  }

  /** One after the other, also when one fails. */
  #alone<T>(task: () => Promise<T>): Promise<T> {
    const mine = this.#last.then(task, task);
    this.#last = mine.catch(() => undefined);
    return mine;
  }

  /** Sends a frame and reads until the answer to it comes. */
  async #exchange(
    frame: Uint8Array,
    mine: (head: number) => boolean,
    about: (answer: Uint8Array) => boolean = () => true,
  ): Promise<Uint8Array> {
    const { device } = this.#transport;
    await this.#transport.bulkOut(COMMAND_OUT, frame, TIMEOUT_MS);
    for (let attempt = 0; attempt <= MAX_STALE_REPLIES; attempt++) {
      const reply = await this.#transport.bulkIn(COMMAND_IN, MAX_REPLY_BYTES, TIMEOUT_MS);
      const head = wordAt(reply, 0);
      if (head === undefined) throw usbFailure(device, usbErrno.timeout, "waiting for an answer");
      if (head === FAILURE_FLAG) return reply;
      if (mine(head >= FAILURE_FLAG ? head - FAILURE_FLAG : head) && (head >= FAILURE_FLAG || about(reply))) return reply;
    }
    throw new CameraError("no-answer", "io", `${device.label} answers questions that were not asked`, {
      hint: "Unplug it, wait five seconds, plug it in again.",
    });
  }

  #refused(doing: string, reply: Uint8Array): CameraError {
    const number = wordAt(reply, 16) ?? wordAt(reply, 8);
    return new CameraError(
      "no-answer",
      "io",
      `${this.#transport.device.label} refused ${doing}${number === undefined ? "" : ` (error ${number})`}`,
      {
        hint: "Open it again. When that does not help, unplug it and plug it in again.",
      },
    );
  }
}

/** The first number of an answer. */
export const firstWord = (answer: Uint8Array | undefined, at = 0): number | undefined =>
  answer === undefined ? undefined : wordAt(answer, at);
