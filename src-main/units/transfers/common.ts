import type { Tensor, Tensor1D, Tensor2D } from "@tensorflow/tfjs";
import { AppError } from "#shared/api/errors.ts";
import type { ParamSpec } from "#shared/units/params.ts";
import type { PictureOptions, TrainBatch } from "./transfer.ts";

/** λ of the TET loss in all three published methods. */
export const TET_LAMBDA = 1e-3;

/** Head that reads events; the one kept for use. */
export const EVENT_HEAD = "event";
/** Head that reads pictures; thrown away after training. */
export const STATIC_HEAD = "static";

/** Parameters of every transfer that trains on clips. */
export const augmentationParams = {
  shift: {
    type: "number",
    default: 0.08,
    min: 0,
    max: 0.5,
    unit: "of the side",
    label: "Random shift",
    help: "Training clips are moved by up to this share of the input's side, anew in every epoch.",
  },
} as const satisfies ParamSpec;

/** Parameters of every transfer that shows pictures. */
export const pictureParams = {
  border: {
    type: "integer",
    default: -1,
    min: -1,
    max: 4096,
    unit: "px",
    label: "Picture border",
    help: "Empty pixels around each picture, so that its object is as large as in the recordings. −1 centres a picture that is a little smaller than the sensor.",
  },
  scale: {
    type: "choice",
    default: "matched",
    options: ["matched", "unit"],
    label: "Picture values",
    help: "matched: as strong as the clips, so that neither drowns the other where a batch mixes them. unit: 0 to 1 as published.",
  },
} as const satisfies ParamSpec;

/** Reference code with its oversights, or the corrected behaviour. */
export const modeParam = {
  type: "choice",
  default: "clean",
  options: ["clean", "reference"],
  label: "Mode",
  help: "Clean corrects oversights of the published code; reference repeats them.",
} as const;

/** Picture parameters as the loader wants them; the reference never matches scales. */
export const pictureOptions = (
  { border, scale, mode }: { readonly border: number; readonly scale: string; readonly mode: string },
  channels: PictureOptions["channels"],
): PictureOptions => ({
  channels,
  border: border < 0 ? "auto" : border,
  scale: mode === "reference" || scale === "unit" ? "unit" : "matched",
});

/** The stream a loss needs. @throws AppError `internal` when the trainer left it out. */
export function need(tensor: Tensor | undefined, what: string): Tensor {
  if (tensor === undefined) throw new AppError("internal", `A training step came without ${what}`);
  return tensor;
}

export const labelsOf = (batch: TrainBatch): Tensor1D => batch.labels as Tensor1D;
export const rows = (logits: Tensor): Tensor2D => logits as Tensor2D;
