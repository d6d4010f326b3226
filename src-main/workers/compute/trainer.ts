import type { Variable } from "@tensorflow/tfjs";
import { AppError } from "#shared/api/errors.ts";
import type { EpochMetrics } from "#shared/api/run.ts";
import type { TetConstants } from "#main/tensor/losses.ts";
import type { Optimizer } from "#main/tensor/optimizer.ts";
import { tf } from "#main/tensor/tf.ts";
import type { Network } from "#main/units/models/model.ts";
import type { TrainBatch, TrainingPlan, TrainPhase, TrainPosition } from "#main/units/transfers/transfer.ts";
import { Batches, Randoms } from "./batches.ts";
import { Checkpoints, type Best, type Progress } from "./checkpoint.ts";
import { EpochSums } from "./epoch-sums.ts";
import { extentOf, stepsPerEpochOf } from "./extent.ts";
import { measure, type Measurement } from "./measure.ts";
import { optimizerOf, rateOf } from "./optimizer.ts";
import { restoreTensors, tensorsOf, type SnapshotParts } from "./snapshot.ts";
import { takeStep, type StepResult } from "./step.ts";
import { assignValues, valuesOf, type Values } from "./tensor-file.ts";
import type { Trained, Training } from "./training.ts";
import { upload } from "./upload.ts";

/** λ of the TET loss with which validation is measured. */
const VALIDATION_LAMBDA = 1e-3;
/** At most five step events a second. */
const STEP_EVENT_MS = 200;

const breathe = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/**
 * By validation loss: with the few clips a lab holds out, accuracy moves in steps of several per cent and its peaks are
 * chance. Without validation clips the later epoch.
 */
const better = ({ validationLoss }: EpochMetrics, best: Best | undefined): boolean =>
  validationLoss === undefined || validationLoss <= (best?.metrics.validationLoss ?? Infinity);

/** One training from start (or its last checkpoint) to the best weights. */
export class Trainer {
  readonly network: Network;
  readonly #training: Training;
  readonly #plan: TrainingPlan;
  readonly #randoms: Randoms;
  readonly #batches: Batches;
  readonly #checkpoints: Checkpoints;
  readonly #variables: Readonly<Record<string, Variable>>;
  readonly #batchSize: number;
  readonly #head: string;
  #optimizer: Optimizer;
  #best: Best | undefined;
  #bestWeights: Values | undefined;
  #last: EpochMetrics | undefined;
  readonly #key: string;

  constructor(training: Training) {
    this.#training = training;
    const { recipe, transfer, train, pictures, classes, initial } = training;
    const { seed, epochs, batchSize } = recipe.spec;
    this.#randoms = new Randoms(seed);
    this.#batchSize = batchSize;
    const draws = { weights: this.#randoms.of("weights").next, noise: this.#randoms.of("noise").next };
    this.network = recipe.network(classes, transfer, draws);
    if (initial !== undefined) assignValues(this.network.weights, initial);
    const { sampling } = recipe.spec;
    const vary = transfer.pictures?.vary;
    const variation = {
      ...{ classes, augmentations: recipe.augmentations },
      ...(sampling && { sampling }),
      ...(vary && { pictures: vary }),
    };
    this.#batches = new Batches(train, pictures, recipe.input, transfer.augmentation.shift, this.#randoms, variation);
    this.#plan = transfer.plan({
      network: this.network,
      classes,
      steps: recipe.input[0],
      epochs,
      threshold: recipe.neuron.threshold,
      fromModel: initial !== undefined,
      random: (purpose) => this.#randoms.of(purpose).next,
    });
    this.#head = transfer.heads[0] ?? "";
    const trained = this.network.trainable.map((name) => [name, this.network.weights[name]] as const);
    const own = Object.entries(this.#plan.variables).map(([name, variable]) => [`plan.${name}`, variable] as const);
    this.#variables = Object.fromEntries([...trained, ...own].filter((entry): entry is [string, Variable] => !!entry[1]));
    this.#checkpoints = new Checkpoints(training.folder);
    this.#optimizer = this.#newOptimizer();
    const { name: _name, backend: _backend, control: _control, ...rest } = recipe.spec;
    this.#key = JSON.stringify([rest, train.samples.map(({ id }) => id), training.control]);
  }

  #newOptimizer(): Optimizer {
    return optimizerOf(this.#training.recipe.optimizer, this.#variables);
  }

  get #parts(): SnapshotParts {
    return { weights: this.network.weights, slots: this.#optimizer.slots, plan: this.#plan.variables };
  }

  get #tet(): TetConstants {
    return { lambda: VALIDATION_LAMBDA, target: this.#training.recipe.neuron.threshold };
  }

  async run(): Promise<Trained> {
    const { emit, stopping, resume } = this.#training;
    const { phases } = this.#plan;
    const started = resume ? await this.#continue() : undefined;
    if (started === undefined) await this.#checkpoints.begin();
    let done = started?.epoch ?? 0;
    let stopped = false;
    for (let index = started?.phase ?? 0; index < phases.length && !stopped; index += 1, done = 0) {
      const phase = phases[index];
      if (phase === undefined) break;
      if (done === 0) {
        if (index > 0) {
          this.#optimizer.dispose();
          this.#optimizer = this.#newOptimizer();
          this.#best = undefined; // pictures do not compete with events
          this.#bestWeights = undefined;
        }
        this.#plan.enter(phase);
      }
      if (!this.#training.control) emit({ kind: "phase", phase: phase.name });
      for (let epoch = done; epoch < phase.epochs && !stopped; epoch += 1) {
        const began = performance.now();
        const metrics = await this.#epoch(phase, epoch);
        stopped = metrics === undefined || stopping();
        if (metrics === undefined) break;
        this.#last = metrics;
        await this.#finishEpoch(index, epoch, metrics, began);
      }
    }
    return { ...(await this.keepBest()), stopped };
  }

  /** Puts the best weights so far into the network. */
  async keepBest(): Promise<Omit<Trained, "stopped">> {
    if (this.#best !== undefined && this.#bestWeights === undefined) {
      const found = await this.#checkpoints.best(); // continued, and not surpassed since
      this.#best = found?.best;
      this.#bestWeights = found?.weights;
    }
    const weights = this.#bestWeights ?? (await valuesOf(this.network.weights));
    assignValues(this.network.weights, weights);
    return { network: this.network, head: this.#head, best: this.#best, weights };
  }

  /** Frees the tensors; the network only when the caller does not keep it. */
  dispose(): void {
    this.#optimizer.dispose();
    tf.dispose(this.#plan.variables);
    this.network.dispose();
  }

  /** Seconds two batches take, after one to warm up; changes the weights. */
  async time(): Promise<number> {
    const phase = this.#plan.phases.at(-1);
    if (phase === undefined) return 0;
    let began = 0;
    for (let iteration = 0; iteration < 3; iteration += 1) {
      if (iteration === 1) began = performance.now();
      const { loss, right } = this.#step({ phase, epoch: 0, iteration, iterations: 3 }, 1e-6);
      await loss.data();
      tf.dispose([loss, right]);
    }
    await this.#plan.report();
    return (performance.now() - began) / 1000;
  }

  /** Epochs and steps of the whole training with so many samples. */
  extent(clips: number, pictures: number): { readonly epochs: number; readonly steps: number } {
    return extentOf(this.#plan.phases, clips, pictures, this.#batchSize);
  }

  #step(at: TrainPosition, rate: number): StepResult {
    const host = this.#batches.next(at.phase.shows, this.#batchSize, at.phase.pairing);
    const notes = this.#plan.prepare?.(host, at);
    const { input } = this.#training.recipe;
    const wanted = (batch: TrainBatch) => this.#plan.loss(batch, at);
    return takeStep(() => upload(host, notes, input), wanted, this.#variables, this.#optimizer, input[0], rate);
  }

  /** Undefined when it was stopped before its end. */
  async #epoch(phase: TrainPhase, epoch: number): Promise<EpochMetrics | undefined> {
    const { emit, stopping, control, recipe, train, pictures } = this.#training;
    const swept = phase.sweeps === "pictures" ? pictures : train;
    const steps = stepsPerEpochOf(swept.samples.length, this.#batchSize);
    const rate = rateOf(recipe.optimizer, phase.epochs)(epoch);
    const sums = new EpochSums(() => this.#diverged(phase, epoch, rate));
    const label = control ? "control" : phase.name;
    let lastEvent = performance.now();
    let sinceEvent = 0;
    for (let step = 0; step < steps; step += 1) {
      if (stopping()) {
        sums.dispose();
        await this.#plan.report();
        return undefined;
      }
      const at = { phase, epoch, iteration: epoch * steps + step, iterations: phase.epochs * steps };
      const { loss, right } = this.#step(at, rate);
      sums.add(loss, right);
      sinceEvent += 1;
      const now = performance.now();
      if (now - lastEvent >= STEP_EVENT_MS) {
        const value = await sums.read();
        const samplesPerSecond = (sinceEvent * this.#batchSize * 1000) / (performance.now() - lastEvent);
        emit({ kind: "step", phase: label, epoch: epoch + 1, step: step + 1, steps, loss: value, samplesPerSecond });
        lastEvent = performance.now();
        sinceEvent = 0;
      }
      await breathe();
    }
    await sums.read();
    return {
      trainLoss: sums.meanLoss,
      trainAccuracy: sums.meanRight / this.#batchSize,
      learningRate: rate,
      ...(await this.#plan.report()),
    };
  }

  #diverged(phase: TrainPhase, epoch: number, rate: number): AppError {
    return new AppError(
      "training-failed",
      `The loss is no longer a number in epoch ${epoch + 1} of ${phase.epochs} (${phase.name})`,
      {
        hint: `Lower the learning rate (it was ${rate.toPrecision(2)}) and train again; the best epoch before is kept.`,
      },
    );
  }

  /** Clips on which the epoch is judged. */
  async #validate(phase: TrainPhase): Promise<Measurement | undefined> {
    const { validation, recipe, classes } = this.#training;
    if (validation.samples.length === 0 || phase.shows === "pictures") return undefined;
    return measure(this.network, this.#head, validation, classes, recipe.input, this.#batchSize, this.#tet, breathe);
  }

  async #finishEpoch(index: number, epoch: number, train: EpochMetrics, began: number): Promise<void> {
    const { emit, control, compareStreams } = this.#training;
    const phase = this.#plan.phases[index];
    if (phase === undefined) return;
    const measured = await this.#validate(phase);
    const alignment = await compareStreams?.(this.network);
    const metrics: EpochMetrics =
      measured === undefined ? train : { ...train, validationLoss: measured.loss, validationAccuracy: measured.accuracy };
    this.#last = metrics;
    const isBest = better(metrics, this.#best);
    const weights = await valuesOf(this.network.weights);
    if (isBest) {
      this.#best = { phase: index, epoch, metrics };
      this.#bestWeights = weights;
    }
    await this.#save(index, epoch + 1, weights, isBest);
    const left = this.#plan.phases.slice(index).reduce((sum, { epochs }) => sum + epochs, 0) - epoch - 1;
    emit({
      kind: "epoch",
      phase: control ? "control" : phase.name,
      epoch: epoch + 1,
      epochs: phase.epochs,
      metrics,
      secondsLeft: (left * (performance.now() - began)) / 1000,
      ...(measured && { confusion: measured.confusion, spikeRates: measured.spikeRates }),
      ...(alignment && { alignment }),
    });
    emit({ kind: "checkpoint", epoch: epoch + 1, path: this.#checkpoints.lastPath, best: isBest });
  }

  async #save(phase: number, epoch: number, weights: Values, isBest: boolean): Promise<void> {
    const state = await tensorsOf(weights, this.#parts);
    const progress: Progress = {
      schema: 1,
      key: this.#key,
      phase,
      epoch,
      optimizerStep: this.#optimizer.step,
      randoms: this.#randoms.state(),
      decks: this.#batches.state(),
      best: this.#best,
      last: this.#last,
    };
    await this.#checkpoints.save(progress, state, isBest ? weights : undefined);
  }

  /** Goes back to the last checkpoint. Undefined when there is none. @throws AppError `bad-spec` when it belongs to another spec. */
  async #continue(): Promise<{ readonly phase: number; readonly epoch: number } | undefined> {
    const found = await this.#checkpoints.last();
    if (found === undefined) return undefined;
    const { progress, state } = found;
    if (progress.key !== this.#key) {
      throw new AppError("bad-spec", `The checkpoint in ${this.#training.folder} belongs to another spec or other clips`, {
        hint: "Start a new run instead of continuing this one.",
      });
    }
    restoreTensors(state, this.#parts, this.#training.folder);
    this.#optimizer.step = progress.optimizerStep;
    this.#randoms.restore(progress.randoms);
    this.#batches.restore(progress.decks);
    this.#best = progress.best;
    this.#last = progress.last;
    return { phase: progress.phase, epoch: progress.epoch };
  }
}
