import { dvxplorerBytes } from "#main/units/encodings/testing/inivation-words.ts";
import { describeDialogue } from "../inivation/testing/dialogue-suite.ts";
import { describeSettings } from "../inivation/testing/settings-suite.ts";
import { createDvxplorer } from "./dvxplorer.ts";

describeDialogue(createDvxplorer, [
  {
    transcript: "inivation-dvxplorer",
    params: { triggerIn: "pulses" },
    sensor: { width: 640, height: 480 },
    encoding: "dvxplorer-usb",
    metadata: { camera: "DVXplorer", serial_number: "DVX00042", firmware_version: "9", logic_version: "18.4", threshold_on: "9" },
    bytesOfRows: dvxplorerBytes,
  },
]);

const window = { roi: "window", roiX: 100, roiY: 45, roiWidth: 401, roiHeight: 359 };

describeSettings(createDvxplorer, "inivation-dvxplorer", [
  { name: "thresholds 15", set: { thresholdOn: 15, thresholdOff: 15 }, writes: ["5.28=6", "5.30=2"], control: "bias preset 0" },
  { name: "thresholds 12", set: { thresholdOn: 12, thresholdOff: 12 }, writes: ["5.28=3", "5.30=5"], control: "bias preset 1" },
  {
    name: "thresholds 5",
    set: { thresholdOn: 5, thresholdOff: 5 },
    writes: ["5.11=4", "5.18=127", "5.28=5", "5.30=3"],
    control: "bias preset 3",
  },
  {
    name: "thresholds 2",
    set: { thresholdOn: 2, thresholdOff: 2 },
    writes: ["5.11=4", "5.18=127", "5.28=2", "5.30=6"],
    control: "bias preset 4",
  },
  { name: "one threshold", set: { thresholdOff: 0 }, writes: ["5.18=127"] },
  { name: "amplifier", set: { biasAmp: 5 }, writes: ["5.24=5"], control: "bias AMP 5" },
  { name: "range of LOG", set: { biasRangeLog: "50 µA" }, writes: ["5.11=14"] },
  { name: "range of nRST", set: { biasRangeNrst: "5 µA" }, writes: ["5.11=7"] },
  { name: "range of SF", set: { biasRangeSf: "0.5 µA" }, writes: ["5.11=2"] },
  { name: "range of LOGA", set: { biasRangeLoga: "5 µA" }, writes: ["5.12=4"], control: "bias range LOGA 5uA" },
  { name: "range of LOGD", set: { biasRangeLogd: "500 µA" }, writes: ["5.12=24"] },
  { name: "level of SF", set: { biasLevelSf: "× 0.1" }, writes: ["5.18=109"] },
  {
    name: "window",
    set: window,
    writes: ["5.3306=64", "5.3301=5", "5.3302=E0", "5.3303=32", "5.3304=F", "5.3307=1", "5.3308=F4", "5.3300=0"],
    control: "crop y end 403",
  },
  { name: "window, edge", before: window, set: { roiX: 101, roiWidth: 400 }, writes: ["5.3306=65"] },
  {
    name: "window off",
    before: window,
    set: { roi: "off" },
    writes: ["5.3306=0", "5.3301=0", "5.3302=FF", "5.3303=3B", "5.3304=FF", "5.3307=2", "5.3308=7F", "5.3300=1"],
    control: "crop disable",
  },
  {
    name: "subsampling",
    set: { subsampleX: "half", subsampleY: "fourth" },
    writes: ["5.3204=1", "5.3204=19", "5.3200=2"],
    control: "subsample vertical fourth",
  },
  {
    name: "areas blocked",
    set: { areaMasks: "00FF" },
    writes: ["5.3205=0", "5.3200=4"],
    control: "area block 0 = 0x00FF",
  },
  {
    name: "the last area",
    before: { areaMasks: "7FFF" },
    set: { areaMasks: `${"7FFF ".repeat(19)}1234` },
    writes: ["5.322B=12", "5.322C=34"],
    control: "area block 19 = 0x1234",
  },
  {
    name: "all areas again",
    before: { areaMasks: "00FF" },
    set: { areaMasks: "" },
    writes: ["5.3205=7F", "5.3200=6"],
  },
  { name: "dual binning", set: { dualBinning: true }, writes: ["5.3202=1"], control: "dual binning enable" },
  { name: "flatten", set: { flatten: true }, writes: ["5.3067=C0"], control: "flatten on" },
  { name: "ON only", set: { polarity: "ON only" }, writes: ["5.3067=A0"] },
  { name: "OFF only", set: { polarity: "OFF only" }, writes: ["5.3067=90"] },
  { name: "hold off", set: { globalHold: false }, writes: ["5.3255=C"], control: "global hold off" },
  {
    name: "reset on",
    before: { globalHold: false },
    set: { globalReset: true },
    writes: ["5.3255=E"],
    control: "global reset on",
  },
  {
    name: "readout constant 100",
    set: { readout: "constant 100/s" },
    writes: ["5.3201=0", "5.325C=1", "5.3240=9", "5.3242=64", "5.3201=1"],
    control: "fixed read time on",
  },
  {
    name: "readout constant 10000",
    set: { readout: "constant 10000/s, lossy" },
    writes: ["5.3201=0", "5.325D=13", "5.325E=56", "5.325C=1", "5.3242=1", "5.3262=5", "5.3251=0", "5.3201=1"],
  },
  {
    name: "readout variable 2000",
    set: { readout: "variable 2000/s" },
    writes: ["5.3201=0", "5.3241=1", "5.3242=33", "5.3201=1"],
  },
  {
    name: "trigger of the chip",
    set: { chipTrigger: "take one readout" },
    writes: ["5.3260=1"],
    control: "external trigger single frame",
  },
  { name: "inertial readings off", set: { imu: false }, writes: ["3.2=0", "3.3=0", "3.4=0"] },
  { name: "ranges", set: { accelRange: "2 g", gyroRange: "125 °/s" }, writes: ["3.7=0", "3.10=4"] },
  { name: "trigger input", set: { triggerIn: "falling" }, writes: ["4.2=1", "4.3=0", "4.0=1"] },
  { name: "trigger output", set: { triggerOut: true, triggerOutIntervalUs: 1000 }, writes: ["4.11=1", "4.13=104000"] },
  { name: "slow computer", set: { dropTriggers: false, dropEvents: true }, writes: ["0.4=0", "0.5=1"] },
  { name: "packet delay", set: { packetDelayUs: 500 }, writes: ["9.1=41600"] },
  { name: "clock", set: { resetClock: true }, writes: ["together 0.2=1 0.2=0"] },
]);
