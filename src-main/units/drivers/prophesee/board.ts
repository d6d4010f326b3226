import { readString } from "../transport/strings.ts";
import type { Transport } from "../transport/transport.ts";
import { CameraError } from "../transport/usb-errors.ts";
import { firstWord, property, Treuzell } from "./treuzell.ts";

/** Sensors there are drivers for. */
export type SensorName = "imx636" | "gen41" | "genx320-mp" | "genx320-es";

/** What a board tells about itself. */
export interface Board {
  readonly maker: string;
  readonly product: string;
  readonly serial: string;
  /** "3.9.0"; empty when the board does not say. */
  readonly firmware: string;
  readonly sensor: SensorName;
  /** Register access in 12-byte frames only. */
  readonly legacy: boolean;
}

/** The chip and, where several carry the same number, bits that have to be zero. */
const CHIP_ID = 0x14;
const IMX636_VARIANT = 0xf128;
const SYSTEM_ID = 0x800;
const OLDEST_FIRMWARE = 0x3_08_00;
const TYPE_EVK3_HD = 0x30;
/** Devices below this do not take SET_INTERFACE. */
const FIRST_WITH_SET_INTERFACE = 0x0307;
const LEGACY_SETTLE_US = 150_000;

const version = (word: number): string => `${word >>> 16}.${(word >>> 8) & 0xff}.${word & 0xff}`;
const textOf = (bytes: Uint8Array): string => new TextDecoder("latin1").decode(bytes);

const unsupported = (label: string, what: string): CameraError =>
  new CameraError("unknown-firmware", "unsupported", `${label} carries ${what}, which this version has no driver for`, {
    hint: "Record with the vendor's program and open the file here.",
  });

async function sensorOf(treuzell: Treuzell, compatible: readonly string[], label: string): Promise<SensorName> {
  const chip = await treuzell.read(CHIP_ID);
  const is = (...names: readonly string[]): boolean => names.some((name) => compatible.includes(`psee,${name}`));
  if (is("ccam5_imx636", "ccam5_gen42") && chip === 0xa040_1806 && ((await treuzell.read(IMX636_VARIANT)) & 3) === 0)
    return "imx636";
  if (is("ccam5_gen41") && (chip === 0xa030_1002 || chip === 0xa030_1003)) return "gen41";
  if (is("cx3_saphir", "cx3_genx320") && chip === 0xb060_2003) return "genx320-mp";
  if (is("cx3_saphir", "cx3_genx320") && chip === 0x3050_1c01) return "genx320-es";
  const names = compatible.filter((name) => name !== "").join(", ");
  throw unsupported(label, `the sensor 0x${chip.toString(16)} (${names || "without a name"})`);
}

/** A board from before names and 32-bit registers: only the EVK3 HD is known to exist. */
async function legacySensor(transport: Transport): Promise<SensorName> {
  const type = await transport.controlIn({ requestType: 0xc0, request: 0x72, value: 0, index: 0 }, 2);
  if (type[0] !== TYPE_EVK3_HD) throw unsupported(transport.device.label, `a board of type 0x${(type[0] ?? 0).toString(16)}`);
  return "gen41";
}

/**
 * Claims the interface of a board and asks who it is.
 * @throws AppError `unsupported` for other sensors and firmware that is too old, `busy` when another program has it.
 */
export async function openBoard(
  transport: Transport,
  pause: (us: number) => Promise<void>,
): Promise<{ readonly board: Board; readonly treuzell: Treuzell }> {
  const { label, release } = transport.device;
  const maker = await readString(transport, 1);
  const product = await readString(transport, 2);
  await transport.claim(0);
  if (release >= FIRST_WITH_SET_INTERFACE) await transport.setInterface(0, 0);
  const treuzell = new Treuzell(transport);
  const firmware = firstWord(await treuzell.ask(property.firmware));
  await treuzell.ask(property.buildDate);
  const serial = firstWord(await treuzell.ask(property.serial)) ?? 0;
  await treuzell.ask(property.deviceCount);
  const compatible = await treuzell.ask(property.compatible, 0);
  const identity = {
    maker,
    product,
    serial: serial.toString(16).padStart(8, "0"),
    firmware: firmware === undefined ? "" : version(firmware),
  };
  if (compatible === undefined) {
    const sensor = await legacySensor(transport);
    await pause(LEGACY_SETTLE_US);
    await treuzell.ask(property.bootState);
    // Shows whether it knows 32-bit access, without changing anything.
    await treuzell.read(SYSTEM_ID);
    return { treuzell, board: { ...identity, sensor, legacy: treuzell.legacy } };
  }
  if (firmware !== undefined && firmware < OLDEST_FIRMWARE) {
    throw new CameraError("unknown-firmware", "unsupported", `The firmware ${version(firmware)} of ${label} is too old`, {
      hint: `Update it with the vendor's tool to ${version(OLDEST_FIRMWARE)} or newer.`,
    });
  }
  await treuzell.ask(property.deviceName, 0);
  const sensor = await sensorOf(treuzell, textOf(compatible.subarray(4)).split("\0"), label);
  return { treuzell, board: { ...identity, sensor, legacy: false } };
}
