import { readString } from "../transport/strings.ts";
import type { Transport, UsbDevice } from "../transport/transport.ts";
import { CameraError } from "../transport/usb-errors.ts";
import { DVS, Registers, SYSTEM } from "./registers.ts";

/** Kinds of boards there are drivers for; the ids of the drivers. */
export type BoardKind = "davis346" | "dvxplorer" | "dvxplorer-mini" | "dvs128";

/** What a board tells about itself. */
export interface Board {
  readonly kind: BoardKind;
  readonly serial: string;
  readonly firmware: number;
  /** "18.1"; empty where there is none. */
  readonly logic: string;
  readonly registers: Registers;
  readonly chip: number;
  /** Columns and rows of the array, before its orientation. */
  readonly columns: number;
  readonly rows: number;
}

const DAVIS346 = 0x841a;
const DVS128 = 0x8400;
/** High byte of the release of boards with a CX3. */
const CX3 = 4;
/** Firmware of CX3 boards from which values have eight bytes. */
export const FIRST_WIDE_FIRMWARE = 10;
const LOGIC = 18;
const CLEAN_UP = 0xc6;

/** What each kind needs. `patch` is that of the logic. */
const needs = {
  davis346: { firmware: 6, patch: 1, chips: [5, 9] },
  dvxplorer: { firmware: 8, patch: 2, chips: [19, 20] },
  "dvxplorer-mini": { firmware: 8, patch: 2, chips: [19, 20] },
  dvs128: { firmware: 14, patch: 0, chips: [] },
} as const;

/** Which kind a device is, and the version of its firmware: both are in the release that it claims. */
export function kindOf({ productId, release }: Pick<UsbDevice, "productId" | "release">): {
  readonly kind: BoardKind;
  readonly firmware: number;
} {
  const firmware = release & 0xff;
  if (productId === DAVIS346) return { kind: "davis346", firmware };
  if (productId === DVS128) return { kind: "dvs128", firmware };
  return { kind: release >> 8 === CX3 ? "dvxplorer-mini" : "dvxplorer", firmware };
}

/** The serial string is an answer of the device and may hold anything. */
const printable = (text: string): string => text.replace(/[^\x20-\x7e]/g, "").trim();

const outdated = (label: string, what: string, found: number, wanted: string): CameraError =>
  new CameraError(
    "unknown-firmware",
    "unsupported",
    `${label} has ${what} ${found}, and this version works with ${what} ${wanted}`,
    {
      hint: "Update it with the vendor's program (DV: “Flashy”), or record with DV and open the file here.",
    },
  );

/**
 * Claims a board and asks it who it is. Nothing is changed by it, but for a clearing of what an earlier program left behind on the newest
 * boards.
 * @throws AppError `unsupported` for versions or chips that there is no driver for; `busy`, `camera-gone`, …
 */
export async function openBoard(transport: Transport): Promise<Board> {
  const { device } = transport;
  const { label } = device;
  const { kind, firmware } = kindOf(device);
  const need = needs[kind];
  const serial = printable(await readString(transport, device.serialString));
  await transport.claim(0);
  if (firmware < need.firmware) throw outdated(label, "firmware", firmware, `${need.firmware} or newer`);
  if (kind === "dvs128") {
    return { kind, serial, firmware, logic: "", registers: new Registers(transport), chip: 0, columns: 128, rows: 128 };
  }
  const wide = kind === "dvxplorer-mini" && firmware >= FIRST_WIDE_FIRMWARE;
  const registers = new Registers(transport, wide ? 8 : 4);
  let logic = "";
  let chip = 0;
  if (wide) await registers.command(CLEAN_UP);
  else {
    const version = await registers.read(SYSTEM, 0);
    const patch = await registers.read(SYSTEM, 7);
    if (version !== LOGIC) throw outdated(label, "logic version", version, String(LOGIC));
    if (patch < need.patch) throw outdated(label, "logic patch", patch, `${need.patch} or newer`);
    logic = `${version}.${patch}`;
    chip = await registers.read(SYSTEM, 1);
    if (!(need.chips as readonly number[]).includes(chip)) {
      throw new CameraError(
        "unknown-firmware",
        "unsupported",
        `${label} carries the sensor ${chip}, which this version has no driver for`,
        {
          hint: "Record with the vendor's program and open the file here.",
        },
      );
    }
  }
  const columns = await registers.read(DVS, 0);
  const rows = await registers.read(DVS, 1);
  if (columns < 1 || rows < 1 || columns > 1024 || rows > 1024) {
    throw new CameraError("unknown-firmware", "unsupported", `${label} says that its sensor has ${columns} × ${rows} pixels`, {
      hint: "Unplug it and plug it in again; update its firmware when that does not help.",
    });
  }
  return { kind, serial, firmware, logic, registers, chip, columns, rows };
}
