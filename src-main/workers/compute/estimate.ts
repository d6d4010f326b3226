import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TrainEstimate, TrainJob } from "#shared/api/run.ts";
import { AppError } from "#shared/api/errors.ts";
import { sensorOf } from "./clip.ts";
import { countParameters } from "./count.ts";
import { loadClips, loadPictures } from "./load.ts";
import { checkMemory } from "./memory-need.ts";
import { chooseTransfer, recipeOf, type Recipe } from "./spec.ts";
import { Trainer } from "./trainer.ts";

/** What one training of the job costs. */
interface Timing {
  readonly stepMs: number;
  readonly steps: number;
  readonly epochs: number;
  readonly parameters: number;
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
    };
  } finally {
    trainer.dispose();
  }
}

/**
 * Two real batches of the job timed, and what that makes for the whole. Nothing is written.
 * @throws AppError `too-large` for a job that cannot fit, before anything is read.
 */
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
  const { need, room } = await checkMemory(job, recipe);
  const main = await timeOf(recipe, job, false);
  const control = job.spec.control ? await timeOf(recipe, job, true) : undefined;
  // A validation pass costs about a third of a training step for the same clips.
  const secondsOf = ({ stepMs, steps, epochs }: Timing): number =>
    (stepMs * (steps + (epochs * job.validation.length) / (3 * job.spec.batchSize))) / 1000;
  return {
    ...{ backend: backend.id, device: backend.device, reason: backend.reason },
    seconds: secondsOf(main),
    controlSeconds: control === undefined ? 0 : secondsOf(control),
    memoryBytes: need.device + need.samples,
    ...(room.deviceBytes !== undefined && { deviceBytes: need.device, deviceLimitBytes: room.deviceBytes }),
    memoryLimitBytes: room.processBytes,
    parameters: main.parameters,
    stepMs: main.stepMs,
    warnings: [],
  };
}
