import { tf } from "#main/tensor/tf.ts";
import { presetNames } from "#main/units/models/common.ts";
import type { Network } from "#main/units/models/model.ts";
import { AppError } from "#shared/api/errors.ts";
import type { TrainJob } from "#shared/api/run.ts";
import { countParameters } from "./count.ts";
import { limits, type MemoryLimits } from "./memory-limits.ts";
import { recipeOf, type ChosenTransfer, type Recipe } from "./spec.ts";

/**
 * Copies of each neuron's output that a training step keeps: values of the layers, normalised values, their gradients. The heap of
 * WebAssembly grew by 3.6 to 7 times the outputs in nine trainings (four networks, three sizes, batches of 16 to 64; R2ETL takes the 7).
 */
const COPIES = 6;
/** A weight, its gradient and two moments. */
const WEIGHT_BYTES = 16;
/** Share of what is free that a run may be planned for. */
const USABLE = 0.9;
/** Smaller batches make statistics and alignment worthless. */
const SMALLEST_BATCH = 4;

/** Bytes where tensors are computed, and beside them: samples wait in the memory of the process. */
export interface MemoryNeed {
  readonly device: number;
  readonly samples: number;
}

/** What a network costs beside its size: counted from one that is built and thrown away again. */
interface NetworkSize {
  /** Neuron outputs of one time step of one sample. */
  readonly outputs: number;
  readonly parameters: number;
}

const sizeOf = (network: Pick<Network, "shapes" | "trainable" | "weights">): NetworkSize => ({
  outputs: Object.values(network.shapes).reduce((sum, shape) => sum + shape.reduce((a, b) => a * b, 1), 0),
  parameters: countParameters(network),
});

function networkSize(recipe: Recipe, transfer: ChosenTransfer, classes: number): NetworkSize {
  const network = recipe.network(classes, transfer, { weights: () => 0.5, noise: () => 0.5 });
  try {
    return sizeOf(network);
  } finally {
    network.dispose();
  }
}

const product = (sides: readonly number[]): number => sides.reduce((a, b) => a * b, 1);

/** Bytes of a training with so many samples. */
export function needOf(
  { outputs, parameters }: NetworkSize,
  { input, spec }: Recipe,
  transfer: ChosenTransfer,
  clips: number,
  pictures: number,
): MemoryNeed {
  const [steps, height, width] = input;
  const pictureChannels = transfer.pictures === undefined ? 0 : transfer.pictures.channels === "rgb" ? 3 : 2;
  const activations = 4 * outputs * steps * spec.batchSize * transfer.heads.length * COPIES;
  return {
    device: activations + WEIGHT_BYTES * parameters,
    samples: 4 * (clips * product(input) + pictures * height * width * pictureChannels),
  };
}

/** The part of a job's lists that stays in memory. */
const countsOf = ({ train, validation, test, source }: TrainJob) => ({
  clips: train.length + validation.length + test.length,
  pictures: source.length,
});

/** The need of a job. */
export function jobNeed(job: TrainJob, recipe: Recipe): MemoryNeed {
  const { clips, pictures } = countsOf(job);
  return needOf(networkSize(recipe, recipe.transfer, job.classes.length), recipe, recipe.transfer, clips, pictures);
}

const fits = ({ device, samples }: MemoryNeed, { deviceBytes, processBytes, shared }: MemoryLimits): boolean =>
  (deviceBytes === undefined || device <= USABLE * deviceBytes) && samples + (shared ? device : 0) <= USABLE * processBytes;

const gigabytes = (bytes: number): string => `${(bytes / 1e9).toFixed(bytes < 1e9 ? 2 : 1)} GB`;

/** The same run, changed little: half the batch, half again, a smaller network, fewer clips. The first that fits, in words. */
function suggestion(job: TrainJob, recipe: Recipe, room: MemoryLimits): string {
  const { clips, pictures } = countsOf(job);
  const { spec, transfer } = recipe;
  const size = networkSize(recipe, transfer, job.classes.length);
  const withBatch = (batchSize: number): MemoryNeed =>
    needOf(size, { ...recipe, spec: { ...spec, batchSize } }, transfer, clips, pictures);
  for (let batchSize = spec.batchSize >> 1; batchSize >= SMALLEST_BATCH; batchSize >>= 1) {
    if (fits(withBatch(batchSize), room))
      return `Set batchSize to ${batchSize}: that takes about ${gigabytes(withBatch(batchSize).device)}.`;
  }
  const preset = spec.model.params?.["preset"];
  const smaller = presetNames
    .slice(
      0,
      Math.max(
        0,
        presetNames.findIndex((name) => name === preset),
      ),
    )
    .toReversed();
  for (const name of smaller) {
    const model = { ...spec.model, params: { ...spec.model.params, preset: name } };
    const { size: _size, steps: _steps, ...representation } = job.spec.representation.params ?? {};
    const other = recipeOf({ ...job.spec, model, representation: { ...job.spec.representation, params: representation } });
    const need = needOf(networkSize(other, transfer, job.classes.length), other, transfer, clips, pictures);
    if (fits(need, room)) return `Choose the network size ${name} (model.params.preset), with the frames that belong to it.`;
  }
  const { processBytes } = room;
  const perClass = Math.floor((USABLE * processBytes) / (4 * product(recipe.input) * Math.max(1, job.classes.length)) / 2);
  return perClass >= 1
    ? `Use fewer clips: labels.perClass ${perClass}, or a smaller network with fewer time steps.`
    : "Choose a smaller network with fewer time steps, or a machine with more memory.";
}

/**
 * Refuses a job that cannot fit where it would be computed, before anything is read.
 * @param room for tests; else what this machine has.
 * @throws AppError `too-large` with the next smaller thing that fits.
 */
export async function checkMemory(
  job: TrainJob,
  recipe: Recipe,
  room?: MemoryLimits,
): Promise<{
  readonly need: MemoryNeed;
  readonly room: MemoryLimits;
}> {
  const limit = room ?? (await limits());
  const need = jobNeed(job, recipe);
  if (fits(need, limit)) return { need, room: limit };
  const { deviceBytes, deviceName, processBytes } = limit;
  const onDevice = deviceBytes !== undefined && need.device > USABLE * deviceBytes;
  throw new AppError(
    "too-large",
    onDevice
      ? `A step of this training takes about ${gigabytes(need.device)}, and ${deviceName} has ${gigabytes(deviceBytes)}`
      : `This training takes about ${gigabytes(need.samples + (limit.shared ? need.device : 0))} of memory, and ${gigabytes(processBytes)} are free`,
    { hint: suggestion(job, recipe, limit) },
  );
}

/** What backends and the system say when memory ends, each in its own words. */
const OUT_OF_MEMORY =
  /out of memory|\bOOM\b|memory access out of bounds|cannot enlarge memory|array buffer allocation failed|allocation failed|resource exhausted|invalid (typed )?array length/i;

/** An error that means that memory has ended, as one; any other as it is. */
export function namedOutOfMemory(error: unknown): unknown {
  if (error instanceof AppError) return error;
  const text = error instanceof Error ? error.message : String(error);
  if (!OUT_OF_MEMORY.test(text)) return error;
  return new AppError("out-of-memory", `The training ran out of memory on ${tf.getBackend()}: ${text}`, {
    hint: "The checkpoints are kept. Close other programs and resume the run, or start a new one with a smaller batchSize or network.",
    cause: error,
  });
}
