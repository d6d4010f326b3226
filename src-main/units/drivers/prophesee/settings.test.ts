import { describe, expect, it } from "vitest";
import { createEvk3320 } from "../evk3-320/evk3-320.ts";
import { createEvk3Hd } from "../evk3-hd/evk3-hd.ts";
import { createEvk4 } from "../evk4/evk4.ts";
import { hasTranscripts, loadTranscript, type TranscriptId } from "../testing/transcript.ts";
import type { Driver } from "../driver.ts";
import type { DriverParts } from "../session/open-device.ts";
import { bench } from "../testing/bench.ts";
import { describeSettings, writesOf, type SettingCase } from "./testing/settings-suite.ts";

const window = { roi: "window", roiX: 100, roiY: 50, roiWidth: 200, roiHeight: 80 };
const crop = { crop: true, cropX: 16, cropY: 16, cropWidth: 85, cropHeight: 85 };
/** Mask words of lines, zero but for some. */
const lineWords = (address: number, count: number, some: Readonly<Record<number, string>>): readonly string[] =>
  Array.from({ length: count }, (_, i) => `${(address + 4 * i).toString(16).toUpperCase()}=${some[i] ?? "0"}`);
const band = { antiFlicker: "remove", flickerLowHz: 100, flickerHighHz: 150 };

/** A driver, its camera, what is asked for, and how the answer says what is wrong. */
type Refusal = readonly [(parts: DriverParts) => Driver, TranscriptId, Readonly<Record<string, unknown>>, RegExp, RegExp];

/** What both sensors of 1280 × 720 do alike. */
const hdCases: readonly SettingCase[] = [
  { name: "reference", set: { biasDiff: 5 }, writes: ["bias_bias_diff_plus5"] },
  { name: "OFF threshold", set: { biasDiffOff: 5 }, writes: ["bias_bias_diff_off_plus5"] },
  { name: "ON threshold", set: { biasDiffOn: 5 }, writes: ["bias_bias_diff_on_plus5"] },
  { name: "low-pass", set: { biasFo: 5 }, writes: ["bias_bias_fo_plus5"] },
  { name: "high-pass", set: { biasHpf: 5 }, writes: ["bias_bias_hpf_plus5"] },
  { name: "dead time", set: { biasRefr: 5 }, writes: ["bias_bias_refr_plus5"] },
  { name: "region of interest on", set: window, writes: ["roi_window_100_50_200_80", "roi_enable"] },
  { name: "region of interest off", before: window, set: { roi: "off" }, writes: ["roi_disable"] },
  { name: "window of a region that is off", set: { ...window, roi: "off" }, writes: [] },
  { name: "rate limit on", set: { limitRate: true, rateLimitMev: 20 }, writes: ["erc_enable"] },
  { name: "another rate limit", before: { limitRate: true }, set: { rateLimitMev: 20 }, writes: ["erc_rate_20M"] },
  { name: "rate limit off", before: { limitRate: true }, set: { limitRate: false }, writes: ["erc_disable"] },
  { name: "flicker filter on", set: band, writes: ["afk_enable"] },
  { name: "flicker filter off", before: band, set: { antiFlicker: "off" }, writes: ["afk_disable"] },
  { name: "trail filter on", set: { trailFilter: "trail" }, writes: ["trail_type0_enable"] },
  { name: "trail filter off", before: { trailFilter: "trail" }, set: { trailFilter: "off" }, writes: ["trail_type0_disable"] },
  { name: "trigger on", set: { triggerIn: true }, writes: ["trigin_ch0_enable"] },
  { name: "trigger off", before: { triggerIn: true }, set: { triggerIn: false }, writes: ["trigin_ch0_disable"] },
  { name: "digital crop on", set: crop, writes: ["9010=10", "9010=100010", "9014=64", "9014=640064", "900C=5"] },
  { name: "digital crop off", before: crop, set: { crop: false }, writes: ["900C=0"] },
  { name: "a pixel masked", set: { maskedPixels: "10,20" }, writes: ["mask0_10_20_on"] },
  {
    name: "one pixel let go, another in its place",
    before: { maskedPixels: "10,20 30,40 50,60" },
    set: { maskedPixels: "10,20 70,80" },
    writes: ["9104=80280046", "9104=80500046", "9104=80500046", "9108=3C0032"],
  },
  {
    name: "all but a window",
    set: { ...window, roi: "all but the window" },
    writes: [
      ...lineWords(0x2000, 40, {
        3: "FFFFFFF0",
        4: "FFFFFFFF",
        5: "FFFFFFFF",
        6: "FFFFFFFF",
        7: "FFFFFFFF",
        8: "FFFFFFFF",
        9: "FFF",
      }),
      // Rows are counted from below: 50 to 129 are the lines 590 to 669. The upper half of the last word stays as it is.
      ...lineWords(0x4000, 22, { 18: "FFFFC000", 19: "FFFFFFFF", 20: "3FFFFFFF" }),
      "4058=FF0000",
      "4=F0005422",
    ],
  },
  {
    name: "from all but a window to the window: what was masked goes first",
    before: { ...window, roi: "all but the window" },
    set: { roi: "window" },
    writes: [
      ...lineWords(0x2000, 40, {}),
      ...lineWords(0x4000, 22, {}),
      "4058=FF0000",
      "4=F0005462",
      "roi_window_100_50_200_80",
      "roi_enable",
    ],
  },
  { name: "two at once", set: { biasFo: 5, triggerIn: true }, writes: ["bias_bias_fo_plus5", "trigin_ch0_enable"] },
];

describeSettings(createEvk4, "prophesee-evk4-imx636", [
  ...hdCases,
  {
    name: "contrast filter, cutting",
    before: { trailFilter: "trail" },
    set: { trailFilter: "cut" },
    writes: ["trail_type1_enable"],
  },
  {
    name: "contrast filter, keeping",
    before: { trailFilter: "cut" },
    set: { trailFilter: "keep" },
    // The flag that the filter's memory is ready stands already: it is set and read as it is.
    writes: ["D000=5", "D0C4=5", "D0C4=5", "D004=1004E21", "D008=30D40", "D00C=1032D", "D0C0=A05A004", "D000=1"],
  },
  {
    name: "flicker filter the other way round, another band",
    before: band,
    set: { antiFlicker: "keep", flickerLowHz: 50, flickerHighHz: 520 },
    writes: ["C000=5", "C0C0=A05A65E", "C008=89C0F", "C004=74", "C004=74", "C004=74", "C000=1"],
  },
]);

describeSettings(createEvk3Hd, "prophesee-evk3-hd-gen41", hdCases);

describeSettings(createEvk3320, "prophesee-evk3-320-genx320mp", [
  { name: "reference", set: { biasDiff: -5 }, writes: ["bias_bias_diff_plus5"] },
  { name: "OFF threshold", set: { biasDiffOff: 5 }, writes: ["bias_bias_diff_off_plus5"] },
  { name: "ON threshold", set: { biasDiffOn: 5 }, writes: ["bias_bias_diff_on_plus5"] },
  { name: "low-pass", set: { biasFo: 5 }, writes: ["bias_bias_fo_plus5"] },
  { name: "high-pass", set: { biasHpf: 5 }, writes: ["bias_bias_hpf_plus5"] },
  { name: "dead time", set: { biasRefr: 5 }, writes: ["bias_bias_refr_plus5"] },
  { name: "region of interest on", set: window, writes: ["44=14", "0=402", "34=9", "400=12C0064", "404=820032", "34=B"] },
  {
    name: "region of interest off",
    before: window,
    set: { roi: "off" },
    writes: ["400=1400000", "404=1400000", "44=14", "0=402", "34=9", "34=B"],
  },
  { name: "rate limit on", set: { limitRate: true, rateLimitMev: 20 }, writes: ["erc_enable"] },
  { name: "another rate limit", before: { limitRate: true }, set: { rateLimitMev: 20 }, writes: ["erc_rate_20M"] },
  { name: "rate limit off", before: { limitRate: true }, set: { limitRate: false }, writes: ["erc_disable"] },
  // The memory flags of 00B8 differ from the transcript's, where the rate limit was on already.
  {
    name: "flicker filter on",
    set: band,
    writes: ["C000=5", "B8=21", "BC=3FFF8000", "C0C0=5FFF004", "C00C=84E34", "C008=34", "C008=34", "C008=34", "C000=1"],
  },
  { name: "flicker filter off", before: band, set: { antiFlicker: "off" }, writes: ["afk_disable"] },
  {
    name: "trail filter on",
    set: { trailFilter: "trail" },
    writes: [
      "D000=5",
      "D0C4=4",
      "B8=22",
      "BC=3FF07FFF",
      "D0C4=5",
      "D008=1004E20",
      "D00C=4E21",
      "D010=102AC",
      "D0C0=503B004",
      "D000=1",
    ],
  },
  { name: "trail filter off", before: { trailFilter: "trail" }, set: { trailFilter: "off" }, writes: ["trail_type0_disable"] },
  {
    name: "contrast filter, cutting",
    before: { trailFilter: "trail" },
    set: { trailFilter: "cut" },
    writes: [
      "D000=5",
      "D0C4=5",
      "B8=22",
      "BC=3FF07FFF",
      "D0C4=5",
      "D008=4E21",
      "D00C=4E20",
      "D010=102AC",
      "D0C0=503B004",
      "D000=1",
    ],
  },
  { name: "digital crop on", set: crop, writes: ["9010=10", "9010=100010", "9014=64", "9014=640064", "900C=5"] },
  { name: "digital crop off", before: crop, set: { crop: false }, writes: ["900C=4"] },
  { name: "a pixel masked", set: { maskedPixels: "10,20" }, writes: ["mask0_10_20_on"] },
  { name: "its neighbor too, in the same slot", set: { maskedPixels: "10,20 11,20" }, writes: ["9100=80000140", "9104=C00"] },
  {
    name: "pixels let go",
    before: { maskedPixels: "10,20 100,20" },
    set: { maskedPixels: "" },
    writes: ["9100=140", "9108=143"],
  },
  {
    name: "rate gate on",
    set: { rateGate: true, rateGateMinMev: 0.1, rateGateMaxMev: 0.3 },
    writes: ["E000=5", "E008=3E8", "E00C=64", "E010=64", "E018=12C", "E014=12C", "E01C=0", "E000=1"],
  },
  { name: "rate gate off", before: { rateGate: true }, set: { rateGate: false }, writes: ["E000=5"] },
  { name: "trigger on", set: { triggerIn: true }, writes: ["608=4214EA2", "7040=C5FF"] },
  { name: "trigger off", before: { triggerIn: true }, set: { triggerIn: false }, writes: ["608=4210EA2"] },
]);

describe.skipIf(!hasTranscripts)(
  "settings that are made when the camera is opened (the dialogues are not at hand: skipped)",
  () => {
    const last = (writes: readonly string[], address: string): string | undefined =>
      writes.findLast((write) => write.startsWith(`${address}=`));

    it.each([
      ["alone", { "9008": "9008=644", "44": undefined }],
      ["master", { "9008": "9008=64E", "44": "44=CCFCFCCF" }],
      ["follower", { "9008": "9008=64A", "44": "44=CCFFFCCF" }],
    ] as const)("HD clock: %s", async (sync, wanted) => {
      const { camera, open } = bench(createEvk4, { transcript: loadTranscript("prophesee-evk4-imx636") });
      const opened = await open({ sync });
      const writes = writesOf(camera.traffic);
      for (const [address, write] of Object.entries(wanted)) expect(last(writes, address)).toBe(write);
      await opened.stop();
    });

    it.each([
      ["alone", { "9008": "9008=194" }],
      ["master", { "9008": "9008=19E", "608": "608=4210EA2" }],
      ["follower", { "9008": "9008=19A", "608": "608=4210EB3" }],
    ] as const)("GenX320 clock: %s", async (sync, wanted) => {
      const { camera, open } = bench(createEvk3320, { transcript: loadTranscript("prophesee-evk3-320-genx320mp") });
      const opened = await open({ sync });
      const writes = writesOf(camera.traffic);
      for (const [address, write] of Object.entries(wanted)) expect(last(writes, address)).toBe(write);
      await opened.stop();
    });

    it("a camera opened with settings holds them, and its recordings say so", async () => {
      const { camera, open, params } = bench(createEvk4, { transcript: loadTranscript("prophesee-evk4-imx636") });
      const opened = await open({ biasDiffOn: 20, ...window, trailFilter: "keep", trailThresholdMs: 20, rateLimitMev: 30 });
      expect(camera.model.register("0x1010")).toBe(0x11a1_007a);
      expect(camera.model.register("0x600C")).toBe(6000);
      expect(opened.metadata).toMatchObject({
        bias_diff_on: "122",
        region_of_interest: "100 50 200 80",
        trail_filter: "keep 20 ms",
        event_rate_limit: "30e6/s",
      });
      const before = params({ biasDiffOn: 20, ...window, trailFilter: "keep", trailThresholdMs: 20, rateLimitMev: 30 });
      await opened.update({ ...before, biasDiffOn: -10, roi: "off" }, before);
      expect(opened.metadata).toMatchObject({ bias_diff_on: "92" });
      expect(opened.metadata).not.toHaveProperty("region_of_interest");
      await opened.stop();
    });

    it.each<Refusal>([
      [
        createEvk4,
        "prophesee-evk4-imx636",
        { roi: "window", roiX: 1200, roiWidth: 200 },
        /reaches beyond the sensor \(1280 × 720\)/,
        /at most 80/,
      ],
      [
        createEvk4,
        "prophesee-evk4-imx636",
        { antiFlicker: "remove", flickerLowHz: 200, flickerHighHz: 100 },
        /from 200 to 100 Hz is empty/,
        /below/,
      ],
      [createEvk3Hd, "prophesee-evk3-hd-gen41", { biasFo: 50 }, /makes bias_fo 124; from 45 to 110 is safe/, /from -29 to 36/],
      [
        createEvk3Hd,
        "prophesee-evk3-hd-gen41",
        { biasDiff: -28 },
        /makes bias_diff_off 52; from 25 to 37 is safe/,
        /from -27 to -15/,
      ],
      [createEvk3Hd, "prophesee-evk3-hd-gen41", { trailFilter: "keep" }, /no trail filter of the kind "keep"/, /trail or cut/],
      [
        createEvk3320,
        "prophesee-evk3-320-genx320mp",
        { biasDiffOn: -10 },
        /makes bias_diff_on 15; from 24 to 60 is safe/,
        /from -1 to 35/,
      ],
      [createEvk3320, "prophesee-evk3-320-genx320mp", { roi: "all but the window" }, /cannot leave a window out/, /filter "roi"/],
      [
        createEvk3320,
        "prophesee-evk3-320-genx320mp",
        { rateGate: true, rateGateMinMev: 2, rateGateMaxMev: 1 },
        /from 2 to 1 million events\/s lets nothing pass/,
        /"rateGateMinMev" below/,
      ],
      [
        createEvk4,
        "prophesee-evk4-imx636",
        { crop: true, cropX: 1000, cropWidth: 281 },
        /The crop \(1000, 0, 281 × 720\) reaches beyond the sensor/,
        /"cropWidth" to at most 280/,
      ],
      [createEvk4, "prophesee-evk4-imx636", { maskedPixels: "10,20 1280,0" }, /"1280,0" is no pixel/, /column,row/],
      [createEvk4, "prophesee-evk4-imx636", { maskedPixels: "1,1 ".repeat(65) }, /65 pixels.*takes 64/, /hot-pixel/],
    ])("refuses what is not safe: %#", async (create, id, some, message, hint) => {
      const { camera, open, params } = bench(create, { transcript: loadTranscript(id) });
      const refusal = { message: expect.stringMatching(message) as string, hint: expect.stringMatching(hint) as string };
      await expect(open(some)).rejects.toMatchObject(refusal);
      expect(camera.held()).toEqual([]);
      const opened = await open();
      camera.traffic.length = 0;
      await expect(opened.update(params(some), params())).rejects.toMatchObject(refusal);
      expect(camera.traffic).toEqual([]);
      await opened.stop();
    });

    it("refuses to change the clock of an open camera", async () => {
      const { open, params } = bench(createEvk4, { transcript: loadTranscript("prophesee-evk4-imx636") });
      const opened = await open();
      await expect(opened.update(params({ sync: "master" }), params())).rejects.toMatchObject({ code: "unsupported" });
      await opened.stop();
    });
  },
);
