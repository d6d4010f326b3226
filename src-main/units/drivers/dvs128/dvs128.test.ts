import { dvs128Bytes } from "#main/units/encodings/testing/inivation-words.ts";
import { describeDialogue } from "../inivation/testing/dialogue-suite.ts";
import { describeSettings } from "../inivation/testing/settings-suite.ts";
import { createDvs128 } from "./dvs128.ts";

describeDialogue(createDvs128, [
  {
    transcript: "inivation-dvs128",
    sensor: { width: 128, height: 128 },
    encoding: "dvs128-usb",
    metadata: { camera: "DVS128", serial_number: "00000042", firmware_version: "14", diffOn: "209996" },
    bytesOfRows: dvs128Bytes,
  },
]);

const biases = "0007c810e98cffffff7c7ff500008404b9560003c9ffffff03344c00334500010f0000d9";

describeSettings(createDvs128, "inivation-dvs128", [
  { name: "ON threshold", set: { biasDiffOn: 0x123456 }, writes: [`request b8 0 ${biases.replace("03344c", "123456")}`] },
  { name: "OFF threshold", set: { biasDiffOff: 1 }, writes: [`request b8 0 ${biases.replace("000084", "000001")}`] },
  { name: "photoreceptor", set: { biasPr: 0xfffffe }, writes: [`request b8 0 ${biases.replace(/0000d9$/, "fffffe")}`] },
  { name: "clock of another camera", set: { clock: "follower" }, writes: ["request be 0"] },
  { name: "clock of its own", before: { clock: "follower" }, set: { clock: "master" }, writes: ["request be 1"] },
  { name: "pixels", set: { resetPixels: true }, writes: ["request bd 0"] },
  { name: "clock", set: { resetClock: true }, writes: ["request bb 0"] },
]);
