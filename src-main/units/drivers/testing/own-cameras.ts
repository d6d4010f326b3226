import type { DeviceModel } from "./device-model.ts";
import { inivationModel } from "./inivation-model.ts";
import type { Transcript } from "./transcript.ts";
import { treuzellModel } from "./treuzell-model.ts";
import { VIRTUAL_SERIAL } from "../transport/virtual-serial.ts";
import { configurationDescriptor, deviceDescriptor, type EndpointShape } from "./usb-descriptors.ts";

/** A camera described here, without any recorded dialogue: enough for a driver to recognise, open, stream and close it. */
export interface OwnCamera {
  /** In the shape of a dialogue that has no steps. */
  readonly transcript: Transcript;
  /** The driver that recognises it. */
  readonly driver: string;
  readonly encoding: string;
  /** A fresh board, which answers with the strings of this transcript. */
  readonly model: (transcript?: Transcript) => DeviceModel;
}

interface Description {
  readonly id: string;
  readonly driver: string;
  readonly encoding: string;
  readonly name: string;
  readonly vendorId: number;
  readonly productId: number;
  readonly release: number;
  readonly speed: "super" | "high";
  readonly strings: Readonly<Record<string, string>>;
  readonly interfaceClass: readonly [number, number, number];
  readonly endpoints: readonly (EndpointShape & { readonly role: string })[];
  readonly width: number;
  readonly height: number;
  /** What registers hold after power-up, by the names that the models use. */
  readonly reset: Readonly<Record<string, number>>;
  readonly model: (transcript: Transcript) => DeviceModel;
}

const hex4 = (value: number): string => value.toString(16).padStart(4, "0");
const hex = (value: number): string => `0x${value.toString(16)}`;

function ownCamera(one: Description): OwnCamera {
  const prophesee = one.vendorId === PROPHESEE;
  const reset = Object.fromEntries(
    Object.entries(one.reset).map(([name, value]) => [name, prophesee ? hex(value) : { name, value }]),
  );
  const transcript: Transcript = {
    id: one.id,
    camera: { name: one.name, width: one.width, height: one.height, dataFormat: one.encoding },
    usb: {
      ids: [`${hex4(one.vendorId)}:${hex4(one.productId)}`],
      speed: one.speed,
      bcdDevice: hex(one.release),
      endpoints: one.endpoints.map(({ address, type, maxPacket, role }) => ({
        address: hex(address),
        dir: address >= 0x80 ? "in" : "out",
        type,
        maxPacket,
        role,
      })),
      strings: one.strings,
      deviceDescriptor: deviceDescriptor(one),
      configDescriptor: configurationDescriptor(one.interfaceClass, one.endpoints, one.speed),
    },
    registerModel: { reset },
    steps: [],
  };
  return { transcript, driver: one.driver, encoding: one.encoding, model: (own = transcript) => one.model(own) };
}

/** Serial number of all of them. */
const SERIAL = 0x42;
const hex8 = (value: number): string => value.toString(16).padStart(8, "0");
const PROPHESEE = 0x04b4;
const INIVATION = 0x152a;

const u32 = (...values: readonly number[]): Uint8Array => new Uint8Array(Uint32Array.from(values).buffer);
const text = (...names: readonly string[]): Uint8Array =>
  new Uint8Array([...u32(0), ...new TextEncoder().encode(names.map((name) => `${name}\0`).join(""))]);

/** Registers of six biases: where they are, and what the factory set. */
type Biases = Readonly<Record<string, number>>;

function prophesee(
  id: string,
  product: string,
  driver: string,
  encoding: string,
  { width, height }: { readonly width: number; readonly height: number },
  chip: number,
  compatible: readonly string[],
  more: Biases,
): OwnCamera {
  const properties = {
    0x79: u32(0x3_09_00),
    0x7a: u32(1_700_000_000, 0),
    0x72: u32(SERIAL),
    0x10000: u32(1),
    0x10001: text(product),
    0x10003: text(...compatible),
  };
  const bulk = { type: "bulk", maxPacket: 1024, burst: 15 } as const;
  return ownCamera({
    id: `prophesee-${id}`,
    driver,
    encoding,
    name: product,
    vendorId: PROPHESEE,
    productId: 0x00f5,
    release: 0x0309,
    speed: "super",
    strings: { "1": "Prophesee", "2": product, "3": hex8(SERIAL) },
    interfaceClass: [0xff, 0x19, 0],
    endpoints: [
      { ...bulk, address: 0x82, role: "command replies" },
      { ...bulk, address: 0x02, role: "commands" },
      { ...bulk, address: 0x81, role: "event stream" },
    ],
    width,
    height,
    reset: { "0x14": chip, ...more },
    model: (transcript) => treuzellModel(transcript, { properties }),
  });
}

function inivation(
  id: string,
  name: string,
  driver: string,
  encoding: string,
  productId: number,
  release: number,
  { width, height }: { readonly width: number; readonly height: number },
  more: Readonly<Record<string, number>>,
): OwnCamera {
  const slow = driver === "dvs128";
  return ownCamera({
    id: `inivation-${id}`,
    driver,
    encoding,
    name,
    vendorId: INIVATION,
    productId,
    release,
    speed: slow ? "high" : "super",
    strings: { "1": "iniVation", "2": name, "3": hex8(SERIAL) },
    interfaceClass: [0xff, 0, 0],
    endpoints: slow
      ? [{ address: 0x86, type: "bulk", maxPacket: 512, role: "event stream" }]
      : [
          { address: 0x81, type: "interrupt", maxPacket: 64, role: "debug messages" },
          { address: 0x82, type: "bulk", maxPacket: 1024, burst: 15, role: "event stream" },
        ],
    width,
    height,
    reset: { "1.0": width, "1.1": height, ...more },
    model: (transcript) => inivationModel(transcript),
  });
}

const hd = { width: 1280, height: 720 };
const vga = { width: 640, height: 480 };

/** Registers of the sensor of all DVXplorers that are read before they are written: area, subsampling, reset, groups. */
const S5K231Y: Readonly<Record<string, number>> = {
  [`5.${0x3200}`]: 0,
  [`5.${0x3204}`]: 0,
  [`5.${0x3255}`]: 0x0c,
  [`5.${0x3067}`]: 0x80,
};

/** Logic 18, patch and chip of a board with an FPGA; clocks in MHz and their deviation in per mille. */
const logic = (patch: number, chip: number): Readonly<Record<string, number>> => ({ "6.0": 18, "6.7": patch, "6.1": chip });

/** One camera for every driver there is, and for every protocol within a driver. Numbers are those that the vendors' drivers ask for. */
export const ownCameras = {
  evk4: prophesee("evk4", "EVK4", "evk4", "evt3", hd, 0xa040_1806, ["psee,ccam5_imx636"], {
    "0xf128": 0,
    "0x1004": 0x53,
    "0x100c": 0,
    "0x1010": 0x66,
    "0x1014": 0x4d,
    "0x1018": 0x49,
    "0x1020": 0x14,
  }),
  "evk3-hd": prophesee("evk3-hd", "EVK3 HD", "evk3-hd", "evt3", hd, 0xa030_1002, ["psee,ccam5_gen41"], {
    "0x1004": 0x4a,
    "0x100c": 0,
    "0x1010": 0x73,
    "0x1014": 0x50,
    "0x1018": 0x34,
    "0x1020": 0x44,
  }),
  "evk3-320": prophesee(
    "evk3-320",
    "EVK3 320",
    "evk3-320",
    "evt21",
    { width: 320, height: 320 },
    0xb060_2003,
    ["psee,cx3_genx320"],
    {
      "0x7044": 2,
      "0x1004": 0x22,
      "0x1100": 0x28,
      "0x1104": 0x19,
      "0x1108": 0x33,
      "0x110c": 0x1c,
      "0x1114": 0x0a,
    },
  ),
  davis346: inivation(
    "davis346",
    "DAVIS346",
    "davis346",
    "davis-usb",
    0x841a,
    0x0006,
    { width: 346, height: 260 },
    {
      ...logic(1, 5),
      "0.80": 0,
      "1.80": 0,
      "6.3": 90,
      "6.4": 30,
      "6.5": 30,
      "6.6": 1000,
      "1.2": 0,
      "1.10": 1,
      "1.30": 1,
      "1.40": 1,
      "1.50": 1,
      "1.60": 1,
      "2.2": 0,
      "2.3": 0,
      "2.6": 1,
      "3.0": 2,
      "3.1": 0,
      "4.10": 1,
    },
  ),
  dvxplorer: inivation("dvxplorer", "DVXplorer", "dvxplorer", "dvxplorer-usb", 0x8419, 0x0009, vga, {
    ...logic(4, 20),
    "6.3": 100,
    "6.5": 80,
    "6.6": 1040,
    ...S5K231Y,
    "1.2": 0,
    "3.1": 0,
    "4.10": 1,
  }),
  "dvxplorer-mini": inivation("dvxplorer-mini", "DVXplorer Mini", "dvxplorer-mini", "dvxplorer-mini-usb", 0x8419, 0x0409, vga, {
    ...logic(4, 20),
    ...S5K231Y,
  }),
  /** The same with firmware 10, which speaks otherwise. */
  "dvxplorer-mini-10": inivation(
    "dvxplorer-mini-10",
    "DVXplorer Mini",
    "dvxplorer-mini",
    "dvxplorer-mini-usb",
    0x8419,
    0x040a,
    vga,
    { "1.2": 0 },
  ),
  dvs128: inivation("dvs128", "DVS128", "dvs128", "dvs128-usb", 0x8400, 0x000e, { width: 128, height: 128 }, {}),
} as const satisfies Readonly<Record<string, OwnCamera>>;
export type OwnCameraId = keyof typeof ownCameras;
export const ownCameraIds = Object.keys(ownCameras) as readonly OwnCameraId[];

/** The same camera, saying that it is none: for whoever plugs it into a machine. */
export function markVirtual({ transcript, model, ...rest }: OwnCamera, name: string): OwnCamera {
  const { usb } = transcript;
  const strings = { ...usb.strings, "2": `${usb.strings["2"]} (virtual)`, "3": `${VIRTUAL_SERIAL}${name.toUpperCase()}` };
  const marked = { ...transcript, usb: { ...usb, strings } };
  return { ...rest, transcript: marked, model: (own = marked) => model(own) };
}
