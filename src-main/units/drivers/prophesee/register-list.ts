import { AppError } from "#shared/api/errors.ts";
import type { Pause } from "../session/open-device.ts";

/** One step of a register sequence. `field` changes the bits of a mask and keeps the others: reserved bits differ between chips. */
export type RegisterStep =
  | { readonly kind: "write"; readonly address: number; readonly value: number }
  | { readonly kind: "field"; readonly address: number; readonly mask: number; readonly value: number }
  /** Reads until the bits are set. */
  | { readonly kind: "await"; readonly address: number; readonly mask: number }
  | { readonly kind: "pause"; readonly us: number };

/** Where registers are read and written. */
export interface Registers {
  read(address: number): Promise<number>;
  write(address: number, value: number): Promise<void>;
}

const TOKEN = /^(?:@(\d+)|([0-9A-F]+)(?:\*(\d+))?(?::([0-9A-F]+))?(=|\+|-|\?)([0-9A-F]+))$/;
/** So often a condition is looked at, with a pause in between. */
const AWAIT_ATTEMPTS = 20;
const AWAIT_PAUSE_US = 500;

function parseToken(token: string): readonly RegisterStep[] {
  const match = TOKEN.exec(token);
  if (match === null) throw new AppError("internal", `"${token}" is no step of a register list`);
  const [, us, addressText = "", times = "1", maskText, action = "", valueText = ""] = match;
  if (us !== undefined) return [{ kind: "pause", us: Number(us) }];
  const first = parseInt(addressText, 16);
  const value = parseInt(valueText, 16);
  return Array.from({ length: Number(times) }, (_, at): RegisterStep => {
    const address = first + 4 * at;
    if (action === "?") return { kind: "await", address, mask: value };
    if (action === "+") return { kind: "field", address, mask: value, value };
    if (action === "-") return { kind: "field", address, mask: value, value: 0 };
    return maskText === undefined
      ? { kind: "write", address, value }
      : { kind: "field", address, mask: parseInt(maskText, 16), value };
  });
}

/**
 * A register sequence as text, all numbers hexadecimal but times: `9008=644` writes a word, `0004+400` sets bits, `0004-400` clears
 * them, `6008:3FF=C8` sets a field, `6800*230=0` writes so many words from there on, `0034?2` waits for a bit, `@1000` waits µs.
 */
export const registerList = (text: string): readonly RegisterStep[] =>
  text
    .split(/\s+/)
    .filter((token) => token !== "")
    .flatMap(parseToken);

/** Carries out a sequence. @throws AppError `io` when a condition does not come about. */
export async function runRegisters(
  steps: readonly RegisterStep[],
  registers: Registers,
  pause: Pause,
  label: string,
): Promise<void> {
  for (const step of steps) {
    switch (step.kind) {
      case "write":
        await registers.write(step.address, step.value);
        break;
      case "field": {
        const before = await registers.read(step.address);
        await registers.write(step.address, ((before & ~step.mask) | (step.value & step.mask)) >>> 0);
        break;
      }
      case "await":
        await awaitBits(step, registers, pause, label);
        break;
      case "pause":
        await pause(step.us);
    }
  }
}

async function awaitBits(
  step: { readonly address: number; readonly mask: number },
  registers: Registers,
  pause: Pause,
  label: string,
): Promise<void> {
  for (let attempt = 0; attempt < AWAIT_ATTEMPTS; attempt++) {
    if (((await registers.read(step.address)) & step.mask) !== 0) return;
    await pause(AWAIT_PAUSE_US);
  }
  throw new AppError(
    "io",
    `The sensor of ${label} did not become ready (register 0x${step.address.toString(16).toUpperCase()})`,
    {
      hint: "Open the camera again; when it happens every time, unplug it and plug it in again.",
    },
  );
}
