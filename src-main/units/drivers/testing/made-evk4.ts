import { treuzellModel } from "./treuzell-model.ts";
import type { DeviceModel } from "./device-model.ts";
import type { Transcript } from "./transcript.ts";

/** What an EVK4 answers, by number of the question: made up here, so that it is at hand everywhere. */
const text = (value: string): readonly number[] => [0, 0, 0, 0, ...Buffer.from(`${value}\0`, "latin1")];
const ANSWERS: Readonly<Record<number, readonly number[]>> = {
  0x71: [0, 0, 0, 0],
  0x72: [0x78, 0x56, 0x34, 0x12],
  0x79: [0, 9, 3, 0],
  0x7a: [0, 0, 0, 0, 0, 0, 0, 0],
  0x10000: [1, 0, 0, 0],
  0x10001: text("made EVK4"),
  0x10003: text("psee,ccam5_imx636"),
};

/** Registers that a driver reads before it has written them: the chip's number, and biases in the middle of their ranges. */
const REGISTERS: Readonly<Record<string, string>> = {
  "0x0004": "0xF0005040",
  "0x0014": "0xA0401806",
  "0x1004": "0x11A10040",
  "0x100C": "0x11A10000",
  "0x1010": "0x11A10060",
  "0x1014": "0x11A10050",
  "0x1018": "0x11A10048",
  "0x1020": "0x11A10018",
};

/** An emulated EVK4 that needs no recorded dialogue: enough of its registers and answers for the driver, none of its pictures. */
export function madeEvk4(): { readonly transcript: Transcript; readonly model: DeviceModel } {
  const transcript: Transcript = {
    id: "prophesee-evk4-made",
    camera: { name: "EVK4, made up", width: 1280, height: 720, dataFormat: "EVT3" },
    usb: {
      ids: ["04b4:00f5"],
      speed: "super",
      bcdDevice: "0x0309",
      endpoints: [
        { address: "0x82", dir: "in", type: "bulk", maxPacket: 1024, role: "command replies" },
        { address: "0x02", dir: "out", type: "bulk", maxPacket: 1024, role: "commands" },
        { address: "0x81", dir: "in", type: "bulk", maxPacket: 1024, role: "event stream" },
      ],
      strings: { 1: "Prophesee", 2: "EVK4", 3: "12345678" },
      deviceDescriptor: "",
      configDescriptor: "",
    },
    registerModel: { reset: REGISTERS },
    steps: [],
  };
  const properties = Object.fromEntries(Object.entries(ANSWERS).map(([number, bytes]) => [number, Uint8Array.from(bytes)]));
  return { transcript, model: treuzellModel(transcript, { properties }) };
}
