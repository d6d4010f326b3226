import { describe, expect, it } from "vitest";
import { bench, until } from "../testing/bench.ts";
import { describeDialogue } from "../prophesee/testing/dialogue-suite.ts";
import { actionsOf, orderDifference } from "../testing/traffic.ts";
import { hasTranscripts, loadTranscript, type Transcript } from "../testing/transcript.ts";
import { createEvk3Hd } from "./evk3-hd.ts";

describeDialogue(createEvk3Hd, [
  {
    transcript: "prophesee-evk3-hd-gen41",
    sensor: { width: 1280, height: 720 },
    encoding: "evt3",
    metadata: { camera: "EVK3", serial_number: "00abcdef", sensor_name: "Gen4.1", bias_diff: "80", bias_refr: "68" },
  },
]);

/** The board of the EVK3 with the sensor of the EVK4: it differs by its name only. */
function withImx636(): Transcript {
  const evk4 = loadTranscript("prophesee-evk4-imx636");
  const strings = { ...evk4.usb.strings, "2": "EVK3" };
  return { ...evk4, usb: { ...evk4.usb, strings }, steps: evk4.steps.filter(({ kind }) => kind !== "control") };
}

describe.skipIf(!hasTranscripts)("EVK3 HD with the IMX636 (the dialogues are not at hand: skipped)", () => {
  it("is listed as EVK3 and driven like the EVK4, within that sensor's ranges", async () => {
    const transcript = withImx636();
    const { camera, driver, open } = bench(createEvk3Hd, { transcript });
    expect(await driver.list()).toMatchObject([{ driver: "evk3-hd", label: "Prophesee EVK3 HD (IMX636)" }]);
    const opened = await open({ limitRate: false });
    expect(opened.metadata).toMatchObject({ camera: "EVK3", sensor_name: "IMX636", bias_diff_on: "102" });
    opened.start(
      () => undefined,
      () => undefined,
    );
    await until(() => camera.model.streaming(), "it streams");
    await opened.stop();
    expect(orderDifference(actionsOf(transcript), camera.traffic)).toBeUndefined();
    await (await open({ biasFo: 50 })).stop();
    await expect(open({ biasDiff: -28 })).rejects.toThrow(/makes bias_diff 49; from 52 to 100 is safe/);
  });
});
