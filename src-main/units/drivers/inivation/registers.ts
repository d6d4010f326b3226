import type { Transport } from "../transport/transport.ts";

/** One value of a board: a module's parameter, or of it only the bits of `mask`. */
export interface Write {
  readonly module: number;
  readonly parameter: number;
  readonly value: number;
  readonly mask?: number;
}

/** Modules of a board. */
export const MUX = 0;
export const DVS = 1;
export const APS = 2;
export const IMU = 3;
export const INPUT = 4;
export const CHIP = 5;
export const SYSTEM = 6;
export const USB = 9;

const WRITE = 0x40;
const READ = 0xc0;
const VALUE = 0xbf;
const VALUES = 0xc2;

const write = (module: number, parameter: number, value: number): Write => ({ module, parameter, value });

/** Values of one module: `values(DVS, [[3, 1], [4, 0]])`. */
export const values = (module: number, pairs: readonly (readonly [parameter: number, value: number])[]): readonly Write[] =>
  pairs.map(([parameter, value]) => write(module, parameter, value));

/** Chip registers as text: `"0D=24 3255:01=01"` in hexadecimal, with the bits that change behind a colon. */
export function chip(text: string): readonly Write[] {
  return text
    .trim()
    .split(/\s+/)
    .map((part) => {
      const [, address = "", mask, value = ""] = /^([0-9A-F]+)(?::([0-9A-F]+))?=([0-9A-F]+)$/.exec(part) ?? [];
      const one = write(CHIP, parseInt(address, 16), parseInt(value, 16));
      return mask === undefined ? one : { ...one, mask: parseInt(mask, 16) };
    });
}

/** A chip register of several bytes, high byte first. */
export const chipBytes = (address: number, value: number, bytes: number): readonly Write[] =>
  Array.from({ length: bytes }, (_, i) => write(CHIP, address + i, (value >>> (8 * (bytes - 1 - i))) & 0xff));

/** Some bits of a chip register. */
export const chipBits = (address: number, mask: number, value: number): Write => ({
  ...write(CHIP, address, value),
  mask,
});

/** What of `next` is not so already; both lists name the same places in the same order. */
export const differences = (next: readonly Write[], previous: readonly Write[]): readonly Write[] =>
  next.filter(({ value }, i) => value !== previous[i]?.value);

/** Reads and writes the values of a board over its control endpoint. */
export class Registers {
  readonly #transport: Transport;
  readonly #valueBytes: 4 | 8;

  /** @param valueBytes 8 on the newest boards */
  constructor(transport: Transport, valueBytes: 4 | 8 = 4) {
    this.#transport = transport;
    this.#valueBytes = valueBytes;
  }

  async read(module: number, parameter: number): Promise<number> {
    const setup = { requestType: READ, request: VALUE, value: module, index: parameter };
    const reply = await this.#transport.controlIn(setup, this.#valueBytes);
    return reply.reduce((sum, byte) => sum * 256 + byte, 0);
  }

  async write({ module, parameter, value, mask }: Write): Promise<void> {
    const whole = mask === undefined ? value : ((await this.read(module, parameter)) & ~mask) | value;
    const data = new Uint8Array(this.#valueBytes);
    new DataView(data.buffer).setUint32(this.#valueBytes - 4, whole >>> 0);
    await this.#transport.controlOut({ requestType: WRITE, request: VALUE, value: module, index: parameter }, data);
  }

  async run(writes: readonly Write[]): Promise<void> {
    for (const one of writes) await this.write(one);
  }

  /** Several values in one request, which the board carries out without a pause. */
  async together(writes: readonly Write[]): Promise<void> {
    const data = new Uint8Array(6 * writes.length);
    const view = new DataView(data.buffer);
    for (const [i, { module, parameter, value }] of writes.entries()) {
      data[6 * i] = module;
      data[6 * i + 1] = parameter;
      view.setUint32(6 * i + 2, value);
    }
    await this.#transport.controlOut({ requestType: WRITE, request: VALUES, value: writes.length, index: 0 }, data);
  }

  /** A request of the board itself, with or without data. */
  async command(request: number, data: Uint8Array = new Uint8Array(0), value = 0): Promise<void> {
    await this.#transport.controlOut({ requestType: WRITE, request, value, index: 0 }, data);
  }
}
