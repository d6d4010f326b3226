import type { RunSpec } from "#shared/api/run.ts";
import { tf } from "#main/tensor/tf.ts";
import { transfers } from "#main/units/transfers/index.ts";
import type { TrainPhase } from "#main/units/transfers/transfer.ts";
import { Batches, Randoms } from "../batches.ts";
import type { Samples } from "../load.ts";
import { optimizerOf } from "../optimizer.ts";
import { recipeOf } from "../spec.ts";
import { takeStep } from "../step.ts";
import { upload } from "../upload.ts";
import { tinySpec } from "./tiny-job.ts";

const classes = 4;
const learningRate = 0.05;
const side = 16;

/** Random clips or pictures of four classes, each brighter in its own quarter; the same on every machine. */
export function quarterSamples(count: number, seed: number, frames: number, channels = 2): Samples {
  const random = new Randoms(seed).of("test samples");
  const values = Array.from({ length: count }, (_, n) => {
    const quarter = n % classes;
    return Float32Array.from({ length: frames * side * side * channels }, (_value, i) => {
      const pixel = Math.floor(i / channels) % (side * side);
      const inside = Math.floor((pixel % side) / 8) + 2 * Math.floor(Math.floor(pixel / side) / 8) === quarter;
      return random.next() < (inside ? 0.5 : 0.15) ? 1 : 0;
    });
  });
  const samples = values.map((_, n) => ({ id: `${seed}/${n}`, path: "", label: String(n % classes), classIndex: n % classes }));
  return { samples, values };
}

/** The units that belong to R2ETL, as a run file gets them without a word. */
export const r2etlUnits: Partial<RunSpec> = {
  model: { id: "vgg-r2etl", params: { preset: "nano" } },
  neuron: { id: "lif-r2etl" },
  surrogate: { id: "triangle" },
};

/**
 * Every transfer with a network that it can train, nano throughout. Not with Adam, which makes full steps of gradients that are
 * nothing but rounding: those of a bias before batch norm, for example.
 */
export const shortRunSpecs: Readonly<Record<string, RunSpec>> = Object.fromEntries(
  transfers.map(({ id, heads }) => {
    // Alignment of two samples is decided by rounding alone.
    const batchSize = heads.length > 1 ? 4 : 2;
    const optimizer = { id: "sgd", params: { momentum: 0.9 } };
    return [id, tinySpec({ transfer: { id }, optimizer, batchSize, ...(id === "r2etl" ? r2etlUnits : {}) })];
  }),
);

/** What a short run computes: the loss of every step, and all variables after the last. */
export interface ShortRun {
  readonly losses: readonly number[];
  readonly before: Readonly<Record<string, Float32Array>>;
  readonly after: Readonly<Record<string, Float32Array>>;
}

/** Trains for a few steps on the current backend, the same way everywhere. The phases before the last get one step each. */
export async function shortRun(spec: RunSpec, steps: number): Promise<ShortRun> {
  const recipe = recipeOf(spec);
  const { transfer } = recipe;
  const [frames] = recipe.input;
  const randoms = new Randoms(spec.seed);
  const draws = { weights: randoms.of("weights").next, noise: randoms.of("noise").next };
  const network = recipe.network(classes, transfer, draws);
  const clips = quarterSamples(16, 1, frames);
  const pictures = quarterSamples(16, 2, 1, transfer.ownInput?.["static"]);
  const batches = new Batches(clips, pictures, recipe.input, transfer.augmentation.shift, randoms);
  const plan = transfer.plan({
    ...{ network, classes, steps: frames, epochs: spec.epochs, threshold: recipe.neuron.threshold, fromModel: false },
    random: (purpose) => randoms.of(purpose).next,
  });
  const own = Object.entries(plan.variables).map(([name, variable]) => [`plan.${name}`, variable] as const);
  const variables = Object.fromEntries([...network.trainable.map((name) => [name, network.weights[name]!] as const), ...own]);
  const all = { ...network.weights, ...variables };
  const read = async (): Promise<Record<string, Float32Array>> => {
    const entries = Object.entries(all).map(
      async ([name, variable]) => [name, Float32Array.from(await variable.data())] as const,
    );
    return Object.fromEntries(await Promise.all(entries));
  };
  const before = await read();
  const optimizer = optimizerOf(recipe.optimizer, variables);
  const losses: number[] = [];
  let current: TrainPhase | undefined;
  for (let iteration = 0; iteration < steps; iteration += 1) {
    const phase = plan.phases[Math.min(iteration, plan.phases.length - 1)]!;
    if (phase !== current) plan.enter(phase);
    current = phase;
    const at = { phase, epoch: 0, iteration, iterations: steps };
    const host = batches.next(phase.shows, spec.batchSize, phase.pairing);
    const notes = plan.prepare?.(host, at);
    const batch = () => upload(host, notes, recipe.input);
    const { loss, right } = takeStep(batch, (given) => plan.loss(given, at), variables, optimizer, frames, learningRate);
    losses.push((await loss.data<"float32">())[0] ?? NaN);
    tf.dispose([loss, right]);
  }
  await plan.report();
  const after = await read();
  optimizer.dispose();
  tf.dispose(plan.variables);
  network.dispose();
  return { losses, before, after };
}
