import { describe, expect, it } from "vitest";
import { createEvk3320 } from "../evk3-320/evk3-320.ts";
import { createEvk3Hd } from "../evk3-hd/evk3-hd.ts";
import { createEvk4 } from "../evk4/evk4.ts";
import { bench, until } from "../testing/bench.ts";
import { hasTranscripts, loadTranscript } from "../testing/transcript.ts";
import { expectedWrites, writesOf } from "./testing/settings-suite.ts";

describe.skipIf(!hasTranscripts)("what sensors measure besides events (the dialogues are not at hand: skipped)", () => {
  it.each([
    // 300 of the converter's steps; a count of 0x1000; 10 000 cycles of 200 per µs.
    [
      createEvk4,
      "prophesee-evk4-imx636",
      ["temperature", "dead_time"],
      [
        { label: "Temperature", value: 1, unit: "°C" },
        { label: "Light on the sensor", value: 209, unit: "lx" },
        { label: "Dead time of a pixel", value: 50, unit: "µs" },
      ],
    ],
    [createEvk3Hd, "prophesee-evk3-hd-gen41", [], [{ label: "Light on the sensor", value: 209, unit: "lx" }]],
    [
      createEvk3320,
      "prophesee-evk3-320-genx320mp",
      ["temperature", "8=3", "8=2", "dead_time"],
      [
        { label: "Temperature", value: 10.8, unit: "°C" },
        { label: "Light on the sensor", value: 23, unit: "lx" },
        { label: "Dead time of a pixel", value: 40, unit: "µs" },
      ],
    ],
  ] as const)("%#: asked while it streams, by the registers of the vendor's driver", async (create, id, writes, readings) => {
    const transcript = loadTranscript(id);
    const { camera, open } = bench(create, { transcript });
    const opened = await open({ limitRate: false });
    opened.start(
      () => undefined,
      () => undefined,
    );
    await until(() => camera.model.streaming(), "it streams");
    camera.traffic.length = 0;
    expect(await opened.readings?.()).toEqual(readings);
    expect(writesOf(camera.traffic)).toEqual(expectedWrites(transcript, writes));
    await opened.stop();
    await expect(opened.readings?.()).rejects.toMatchObject({ code: "closed" });
  });
});
