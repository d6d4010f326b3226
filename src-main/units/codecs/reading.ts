import type { ParamSpec, ParamsOf } from "#shared/units/params.ts";

/**
 * What a reader can be told where a file does not say it, or says it wrongly. One list for all formats: a codec uses what concerns
 * it, `open-recording.ts` applies the turns. `auto` and 0 mean: from the file, else the likeliest.
 */
export const readingParams = {
  width: {
    type: "integer",
    default: 0,
    min: 0,
    max: 16_383,
    unit: "px",
    label: "Sensor width",
    help: "0 takes it from the file, or from the largest column",
  },
  height: {
    type: "integer",
    default: 0,
    min: 0,
    max: 16_383,
    unit: "px",
    label: "Sensor height",
    help: "0 takes it from the file, or from the largest row",
  },
  columns: {
    type: "text",
    default: "auto",
    label: "Column order",
    help: "Letters t, x, y, p in the order of the columns, - for one to skip, for example txyp or xypt",
  },
  group: {
    type: "text",
    default: "auto",
    label: "Place of the events",
    help: "Path of a group or data set in an HDF5 file, for example /davis/left/events",
  },
  timeUnit: { type: "choice", default: "auto", options: ["auto", "s", "ms", "us", "ns"], label: "Unit of time" },
  oneBased: {
    type: "choice",
    default: "auto",
    options: ["auto", "yes", "no"],
    label: "Coordinates count from 1",
    help: "As MATLAB does",
  },
  flipX: { type: "choice", default: "auto", options: ["auto", "yes", "no"], label: "Mirror left and right" },
  flipY: { type: "choice", default: "auto", options: ["auto", "yes", "no"], label: "Turn upside down" },
  swapXY: { type: "choice", default: "auto", options: ["auto", "yes", "no"], label: "Exchange columns and rows" },
  invertP: { type: "choice", default: "auto", options: ["auto", "yes", "no"], label: "Exchange ON and OFF" },
} as const satisfies ParamSpec;

/** Answers to what a file leaves open; complete after `parseParams`. */
export type Reading = ParamsOf<typeof readingParams>;
export type Answers = Partial<Reading>;
