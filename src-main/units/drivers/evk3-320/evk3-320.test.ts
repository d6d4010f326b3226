import { describeDialogue } from "../prophesee/testing/dialogue-suite.ts";
import { createEvk3320 } from "./evk3-320.ts";

const common = {
  params: { limitRate: false, triggerIn: true },
  sensor: { width: 320, height: 320 },
  encoding: "evt21",
} as const;

describeDialogue(createEvk3320, [
  {
    ...common,
    transcript: "prophesee-evk3-320-genx320mp",
    metadata: {
      sensor_name: "GenX320",
      bias_fo: "34",
      bias_hpf: "40",
      bias_diff_on: "25",
      bias_diff: "51",
      bias_diff_off: "28",
      bias_refr: "10",
    },
  },
  {
    ...common,
    transcript: "prophesee-evk3-320-genx320es",
    metadata: {
      sensor_name: "GenX320 (engineering sample)",
      bias_fo: "29",
      bias_hpf: "0",
      bias_diff_on: "40",
      bias_diff: "51",
      bias_refr: "82",
    },
  },
]);
