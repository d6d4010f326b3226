import { describeDialogue } from "../prophesee/testing/dialogue-suite.ts";
import { createEvk3Hd } from "./evk3-hd.ts";

describeDialogue(createEvk3Hd, [
  {
    transcript: "prophesee-evk3-hd-gen41",
    sensor: { width: 1280, height: 720 },
    encoding: "evt3",
    metadata: { camera: "EVK3", serial_number: "00abcdef", sensor_name: "Gen4.1", bias_diff: "80", bias_refr: "68" },
  },
]);
