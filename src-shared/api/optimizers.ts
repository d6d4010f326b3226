import type { ParamSpec, RawParams } from "../units/params.ts";
import type { UnitDescriptor, UnitRef } from "../units/unit.ts";

/*
 * The optimizers of a run. Not units: a training loop has few, and they share the schedules.
 */

/** How the learning rate changes from epoch to epoch. */
export const scheduleNames = ["cosine", "cosine-to-zero", "stairs", "step", "constant"] as const;

/** The declarations that all optimizers share, for this rate. */
const schedule = (learningRate: number) =>
  ({
    learningRate: { type: "number", default: learningRate, min: 1e-7, max: 10, label: "Learning rate" },
    schedule: {
      type: "choice",
      default: "cosine",
      options: scheduleNames,
      label: "Schedule",
      help: "cosine: down to 0.00001 (He et al.). cosine-to-zero: down to 0 (Deng et al.). stairs: times the factor after every so many epochs (Zhan et al.). step: times the factor from that epoch on.",
    },
    warmupEpochs: {
      type: "integer",
      default: 0,
      min: 0,
      max: 1000,
      label: "Warm-up epochs",
      help: "Epochs in which the rate grows from nearly nothing; they do not shift the schedule. A quarter of all epochs at most.",
    },
    stepEpochs: {
      type: "integer",
      default: 30,
      min: 1,
      max: 10_000,
      label: "Step epochs",
      help: "stairs: epochs of each stair. step: the epoch from which the rate is lower.",
    },
    gamma: { type: "number", default: 0.5, min: 1e-4, max: 1, label: "Factor", help: "Of stairs and step." },
  }) as const satisfies ParamSpec;

const decay = (value: number, help: string) =>
  ({ weightDecay: { type: "number", default: value, min: 0, max: 1, label: "Weight decay", help } }) as const satisfies ParamSpec;

/** All of them; the list is checked and completed like units. */
export const optimizers: readonly UnitDescriptor[] = [
  {
    id: "adamw",
    label: "AdamW",
    summary: "Adam with decoupled weight decay; biases and norms are not decayed (Loshchilov and Hutter, 2019).",
    params: { ...schedule(3e-3), ...decay(0.01, "Share of the learning rate by which weights shrink in every step.") },
  },
  {
    id: "adam",
    label: "Adam",
    summary: "Adaptive moments; decay, if any, is a part of the gradient (Kingma and Ba, 2015).",
    params: { ...schedule(3e-3), ...decay(0, "Added to the gradient of all weights.") },
  },
  {
    id: "sgd",
    label: "SGD",
    summary: "Gradient descent with momentum; decay is a part of the gradient.",
    params: {
      ...schedule(0.1),
      momentum: { type: "number", default: 0.9, min: 0, max: 0.999, label: "Momentum" },
      ...decay(0, "Added to the gradient of all weights."),
    },
  },
];

/** What decides whether a run repeats a published recipe. */
export interface RecipeOf {
  readonly transfer: UnitRef;
  readonly model: UnitRef;
  readonly batchSize: number;
}

/** He et al., AAAI 2024: 5e-3 for a batch of 1024, five epochs of warm-up, cosine; their followers and baselines as well. */
const sliding = (batchSize: number): RawParams => ({ learningRate: (5e-3 * batchSize) / 1024, warmupEpochs: 5 });

/** Optimizers of the published runs, by method. */
const published: Readonly<Record<string, (batchSize: number) => UnitRef>> = {
  scratch: (batchSize) => ({ id: "adamw", params: sliding(batchSize) }),
  "fine-tune": (batchSize) => ({ id: "adamw", params: sliding(batchSize) }),
  "sliding-kt": (batchSize) => ({ id: "adamw", params: sliding(batchSize) }),
  "time-step-mixup": (batchSize) => ({ id: "adamw", params: sliding(batchSize) }),
  // Zhan et al., IEEE TIP 2024, on CIFAR10-DVS; stairs of 50 epochs on N-Caltech101, 1e-4 and 10 epochs on N-MNIST.
  r2etl: () => ({ id: "adam", params: { learningRate: 2e-4, schedule: "stairs", stepEpochs: 30, gamma: 0.5 } }),
  // Deng et al., ICLR 2022.
  tet: () => ({ id: "adam", params: { learningRate: 1e-3, schedule: "cosine-to-zero" } }),
};

/**
 * The optimizer of a run that names none. One that repeats a published recipe (`"mode": "reference"`, or a network of the published
 * size) gets that of the publication; its rates are too small for our small networks and their few epochs.
 */
export function defaultOptimizer({ transfer, model, batchSize }: RecipeOf): UnitRef {
  const repeats = transfer.params?.["mode"] === "reference" || model.params?.["preset"] === "paper";
  return (repeats ? published[transfer.id]?.(batchSize) : undefined) ?? { id: "adamw" };
}
