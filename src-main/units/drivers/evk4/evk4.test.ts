import { describeDialogue } from "../prophesee/testing/dialogue-suite.ts";
import { createEvk4 } from "./evk4.ts";

describeDialogue(createEvk4, [
  {
    transcript: "prophesee-evk4-imx636",
    params: { limitRate: false },
    sensor: { width: 1280, height: 720 },
    encoding: "evt3",
    metadata: {
      camera: "EVK4",
      serial_number: "00abcdef",
      firmware_version: "3.9.0",
      sensor_name: "IMX636",
      bias_diff_on: "102",
      bias_fo: "83",
    },
  },
]);
