import { expect, it } from "vitest";
import { davisBytes } from "#main/units/encodings/testing/inivation-words.ts";
import { describeDialogue } from "../inivation/testing/dialogue-suite.ts";
import { describeSettings } from "../inivation/testing/settings-suite.ts";
import { bench } from "../testing/bench.ts";
import { ownCameras } from "../testing/own-cameras.ts";
import { createDavis346 } from "./davis346.ts";

describeDialogue(createDavis346, [
  {
    transcript: "inivation-davis346",
    params: { triggerIn: "pulses" },
    sensor: { width: 346, height: 260 },
    encoding: "davis-usb",
    metadata: {
      camera: "DAVIS346",
      serial_number: "00000042",
      firmware_version: "6",
      logic_version: "18.1",
      OnBn: "coarse 5 fine 255",
      ApsCas: "voltage 21 current 6",
    },
    bytesOfRows: davisBytes,
  },
]);

describeSettings(createDavis346, "inivation-davis346", [
  {
    name: "DiffBn",
    set: { biasDiffCoarse: 4, biasDiffFine: 50 },
    writes: ["5.10=17199"],
    control: "bias DiffBn coarse 4 fine 50",
  },
  { name: "PrBp", set: { biasPrCoarse: 3, biasPrFine: 10 }, writes: ["5.14=12461"], control: "bias PrBp coarse 3 fine 10" },
  { name: "OnBn", set: { biasOnFine: 100 }, writes: [`5.11=${(5 << 12) | (100 << 4) | 15}`] },
  { name: "OffBn", set: { biasOffCoarse: 3 }, writes: [`5.12=${(3 << 12) | (1 << 4) | 15}`] },
  { name: "PadFollBn stays off", set: { biasPadFollFine: 1 }, writes: [`5.9=${(7 << 12) | (1 << 4) | 14}`] },
  {
    name: "ApsCas",
    set: { apsCasVoltage: 20, apsCasStrength: 5 },
    writes: ["5.1=340"],
    control: "bias ApsCas voltage 20 current 5",
  },
  { name: "SSP", set: { biasSspReference: 2, biasSspRegulator: 30 }, writes: ["5.35=30752"], control: "bias SSP ref 2 reg 30" },
  { name: "exposure", set: { exposureUs: 5000 }, writes: ["2.12=150000"], control: "exposure 5000 us" },
  { name: "frame interval", set: { frameIntervalUs: 50_000 }, writes: ["2.13=1500000"], control: "frame interval 50000 us" },
  { name: "shutter", set: { globalShutter: false }, writes: ["5.142=0", "2.7=0"], control: "global shutter off" },
  { name: "frames off", set: { frames: false }, writes: ["2.4=0"] },
  { name: "frames on", before: { frames: false }, set: { frames: true }, writes: ["2.4=1"] },
  { name: "snapshot", before: { frames: false }, set: { snapshot: true }, writes: ["together 2.4=1 2.4=0"], control: "snapshot" },
  {
    name: "region of frames",
    set: { frameRoiX: 10, frameRoiY: 20, frameRoiWidth: 100, frameRoiHeight: 50 },
    writes: ["2.8=10", "2.9=20", "2.10=109", "2.11=69"],
    control: "APS ROI start column 10",
  },
  {
    name: "region of events",
    set: { roiX: 10, roiY: 20, roiWidth: 91, roiHeight: 101 },
    writes: ["1.41=10", "1.42=20", "1.43=100", "1.44=120"],
    control: "DVS ROI end row 120",
  },
  {
    name: "silenced pixel",
    set: { hotPixel1X: 6, hotPixel1Y: 5 },
    writes: ["1.11=5", "1.12=6"],
    control: "pixel filter 0 row 5",
  },
  { name: "noise filter", set: { noiseFilter: false }, writes: ["1.31=0"], control: "background activity filter off" },
  { name: "noise filter, time", set: { noiseFilterUs: 5000 }, writes: ["1.32=20"] },
  {
    name: "refractory filter",
    set: { refractoryFilter: true, refractoryFilterUs: 500 },
    writes: ["1.33=1", "1.34=2"],
    control: "refractory time 2 (x250 us)",
  },
  { name: "skip", set: { skip: true, skipEvery: 3 }, writes: ["1.51=1", "1.52=3"], control: "skip filter on" },
  { name: "flatten", set: { flatten: true }, writes: ["1.61=1"] },
  { name: "ON only", set: { polarity: "ON only" }, writes: ["1.62=1"], control: "polarity suppress on" },
  { name: "OFF only", set: { polarity: "OFF only" }, writes: ["1.62=1", "1.63=1"] },
  { name: "frames do not wait", set: { framesWait: false }, writes: ["2.5=0"] },
  { name: "inertial readings off", set: { imu: false }, writes: ["3.2=0", "3.3=0", "3.4=0"] },
  { name: "accelerometer", set: { accelRange: "16 g", accelLowPass: 3 }, writes: ["3.6=3", "3.7=3"] },
  { name: "gyroscope", set: { gyroRange: "250 °/s", gyroLowPass: 0, imuDivider: 9 }, writes: ["3.5=9", "3.9=0", "3.10=0"] },
  {
    name: "trigger input",
    set: { triggerIn: "rising" },
    writes: ["4.1=1", "4.3=0", "4.0=1"],
    control: "external input rising edges on",
  },
  { name: "both edges", before: { triggerIn: "rising" }, set: { triggerIn: "both" }, writes: ["4.2=1"] },
  {
    name: "pulses",
    before: { triggerIn: "pulses" },
    set: { triggerPulseUs: 20, triggerPulseHigh: false },
    writes: ["4.4=0", "4.5=1800"],
    control: "external input pulse length 20 us",
  },
  {
    name: "trigger output",
    set: { triggerOut: true, triggerOutIntervalUs: 1000, triggerOutPulseUs: 10, triggerOutHigh: false },
    writes: ["4.11=1", "4.12=0", "4.13=90000", "4.14=900"],
    control: "generator interval 1000 us",
  },
  { name: "edges of the output", set: { triggerOutRising: true, triggerOutFalling: true }, writes: ["4.15=1", "4.16=1"] },
  {
    name: "slow computer",
    set: { dropTriggers: false, dropEvents: false, waitEvents: true },
    writes: ["0.4=0", "0.5=0", "1.4=1"],
  },
  { name: "packet delay", set: { packetDelayUs: 500 }, writes: ["9.1=15000"], control: "usb early packet delay 4 (x125 us)" },
  { name: "clock", set: { resetClock: true }, writes: ["together 0.2=1 0.2=0"], control: "timestamp reset" },
]);

it("tells what the board has counted, in 64 bits", async () => {
  const { transcript } = ownCameras.davis346;
  const counters = Object.fromEntries(
    [85, 86, 87, 88, 89, 90, 91, 92].map((at) => [`1.${at}`, { name: "count", value: at - 83 }]),
  );
  const reset = { ...transcript.registerModel?.reset, "0.80": { name: "has", value: 0 }, "1.80": { name: "has", value: 1 } };
  const { open } = bench(createDavis346, { transcript: { ...transcript, registerModel: { reset: { ...reset, ...counters } } } });
  const opened = await open();
  expect(await opened.readings?.()).toEqual([
    { label: "Events lost in the sensor's readout", value: 2 * 2 ** 32 + 3, unit: "" },
    { label: "Events of silenced pixels", value: 4 * 2 ** 32 + 5, unit: "" },
    { label: "Events taken out by the noise filter", value: 6 * 2 ** 32 + 7, unit: "" },
    { label: "Events taken out by the refractory filter", value: 8 * 2 ** 32 + 9, unit: "" },
  ]);
  await opened.stop();
});
