import { RecordedAnswers, type DeviceModel } from "./device-model.ts";
import type { Transcript } from "./transcript.ts";

const READ = 0x10102;
const WRITE = 0x40010102;
const LEGACY_READ = 0x55;
const LEGACY_WRITE = 0x56;
const FAILED = 0x80000000;

/** Variations of a Prophesee board. */
export interface TreuzellOptions {
  /** An old firmware: it does not know 32-bit register access and answers the 12-byte frames only. */
  readonly legacy?: boolean;
  /** Other answers, by property number: firmware, serial number, … */
  readonly properties?: Readonly<Record<number, Uint8Array>>;
}

const words = (...values: readonly number[]): Uint8Array => {
  const bytes = new Uint8Array(values.length * 4);
  const view = new DataView(bytes.buffer);
  values.forEach((value, at) => view.setUint32(at * 4, value >>> 0, true));
  return bytes;
};

/** A Prophesee board: a store of registers behind the command frames, with the side effects that the drivers wait for. */
export function treuzellModel(transcript: Transcript, options: TreuzellOptions = {}): DeviceModel & { unread(): number } {
  const answers = new RecordedAnswers(transcript);
  const registers = new Map<number, number>();
  for (const [name, value] of Object.entries(transcript.registerModel?.reset ?? {})) {
    if (typeof value === "string") registers.set(Number(name), Number(value));
  }
  const genx320 = transcript.camera.width === 320;
  const waiting: Uint8Array[] = [];

  const write = (address: number, value: number): void => {
    registers.set(address, value >>> 0);
    // What the hardware does by itself (transcripts, registerModel.hooks).
    if (address === 0x34 && (value & 1) !== 0) registers.set(0x34, (value | 2) >>> 0);
    if (address === 0x20 && value >>> 31 === 1) registers.set(0x20, (value | 0x1000_0000) >>> 0);
    if (address === 0x4c && (value & 4) !== 0) registers.set(0x50, 0x92c);
  };
  const read = (address: number): number => {
    const value = registers.get(address) ?? 0;
    return address === 0xc0c4 || address === 0xd0c4 ? value | 4 : value;
  };

  const answer = (data: Uint8Array): Uint8Array => {
    const view = new DataView(data.buffer, data.byteOffset, data.length);
    const property = view.getUint32(0, true);
    if (property === LEGACY_WRITE && data.length === 12) {
      write(view.getUint32(4, true), view.getUint32(8, true));
      return data.slice();
    }
    if (property === LEGACY_READ && data.length === 8) {
      return answers.command(data) ?? words(LEGACY_READ, view.getUint32(4, true), read(view.getUint32(4, true)));
    }
    if (data.length - 8 !== view.getUint32(4, true)) return words(FAILED, 0);
    if ((property === READ || property === WRITE) && options.legacy === true) return words(FAILED, 0);
    if (property === READ) {
      const address = view.getUint32(12, true);
      // A register that nobody has written and no reset value is known of: as the dialogue has it.
      const recorded = registers.has(address) ? undefined : answers.command(data);
      if (recorded !== undefined) return recorded;
      const values = Array.from({ length: view.getUint32(16, true) }, (_, at) => read(address + 4 * at));
      return words(READ, 8 + 4 * values.length, 0, address, ...values);
    }
    if (property === WRITE) {
      const address = view.getUint32(12, true);
      for (let at = 16; at + 4 <= data.length; at += 4) write(address + at - 16, view.getUint32(at, true));
      return words(WRITE, 8, 0, address);
    }
    const other = options.properties?.[property];
    if (other !== undefined) return new Uint8Array([...words(property, other.length), ...other]);
    return answers.command(data) ?? words(FAILED, 0);
  };

  return {
    controlIn: (setup) => answers.control(setup),
    controlOut: () => true,
    bulkOut: (_endpoint, data) => {
      waiting.push(answer(data));
      return true;
    },
    bulkIn: () => waiting.shift(),
    streaming: () => ((registers.get(genx320 ? 0 : 4) ?? 0) & 0x400) !== 0 && ((registers.get(0x9008) ?? 0) & 1) !== 0,
    register: (name) => registers.get(Number(name)),
    unread: () => waiting.length,
  };
}
