import { join } from "node:path";
import type { Scalar, Tensor, Variable } from "@tensorflow/tfjs";
import { AppError } from "#shared/api/errors.ts";
import type { EpochMetrics, RunEvent } from "#shared/api/run.ts";
import { AdamW } from "#main/tensor/adam-w.ts";
import { meanLogits, type TetConstants } from "#main/tensor/losses.ts";
import { warmUpCosine, type LearningRate } from "#main/tensor/schedules.ts";
import { tf } from "#main/tensor/tf.ts";
import type { Network } from "#main/units/models/model.ts";
import type { TrainingPlan, TrainPhase, TrainPosition } from "#main/units/transfers/transfer.ts";
import { Batches, Randoms } from "./batches.ts";
import { Checkpoints, type Best, type Progress } from "./checkpoint.ts";
import type { Samples } from "./load.ts";
import { measure, type Measurement } from "./measure.ts";
import type { ChosenTransfer, OptimizerSettings, Recipe } from "./spec.ts";
import { assignValues, valuesOf, type Values } from "./tensor-file.ts";
import { upload } from "./upload.ts";

/** An epoch has at least this many steps: small data sets are passed over several times within one. */
const MIN_STEPS_PER_EPOCH = 25;

/** Steps of one epoch over so many samples. */
const stepsPerEpochOf = (samples: number, batchSize: number): number =>
  Math.max(MIN_STEPS_PER_EPOCH, Math.round(samples / batchSize));

/** λ of the TET loss with which validation is measured. */
const VALIDATION_LAMBDA = 1e-3;
/** At most five step events a second. */
const STEP_EVENT_MS = 200;

export interface Training {
  readonly recipe: Recipe;
  readonly transfer: ChosenTransfer;
  readonly train: Samples;
  readonly validation: Samples;
  readonly pictures: Samples;
  readonly classes: number;
  /** Weights to start from; those that fit are taken over. */
  readonly initial: Values | undefined;
  readonly folder: string;
  readonly resume: boolean;
  /** Named in events instead of the plan's phase when this is the control. */
  readonly control: boolean;
  readonly emit: (event: RunEvent) => void;
  /** Asked between steps. */
  readonly stopping: () => boolean;
}

export interface Trained {
  readonly network: Network;
  readonly head: string;
  readonly stopped: boolean;
  readonly best: Best | undefined;
  /** Weights of the best epoch, in the network as well. */
  readonly weights: Values;
}

const breathe = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

const rateOf = ({ schedule, learningRate, warmupEpochs }: OptimizerSettings, epochs: number): LearningRate =>
  schedule === "constant"
    ? (epoch) => (epoch < warmupEpochs ? (learningRate * (epoch + 1)) / (warmupEpochs + 1) : learningRate)
    : warmUpCosine(learningRate, epochs, Math.min(warmupEpochs, Math.floor(epochs / 4)));

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
  #optimizer: AdamW;
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
    const variation = { classes, augmentations: recipe.augmentations };
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

  #newOptimizer(): AdamW {
    return new AdamW(this.#variables, { weightDecay: this.#training.recipe.optimizer.weightDecay });
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

  get epochsTotal(): number {
    return this.#plan.phases.reduce((sum, { epochs }) => sum + epochs, 0);
  }

  /** Steps of the whole training with so many samples. */
  stepsTotal(clips: number, pictures: number): number {
    return this.#plan.phases.reduce(
      (sum, { epochs, sweeps }) => sum + epochs * stepsPerEpochOf(sweeps === "pictures" ? pictures : clips, this.#batchSize),
      0,
    );
  }

  #step(at: TrainPosition, rate: number): { readonly loss: Scalar; readonly right: Scalar } {
    const host = this.#batches.next(at.phase.shows, this.#batchSize, at.phase.pairing);
    const notes = this.#plan.prepare?.(host, at);
    const { input } = this.#training.recipe;
    return tf.tidy(() => {
      const batch = upload(host, notes, input);
      let right: Scalar | undefined;
      const { value, grads } = tf.variableGrads(() => {
        const { loss, logits } = this.#plan.loss(batch, at);
        const answers = tf.argMax(meanLogits(logits as never, input[0]), 1);
        right = tf.keep(tf.sum<Scalar>(tf.equal(answers, batch.labels).toFloat()));
        return loss;
      }, Object.values(this.#variables));
      const named: Record<string, Tensor> = {};
      for (const [name, variable] of Object.entries(this.#variables)) {
        const gradient = grads[variable.name];
        if (gradient !== undefined && gradient !== null) named[name] = gradient;
      }
      this.#optimizer.apply(named, rate);
      return { loss: value, right: right as Scalar };
    });
  }

  /** Undefined when it was stopped before its end. */
  async #epoch(phase: TrainPhase, epoch: number): Promise<EpochMetrics | undefined> {
    const { emit, stopping, control, recipe, train, pictures } = this.#training;
    const swept = phase.sweeps === "pictures" ? pictures : train;
    const steps = stepsPerEpochOf(swept.samples.length, this.#batchSize);
    const rate = rateOf(recipe.optimizer, phase.epochs)(epoch);
    let losses: Scalar[] = [];
    let rights: Scalar[] = [];
    let lossSum = 0;
    let rightSum = 0;
    let counted = 0;
    const read = async (): Promise<number> => {
      if (losses.length === 0) return 0;
      const [stackedLosses, stackedRights] = tf.tidy(() => [tf.stack(losses), tf.stack(rights)] as const);
      tf.dispose([losses, rights]);
      losses = [];
      rights = [];
      const [lossValues, rightValues] = await Promise.all([stackedLosses.data(), stackedRights.data()]);
      tf.dispose([stackedLosses, stackedRights]);
      for (const value of lossValues) lossSum += value;
      for (const value of rightValues) rightSum += value;
      counted += lossValues.length;
      const bad = lossValues.some((value) => !Number.isFinite(value));
      if (bad) throw this.#diverged(phase, epoch, rate);
      return lossValues.at(-1) ?? 0;
    };
    const label = control ? "control" : phase.name;
    let lastEvent = performance.now();
    let sinceEvent = 0;
    for (let step = 0; step < steps; step += 1) {
      if (stopping()) {
        tf.dispose([losses, rights]);
        await this.#plan.report();
        return undefined;
      }
      const at = { phase, epoch, iteration: epoch * steps + step, iterations: phase.epochs * steps };
      const { loss, right } = this.#step(at, rate);
      losses.push(loss);
      rights.push(right);
      sinceEvent += 1;
      const now = performance.now();
      if (now - lastEvent >= STEP_EVENT_MS) {
        const value = await read();
        const samplesPerSecond = (sinceEvent * this.#batchSize * 1000) / (performance.now() - lastEvent);
        emit({ kind: "step", phase: label, epoch: epoch + 1, step: step + 1, steps, loss: value, samplesPerSecond });
        lastEvent = performance.now();
        sinceEvent = 0;
      }
      await breathe();
    }
    await read();
    return {
      trainLoss: lossSum / Math.max(1, counted),
      trainAccuracy: rightSum / Math.max(1, counted * this.#batchSize),
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
    const { emit, control } = this.#training;
    const phase = this.#plan.phases[index];
    if (phase === undefined) return;
    const measured = await this.#validate(phase);
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
    });
    emit({ kind: "checkpoint", epoch: epoch + 1, path: this.#checkpoints.lastPath, best: isBest });
  }

  async #save(phase: number, epoch: number, weights: Values, isBest: boolean): Promise<void> {
    const [slots, own] = await Promise.all([valuesOf(this.#optimizer.slots), valuesOf(this.#plan.variables)]);
    const state = new Map([
      ...[...weights].map(([name, value]) => [`w/${name}`, value] as const),
      ...[...slots].map(([name, value]) => [`o/${name}`, value] as const),
      ...[...own].map(([name, value]) => [`p/${name}`, value] as const),
    ]);
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
    const part = (prefix: string): Values =>
      new Map([...state].filter(([name]) => name.startsWith(prefix)).map(([name, value]) => [name.slice(prefix.length), value]));
    const missing = [
      ...assignValues(this.network.weights, part("w/")),
      ...assignValues(this.#optimizer.slots, part("o/")),
      ...assignValues(this.#plan.variables, part("p/")),
    ];
    if (missing.length > 0) {
      throw new AppError("damaged", `The checkpoint in ${this.#training.folder} lacks ${missing.join(", ")}`, {
        hint: "Start the run anew.",
      });
    }
    this.#optimizer.step = progress.optimizerStep;
    this.#randoms.restore(progress.randoms);
    this.#batches.restore(progress.decks);
    this.#best = progress.best;
    this.#last = progress.last;
    return { phase: progress.phase, epoch: progress.epoch };
  }
}

/** Folder of a training inside its run. */
export const checkpointFolder = (runDir: string, control: boolean): string =>
  join(runDir, "checkpoints", control ? "control" : "main");
