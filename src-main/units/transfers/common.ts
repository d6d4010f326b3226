import type { Scalar, Tensor, Tensor2D } from "@tensorflow/tfjs";
import { AppError } from "#shared/api/errors.ts";
import type { ParamSpec } from "#shared/units/params.ts";
import type { Labels } from "#main/tensor/losses.ts";
import { tf } from "#main/tensor/tf.ts";
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
    options: ["matched", "unit", "mnist"],
    label: "Picture values",
    help: "matched: as strong as the clips, so that neither drowns the other where a batch mixes them. unit: 0 to 1 as published. mnist: less 0.1307 and divided by 0.3081, as in the published runs on MNIST.",
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

/** λ of the TET loss as a parameter. */
export const lambdaParam = {
  type: "number",
  default: TET_LAMBDA,
  min: 0,
  max: 1,
  label: "λ",
  help: "Weight of the regulariser in the TET loss.",
} as const;

/** How CKA is estimated. */
export const estimatorParam = {
  type: "choice",
  default: "biased",
  options: ["biased", "debiased"],
  label: "CKA estimate",
  help: "biased: as published; it tends to 1 for batches with few clips and says little there. debiased: without that; no published result uses it.",
} as const;

/** Mean and deviation of MNIST, as in the published runs. */
const MNIST: PictureOptions["normalize"] = { mean: [0.1307, 0.1307, 0.1307], deviation: [0.3081, 0.3081, 0.3081] };

/** Picture parameters as the loader wants them; the reference never matches scales. */
export const pictureOptions = (
  { border, scale, mode }: { readonly border: number; readonly scale: string; readonly mode: string },
  channels: PictureOptions["channels"],
): PictureOptions => ({
  channels,
  border: border < 0 ? "auto" : border,
  scale: mode === "reference" || scale !== "matched" ? "unit" : "matched",
  ...(scale === "mnist" && { normalize: MNIST }),
});

/** The stream a loss needs. @throws AppError `internal` when the trainer left it out. */
export function need(tensor: Tensor | undefined, what: string): Tensor {
  if (tensor === undefined) throw new AppError("internal", `A training step came without ${what}`);
  return tensor;
}

/** What the clips of a batch show. */
export const labelsOf = ({ labels, targets }: TrainBatch): Labels => (targets?.events ?? labels) as Labels;
/** What its pictures show, or what has taken their place. */
export const pictureLabelsOf = ({ labels, targets }: TrainBatch): Labels => (targets?.pictures ?? labels) as Labels;
export const rows = (logits: Tensor): Tensor2D => logits as Tensor2D;

/** Collects numbers of every step, on the device and beside it, and reads their means once an epoch. */
export class Means {
  #kept: Record<string, Scalar[]> = {};
  #noted: Record<string, { sum: number; count: number }> = {};

  /** Keeps a number that is known without the device. */
  note(name: string, value: number): void {
    const noted = (this.#noted[name] ??= { sum: 0, count: 0 });
    noted.sum += value;
    noted.count += 1;
  }

  /** Keeps a number of this step; to be called inside the step's tidy. */
  add(name: string, value: Tensor): void {
    (this.#kept[name] ??= []).push(tf.keep(tf.mean<Scalar>(value)));
  }

  /** Means since the last call, by name. */
  async read(): Promise<Record<string, number>> {
    const taken = Object.entries(this.#kept);
    this.#kept = {};
    const numbers = Object.fromEntries(Object.entries(this.#noted).map(([name, { sum, count }]) => [name, sum / count]));
    this.#noted = {};
    for (const [name, values] of taken) {
      const mean = tf.tidy(() => tf.mean(tf.stack(values)));
      tf.dispose(values);
      numbers[name] = (await mean.data())[0] ?? 0;
      mean.dispose();
    }
    return numbers;
  }
}
