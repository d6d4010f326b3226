import type { ParamSpec, ParamsOf } from "#shared/units/params.ts";
import { modelParams } from "./model-params.ts";

/** What `simulate` can be told: how the input is shown, and how the pixels behave. */
export const simulateParams = {
  as: {
    type: "choice",
    default: "clips",
    options: ["clips", "film"],
    label: "Pictures of a folder are",
    help: "Clips: each picture is a recording of its own. Film: frames in the order of their names.",
  },
  width: { type: "integer", default: 0, min: 0, max: 4096, unit: "px", label: "Sensor width", help: "0: as the input." },
  height: { type: "integer", default: 0, min: 0, max: 4096, unit: "px", label: "Sensor height", help: "0: as the input." },
  framesPerSecond: {
    type: "number",
    default: 30,
    min: 0.1,
    max: 100_000,
    unit: "Hz",
    label: "Frames per second",
    help: "Of a folder of frames; films say it themselves.",
  },
  saccadeMs: {
    type: "number",
    default: 100,
    min: 1,
    max: 10_000,
    unit: "ms",
    label: "Saccade",
    help: "Pictures are looked at in three saccades of this length.",
  },
  amplitude: { type: "number", default: 6, min: 0.1, max: 500, unit: "px", label: "Length of a saccade", help: "On the sensor." },
  blackLevel: {
    type: "number",
    default: 0.03,
    min: 0,
    max: 0.9,
    label: "Black level",
    help: "Light that black still reflects, as a share of white: print and screens have about 3 %.",
  },
  seed: { type: "integer", default: 1, min: 0, max: 0xffff_ffff, label: "Seed" },
  ...modelParams,
} as const satisfies ParamSpec;

export type SimulateParams = ParamsOf<typeof simulateParams>;
