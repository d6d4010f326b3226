import { freemem, tmpdir, totalmem } from "node:os";
import { join } from "node:path";
import type { TrainEstimate, TrainJob } from "#shared/api/run.ts";
import { AppError } from "#shared/api/errors.ts";
import { sensorOf } from "./clip.ts";
import { countParameters } from "./count.ts";
import { loadClips, loadPictures } from "./load.ts";
import { chooseTransfer, recipeOf, type Recipe } from "./spec.ts";
import { Trainer } from "./trainer.ts";

/** Copies of each activation that a training step keeps: layer outputs, normalised values, their gradients. */
const COPIES = 6;
/** A WASM heap ends here. */
const WASM_LIMIT_BYTES = 4 * 2 ** 30;

/** Bytes of activations of one training step, from the outputs of each layer of neurons. */
function activationBytes(outputsPerStep: number, recipe: Recipe, streams: number): number {
  return 4 * outputsPerStep * recipe.input[0] * recipe.spec.batchSize * streams * COPIES;
}

/** Neuron outputs of one time step of one sample. */
const outputsOf = (shapes: Readonly<Record<string, readonly number[]>>): number =>
  Object.values(shapes).reduce((sum, shape) => sum + shape.reduce((a, b) => a * b, 1), 0);

/** What one training of the job costs. */
interface Timing {
  readonly stepMs: number;
  readonly steps: number;
  readonly epochs: number;
  readonly parameters: number;
  readonly outputs: number;
}

async function timeOf(recipe: Recipe, job: TrainJob, control: boolean): Promise<Timing> {
  const few = 2 * recipe.spec.batchSize;
  const { sets, report } = await loadClips({ train: job.train.slice(0, few) }, recipe, undefined);
  const classes = new Set(sets.train.samples.map(({ classIndex }) => classIndex));
  const partners = [...classes].flatMap((index) => job.source.filter(({ classIndex }) => classIndex === index).slice(0, 2));
  const { pictures } = await loadPictures(control ? [] : partners, recipe, report.sensor);
  const transfer = control ? chooseTransfer({ id: "scratch" }) : recipe.transfer;
  const trainer = new Trainer({
    recipe,
    transfer,
    train: sets.train,
    validation: { samples: [], values: [] },
    pictures,
    classes: job.classes.length,
    initial: undefined,
    folder: join(tmpdir(), "saccade-estimate"),
    resume: false,
    control,
    emit: () => undefined,
    stopping: () => false,
  });
  try {
    const seconds = await trainer.time();
    const { network } = trainer;
    return {
      stepMs: (seconds * 1000) / 2,
      ...trainer.extent(job.train.length, job.source.length),
      parameters: countParameters(network),
      outputs: outputsOf(network.shapes),
    };
  } finally {
    trainer.dispose();
  }
}

/** Two real batches of the job timed, and what that makes for the whole. Nothing is written. */
export async function estimate(
  job: TrainJob,
  backend: { readonly id: string; readonly device: string; readonly reason: string },
): Promise<TrainEstimate> {
  const recipe = recipeOf(job.spec, await sensorOf(job.train));
  if (job.train.length === 0) {
    throw new AppError("empty", "There is no training clip", {
      hint: "Label some clips, or choose smaller test and validation shares.",
    });
  }
  if (recipe.transfer.unit.needsSource && job.source.length === 0 && job.initialModelDir === undefined) {
    throw new AppError("bad-spec", `The transfer "${recipe.transfer.unit.label}" needs pictures, and the source has none`, {
      hint: "Choose a source with pictures of the same classes, or train from scratch.",
    });
  }
  const main = await timeOf(recipe, job, false);
  const streams = recipe.transfer.heads.length;
  const control = job.spec.control ? await timeOf(recipe, job, true) : undefined;
  const clips = job.train.length + job.validation.length + job.test.length;
  const sampleBytes = 4 * recipe.input.reduce((product, side) => product * side, 1);
  const memoryBytes = activationBytes(main.outputs, recipe, streams) + clips * sampleBytes + 16 * main.parameters;
  // A validation pass costs about a third of a training step for the same clips.
  const secondsOf = ({ stepMs, steps, epochs }: Timing): number =>
    (stepMs * (steps + (epochs * job.validation.length) / (3 * job.spec.batchSize))) / 1000;
  const warnings: string[] = [];
  if (backend.id === "wasm" && memoryBytes > WASM_LIMIT_BYTES) {
    warnings.push("This does not fit into the 4 GB of the WASM backend. Choose a smaller preset or batch, or a graphics card.");
  } else if (memoryBytes > freemem()) {
    warnings.push(
      `This needs about ${(memoryBytes / 1e9).toFixed(1)} GB of ${(totalmem() / 1e9).toFixed(0)} GB; close other programs or choose a smaller batch.`,
    );
  }
  return {
    ...{ backend: backend.id, device: backend.device, reason: backend.reason },
    seconds: secondsOf(main),
    controlSeconds: control === undefined ? 0 : secondsOf(control),
    memoryBytes,
    parameters: main.parameters,
    stepMs: main.stepMs,
    warnings,
  };
}
