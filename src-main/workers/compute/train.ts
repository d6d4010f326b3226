import { basename, join } from "node:path";
import { AppError, toErrorData } from "#shared/api/errors.ts";
import type { AlignmentMap, Evaluation, ModelManifest, RunEvent, TrainJob } from "#shared/api/run.ts";
import type { Network } from "#main/units/models/model.ts";
import { sensorOf } from "./clip.ts";
import { countParameters } from "./count.ts";
import { evaluationOf } from "./evaluation.ts";
import { latencyOf } from "./infer.ts";
import { loadClips, loadPictures, matchScale, type LoadReport, type Samples } from "./load.ts";
import { measure } from "./measure.ts";
import { checkMemory, namedOutOfMemory } from "./memory-need.ts";
import { readModelFolder, writeModelFolder } from "./model-folder.ts";
import { chooseTransfer, recipeOf, type ChosenTransfer, type Recipe } from "./spec.ts";
import { readJson, writeJson } from "./small-json.ts";
import { alignmentMap, layerAlignment, pairsFor, type Pairs, type Parts, type StreamHeads } from "./stream-alignment.ts";
import { Trainer } from "./trainer.ts";
import { checkpointFolder, type Trained } from "./training.ts";

/** What a run may ask its surroundings for. */
export interface TrainHooks {
  readonly emit: (event: RunEvent) => void;
  /** True once the run should end after the current step. */
  readonly stopping: () => boolean;
}

interface Data {
  readonly train: Samples;
  readonly validation: Samples;
  readonly test: Samples;
  readonly pictures: Samples;
  readonly report: LoadReport;
}

const breathe = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/** Log lines about loading come at most once a second. */
const PROGRESS_MS = 1000;

async function loadData(job: TrainJob, recipe: Recipe, { emit, stopping }: TrainHooks): Promise<Data> {
  emit({ kind: "phase", phase: "loading" });
  const stop = new AbortController();
  let last = performance.now();
  const progress = (what: string) => (done: number, total: number) => {
    if (stopping()) stop.abort(new AppError("aborted", "The run was stopped while its data was being read"));
    if (performance.now() - last < PROGRESS_MS) return;
    last = performance.now();
    emit({ kind: "phase", phase: "loading", detail: `${what} ${done} of ${total}` });
  };
  const { train, validation, test } = job;
  const { sets, report } = await loadClips({ train, validation, test }, recipe, job.cacheDir, progress("clips"), stop.signal);
  const loaded = await loadPictures(job.source, recipe, report.sensor, progress("pictures"), stop.signal);
  if (recipe.transfer.pictures?.scale === "matched") {
    const factor = matchScale(loaded.pictures, sets.train);
    emit({
      kind: "log",
      level: "info",
      message: `Pictures are multiplied by ${factor.toPrecision(3)} to be as strong as the clips`,
    });
  }
  const bytes = report.bytes + loaded.bytes;
  emit({
    kind: "data",
    train: sets.train.samples.length,
    validation: sets.validation.samples.length,
    test: sets.test.samples.length,
    source: loaded.pictures.samples.length,
    excludedSource: job.excludedSource,
    warnings: [...job.warnings, ...report.warnings, ...loaded.warnings],
  });
  emit({ kind: "log", level: "info", message: `Samples in memory: ${(bytes / 1e6).toFixed(1)} MB` });
  return { ...sets, pictures: loaded.pictures, report };
}

/** Refuses what cannot work before anything is computed. */
function check(job: TrainJob, transfer: ChosenTransfer, pictures: Samples, train: Samples): void {
  if (train.samples.length === 0) {
    throw new AppError("empty", "There is no training clip", {
      hint: "Label some clips, or choose smaller test and validation shares.",
    });
  }
  const learned = new Set(train.samples.map(({ classIndex }) => classIndex));
  const lost = job.classes.filter((_, index) => !learned.has(index));
  if (lost.length > 0) {
    throw new AppError("empty", `No training clip is left of: ${lost.join(", ")}`, {
      hint: "The warnings of the run say why its clips are left out. Repair or replace them, or remove the class.",
    });
  }
  if (!transfer.unit.needsSource || job.initialModelDir !== undefined) return;
  if (pictures.samples.length === 0) {
    throw new AppError("bad-spec", `The transfer "${transfer.unit.label}" needs pictures, and the source has none`, {
      hint: "Choose a source with pictures of the same classes, or train from scratch.",
    });
  }
  const shown = new Set(pictures.samples.map(({ classIndex }) => classIndex));
  const missing = new Set(train.samples.filter(({ classIndex }) => !shown.has(classIndex)).map(({ classIndex }) => classIndex));
  if (missing.size > 0) {
    const names = [...missing].map((index) => job.classes[index] ?? String(index)).join(", ");
    throw new AppError("bad-spec", `The source has no pictures of: ${names}`, {
      hint: "Class names of pictures and clips have to be the same; add pictures, or train from scratch.",
    });
  }
}

interface Side {
  readonly trained: Trained;
  readonly evaluation: Evaluation | undefined;
}

const headsOf = ({ heads }: ChosenTransfer): StreamHeads => ({ pictures: heads[1] ?? heads[0] ?? "", clips: heads[0] ?? "" });

/** Pairs to compare the streams of a network by, where its transfer or the run it is the control of shows pictures. */
function pairsIn(parts: Parts, recipe: Recipe, transfer: ChosenTransfer, { pictures }: Data): Pairs | undefined {
  const { input, spec } = recipe;
  const channels = transfer.ownInput?.[headsOf(transfer).pictures] ?? input[3];
  return pairsFor(parts, pictures, input, channels, spec.batchSize, spec.seed);
}

/** Lays the two streams of a trained network side by side, on the test clips where there are enough. */
async function compareStreams(
  recipe: Recipe,
  transfer: ChosenTransfer,
  network: Network,
  data: Data,
): Promise<AlignmentMap | undefined> {
  const pairs = pairsIn({ test: data.test, validation: data.validation, training: data.train }, recipe, transfer, data);
  return pairs && alignmentMap(network, headsOf(transfer), pairs, recipe.input);
}

/** Trains one network and measures it on the test clips. */
async function trainSide(
  job: TrainJob,
  recipe: Recipe,
  transfer: ChosenTransfer,
  data: Data,
  hooks: TrainHooks,
  control: boolean,
): Promise<{ readonly side: Side; readonly trainer: Trainer }> {
  const initial = control || job.initialModelDir === undefined ? undefined : (await readModelFolder(job.initialModelDir)).weights;
  const { validation, train: training } = data;
  const pairs = pairsIn({ validation, training }, recipe, transfer, data);
  const trainer = new Trainer({
    ...(pairs && { compareStreams: (network) => layerAlignment(network, headsOf(transfer), pairs, recipe.input) }),
    recipe,
    transfer,
    train: data.train,
    validation: data.validation,
    pictures: control ? { samples: [], values: [] } : data.pictures,
    classes: job.classes.length,
    initial,
    folder: checkpointFolder(job.runDir, control),
    resume: job.resume,
    control,
    emit: hooks.emit,
    stopping: hooks.stopping,
  });
  try {
    const trained = await trainer.run();
    const evaluation = await test(job, recipe, trained, data, hooks);
    const alignment = await compareStreams(recipe, transfer, trained.network, data);
    if (alignment !== undefined) hooks.emit({ kind: "alignment", phase: control ? "control" : "training", map: alignment });
    return { side: { trained, evaluation: evaluation && { ...evaluation, ...(alignment && { alignment }) } }, trainer };
  } catch (error) {
    const model = await rescue(job, recipe, trainer, data, hooks, control, error);
    throw model === undefined ? error : new FailedWithModel(error, model);
  }
}

async function test(
  job: TrainJob,
  recipe: Recipe,
  { network, head }: Pick<Trained, "network" | "head">,
  { test: clips, report }: Data,
  { emit }: TrainHooks,
): Promise<Evaluation | undefined> {
  const first = clips.values[0];
  if (first === undefined) return undefined;
  emit({ kind: "phase", phase: "testing" });
  const { input, neuron, spec } = recipe;
  const tet = { lambda: 1e-3, target: neuron.threshold };
  const measured = await measure(network, head, clips, job.classes.length, input, spec.batchSize, tet, breathe);
  const latencyMs = await latencyOf({ network, head }, input, first);
  const names = { model: basename(job.modelDir), dataset: spec.dataset.name, classes: job.classes };
  return evaluationOf(names, clips, measured, network, input, { latencyMs, windowUs: report.windowUs });
}

/** A training that failed after a good epoch, which is kept as a model. */
class FailedWithModel extends Error {
  readonly model: string;

  constructor(cause: unknown, model: string) {
    super("training failed", { cause });
    this.model = model;
  }
}

/** A failed training still leaves its best epoch as a model, when there is one. */
async function rescue(
  job: TrainJob,
  recipe: Recipe,
  trainer: Trainer,
  data: Data,
  hooks: TrainHooks,
  control: boolean,
  error: unknown,
): Promise<string | undefined> {
  try {
    if (!control && toErrorData(error).code === "training-failed") {
      const kept = await trainer.keepBest();
      if (kept.best !== undefined) {
        const evaluation = await test(job, recipe, kept, data, hooks);
        const { id } = await writeModel(job, recipe, { trained: { ...kept, stopped: true }, evaluation }, data, undefined);
        hooks.emit({ kind: "log", level: "info", message: `The best epoch before (${kept.best.epoch + 1}) is kept as a model` });
        return id;
      }
    }
    return undefined;
  } finally {
    trainer.dispose();
  }
}

/** Result of the control, kept in the run folder so that continuing a run does not repeat it. */
type Control = NonNullable<ModelManifest["control"]>;

async function runControl(job: TrainJob, recipe: Recipe, data: Data, hooks: TrainHooks): Promise<Control | undefined> {
  const path = join(job.runDir, "control.json");
  if (job.resume) {
    const kept = await readJson<Control>(path);
    if (kept !== undefined) return kept;
  }
  hooks.emit({ kind: "phase", phase: "control", detail: "the same network from scratch" });
  const { shift } = recipe.transfer.augmentation;
  const transfer = chooseTransfer({ id: "scratch", params: { shift } });
  const { side, trainer } = await trainSide(job, recipe, transfer, data, hooks, true);
  trainer.dispose();
  if (side.evaluation === undefined || side.trained.stopped) return undefined;
  const { accuracy, samples, perClass, accuracyByStep, spikesPerDecision, energyMicrojoule } = side.evaluation;
  const control = {
    ...{ testAccuracy: accuracy, samples, perClass: perClass.map((one) => one.accuracy) },
    ...{ accuracyByStep, spikesPerDecision, energyMicrojoule },
  };
  await writeJson(path, control);
  return control;
}

function metricsOf({ trained, evaluation }: Side, control: Control | undefined): Readonly<Record<string, number>> {
  const { best } = trained;
  return {
    ...(evaluation && {
      testAccuracy: evaluation.accuracy,
      testSamples: evaluation.samples,
      spikesPerDecision: evaluation.spikesPerDecision,
      synapticOperations: evaluation.synapticOperations,
      energyMicrojoule: evaluation.energyMicrojoule,
      latencyMs: evaluation.latencyMs,
    }),
    ...(best && { bestEpoch: best.epoch + 1, trainAccuracy: best.metrics.trainAccuracy }),
    ...(best?.metrics.validationAccuracy !== undefined && { validationAccuracy: best.metrics.validationAccuracy }),
    ...(control && { controlAccuracy: control.testAccuracy }),
  };
}

const idsOf = ({ samples }: Samples): readonly string[] => samples.map(({ id }) => id);

async function writeModel(
  job: TrainJob,
  recipe: Recipe,
  side: Side,
  data: Data,
  control: Control | undefined,
): Promise<ModelManifest> {
  const id = basename(job.modelDir);
  const { network, weights } = side.trained;
  return writeModelFolder(
    job.modelDir,
    {
      schema: 1,
      id,
      name: recipe.spec.name ?? `${recipe.transfer.unit.label}: ${recipe.spec.dataset.name}`,
      createdAt: Date.now(),
      run: job.runId,
      classes: job.classes,
      spec: recipe.spec,
      windowUs: data.report.windowUs,
      sensor: data.report.sensor,
      parameters: countParameters(network),
      metrics: metricsOf(side, control),
      split: { train: idsOf(data.train), validation: idsOf(data.validation), test: idsOf(data.test) },
      ...(control && { control }),
      ...(job.generated === true && { generated: true }),
    },
    weights,
    side.evaluation,
  );
}

/**
 * Carries out a run: loads, trains the control when asked for, trains, tests and writes the model folder. Its events
 * end with a state; a failure is told in it and not thrown.
 * @param given in place of the spec's own recipe, for tests.
 */
export async function train(job: TrainJob, hooks: TrainHooks, given?: Recipe): Promise<void> {
  const { emit, stopping } = hooks;
  const finish = (event: Omit<Extract<RunEvent, { kind: "state" }>, "kind" | "at" | "run">): void =>
    emit({ kind: "state", at: Date.now(), run: job.runId, ...event });
  try {
    const recipe = given ?? recipeOf(job.spec, await sensorOf(job.train));
    await checkMemory(job, recipe);
    const data = await loadData(job, recipe, hooks);
    check(job, recipe.transfer, data.pictures, data.train);
    const control = job.spec.control ? await runControl(job, recipe, data, hooks) : undefined;
    if (stopping() && job.spec.control && control === undefined) {
      finish({ state: "stopped" });
      return;
    }
    const { side, trainer } = await trainSide(job, recipe, recipe.transfer, data, hooks, false);
    try {
      const manifest = await writeModel(job, recipe, side, data, control);
      finish({ state: side.trained.stopped ? "stopped" : "done", model: manifest.id, metrics: manifest.metrics });
    } finally {
      trainer.dispose();
    }
  } catch (error) {
    const { cause, model } = error instanceof FailedWithModel ? error : { cause: error, model: undefined };
    const data = toErrorData(namedOutOfMemory(cause));
    finish({ state: data.code === "aborted" ? "stopped" : "failed", error: data, ...(model !== undefined && { model }) });
  }
}
