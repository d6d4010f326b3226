import type { DeviceModel } from "./device-model.ts";
import { inivationModel } from "./inivation-model.ts";
import type { Transcript } from "./transcript.ts";
import { treuzellModel } from "./treuzell-model.ts";

/*
 * Cameras described by hand, for tests where the recorded dialogues are not at hand: they answer who they are and keep what is written.
 * What a driver has to send in which order is not known of them.
 */

/** A camera for `EmulatedCamera`. */
export interface MadeCamera {
  readonly transcript: Transcript;
  readonly model: () => DeviceModel;
}

const usb = (id: string, release: string, strings: Readonly<Record<string, string>>): Transcript["usb"] => ({
  ids: [id],
  speed: "super",
  bcdDevice: release,
  endpoints: [
    {
      address: "0x81",
      dir: "in",
      type: "bulk",
      maxPacket: 1024,
      role: id.startsWith("152a") ? "debug messages" : "event stream",
    },
    {
      address: "0x82",
      dir: "in",
      type: "bulk",
      maxPacket: 1024,
      role: id.startsWith("152a") ? "event stream" : "command replies",
    },
  ],
  strings,
  deviceDescriptor: "",
  configDescriptor: "",
});

const word = (value: number): Uint8Array => {
  const bytes = new Uint8Array(4);
  new DataView(bytes.buffer).setUint32(0, value, true);
  return bytes;
};
const text = (...names: readonly string[]): Uint8Array =>
  new Uint8Array([0, 0, 0, 0, ...Buffer.from(`${names.join("\0")}\0`, "latin1")]);

/** Registers that come out of the power-up with something in them: chip, biases, masks of the array, clocks. */
const imx636Reset = {
  "0x0004": "0xF0005040",
  "0x0014": "0xA0401806",
  "0x0010": "0x20001000",
  "0x0020": "0x10002710",
  "0x003C": "0x02CF04FF",
  "0x0044": "0xCCFFFCCF",
  "0x1004": "0x11A10053",
  "0x1010": "0x11A10066",
  "0x1014": "0x11A1004D",
  "0x1018": "0x11A10049",
  "0x1020": "0x11A10014",
  "0xF128": "0x00000000",
} as const;

/** A Prophesee EVK4 HD. @param firmware as the board tells it: 0x30900 is 3.9.0 */
export const madeEvk4 = (firmware = 0x3_0900, maker = "Prophesee"): MadeCamera => {
  const transcript: Transcript = {
    id: "prophesee-made-evk4",
    camera: { name: "EVK4 HD", width: 1280, height: 720, dataFormat: "EVT3" },
    usb: usb("04b4:00f5", "0x0309", { 1: maker, 2: "EVK4", 3: "00000001" }),
    registerModel: { reset: imx636Reset },
    steps: [],
  };
  const properties = {
    0x71: word(0),
    0x72: word(0x00ab_cdef),
    0x79: word(firmware),
    0x7a: new Uint8Array(8),
    0x10000: word(1),
    0x10001: text("IMX636"),
    0x10003: text("psee,ccam5_imx636"),
  };
  return { transcript, model: () => treuzellModel(transcript, { properties }) };
};

const value = (name: string, number: number) => ({ name, value: number });

/** An iniVation DAVIS346. @param logic version of its logic: drivers want 18 */
export const madeDavis346 = (logic = 18): MadeCamera => {
  const transcript: Transcript = {
    id: "inivation-made-davis346",
    camera: { name: "DAVIS346", width: 346, height: 260, dataFormat: "libcaer 16-bit words" },
    usb: usb("152a:841a", "0x0006", { 1: "iniVation", 2: "DAVIS346", 3: "00000042" }),
    registerModel: {
      reset: {
        "6.0": value("logic version", logic),
        "6.1": value("chip", 5),
        "6.2": value("is master", 1),
        "6.3": value("logic clock", 90),
        "6.4": value("converter clock", 30),
        "6.5": value("USB clock", 30),
        "6.6": value("deviation", 1000),
        "6.7": value("logic patch", 1),
        "0.80": value("has statistics", 1),
        "1.0": value("columns", 346),
        "1.1": value("rows", 260),
        "1.2": value("orientation", 0),
        "1.10": value("has pixel filter", 1),
        "1.30": value("has noise filter", 1),
        "1.40": value("has region", 1),
        "1.50": value("has skip filter", 1),
        "1.60": value("has polarity filter", 1),
        "1.80": value("has statistics", 1),
        "2.0": value("frame columns", 346),
        "2.1": value("frame rows", 260),
        "2.2": value("frame orientation", 0),
        "2.3": value("color filter", 0),
        "2.6": value("has global shutter", 1),
        "3.0": value("inertial sensor", 2),
        "3.1": value("inertial orientation", 0),
        "4.10": value("has generator", 1),
      },
    },
    steps: [],
  };
  return { transcript, model: () => inivationModel(transcript) };
};
