import { parseArgs } from "node:util";
import { AppError } from "#shared/api/errors.ts";
import type { EmulatedFaults } from "#main/units/drivers/testing/emulated-camera.ts";
import { ownCameraIds, type OwnCameraId } from "#main/units/drivers/testing/own-cameras.ts";
import { USBIP_PORT } from "#main/units/drivers/testing/usbip/messages.ts";

/** What is served, and what goes wrong with it. */
export interface VirtualCameraOptions {
  readonly cameras: readonly OwnCameraId[];
  /** Events per second of each. */
  readonly rate: number;
  readonly seed: number;
  readonly port: number;
  readonly host: string;
  readonly faults: EmulatedFaults;
  /** Seconds after the start of the sensor; 0 is never. */
  readonly unplugAfterS: number;
  readonly replugAfterS: number;
  readonly stallEveryS: number;
}

export const usage = `npm run virtual-camera -- CAMERA… [options]
  CAMERA             ${ownCameraIds.join(", ")}
  --rate N           events per second of each camera (200000; at most 1000000)
  --seed N           another way of the disc (1)
  --port N           TCP port (3240, the one usbip asks)
  --host ADDRESS     where to listen (127.0.0.1; 0.0.0.0 lets other machines attach)
Faults
  --unplug-after S   pulls the cable so many seconds after the sensor was started
  --replug-after S   puts it in again so many seconds later (then attach once more)
  --stall-every S    halts the event endpoint again and again
  --corrupt SHARE    turns over one bit in so many of the bytes (0.0001)
  --short-reads      cuts transfers anywhere
  --silent           sends nothing although it was started
  --mute             does not answer commands`;

/** The mini's words tell single µs apart: no more events than that. */
const MAX_RATE = 1_000_000;

function numberIn(values: Readonly<Record<string, unknown>>, name: string, min: number, max: number): number {
  const text = String(values[name]);
  const value = Number(text);
  if (text.trim() !== "" && value >= min && value <= max) return value;
  throw new AppError("bad-parameter", `--${name} is ${text}; it has to lie between ${min} and ${max}`, { hint: usage });
}

/** @throws AppError `bad-parameter` */
export function parseOptions(args: readonly string[]): VirtualCameraOptions | "help" {
  const { values, positionals } = parse(args);
  if (values.help) return "help";
  const unknown = positionals.find((name) => !(ownCameraIds as readonly string[]).includes(name));
  if (unknown !== undefined || positionals.length === 0) {
    const what = unknown === undefined ? "No camera was named" : `There is no virtual camera "${unknown}"`;
    throw new AppError("bad-parameter", what, { hint: usage });
  }
  return {
    cameras: positionals as readonly OwnCameraId[],
    rate: numberIn(values, "rate", 1, MAX_RATE),
    seed: Math.floor(numberIn(values, "seed", 0, 2 ** 31)),
    port: Math.floor(numberIn(values, "port", 0, 65_535)),
    host: values.host,
    faults: {
      shortReads: values["short-reads"],
      silent: values.silent,
      mute: values.mute,
      corrupt: numberIn(values, "corrupt", 0, 1),
    },
    unplugAfterS: numberIn(values, "unplug-after", 0, 1e6),
    replugAfterS: numberIn(values, "replug-after", 0, 1e6),
    stallEveryS: numberIn(values, "stall-every", 0, 1e6),
  };
}

function parse(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      allowPositionals: true,
      options: {
        help: { type: "boolean", short: "h", default: false },
        rate: { type: "string", default: "200000" },
        seed: { type: "string", default: "1" },
        port: { type: "string", default: String(USBIP_PORT) },
        host: { type: "string", default: "127.0.0.1" },
        "unplug-after": { type: "string", default: "0" },
        "replug-after": { type: "string", default: "0" },
        "stall-every": { type: "string", default: "0" },
        corrupt: { type: "string", default: "0" },
        "short-reads": { type: "boolean", default: false },
        silent: { type: "boolean", default: false },
        mute: { type: "boolean", default: false },
      },
    });
  } catch (cause) {
    throw new AppError("bad-parameter", cause instanceof Error ? cause.message : String(cause), { hint: usage, cause });
  }
}
