import { AppError } from "#shared/api/errors.ts";
import type { RunSpec } from "#shared/api/run.ts";
import { optimizers, scheduleNames } from "#shared/api/optimizers.ts";
import type { Sensor } from "#shared/events/sensor.ts";
import { parseParams, type ParamSpec, type RawParams } from "#shared/units/params.ts";
import { findUnit, type Unit, type UnitRef } from "#shared/units/unit.ts";
import type { LifSpec } from "#main/tensor/ops.ts";
import type { Augment } from "#main/units/augmentations/augmentation.ts";
import { augmentations } from "#main/units/augmentations/index.ts";
import { filters } from "#main/units/filters/index.ts";
import type { Filter } from "#main/units/filters/filter.ts";
import { models } from "#main/units/models/index.ts";
import type { Network } from "#main/units/models/model.ts";
import { neurons } from "#main/units/neurons/index.ts";
import { representations } from "#main/units/representations/index.ts";
import type { Accumulator } from "#main/units/representations/representation.ts";
import { surrogates } from "#main/units/surrogates/index.ts";
import { transfers } from "#main/units/transfers/index.ts";
import type {
  Augmentation as Shift,
  PictureOptions,
  Transfer,
  TransferContext,
  TrainingPlan,
} from "#main/units/transfers/transfer.ts";

/** `[T, H, W, C]` of one sample. */
export type InputShape = readonly [steps: number, height: number, width: number, channels: number];

/** A chosen filter with its parameters, ready to be created for a sensor. */
export interface ChosenFilter {
  readonly unit: Filter;
  readonly params: RawParams;
}

/** A chosen augmentation, ready to change batches. */
export interface ChosenAugmentation {
  readonly id: string;
  readonly mixes: boolean;
  readonly augment: Augment;
}

/** The streams a network is built for. */
export type Streams = Pick<Transfer, "heads" | "ownInput">;

/** A transfer with its parameters filled in. */
export interface ChosenTransfer extends Streams {
  readonly unit: Transfer;
  readonly pictures: PictureOptions | undefined;
  readonly augmentation: Shift;
  plan(context: TransferContext): TrainingPlan;
}

/** The numbers of the optimizer. */
export interface OptimizerSettings {
  readonly kind: "adamw" | "adam" | "sgd";
  readonly learningRate: number;
  readonly weightDecay: number;
  /** Of sgd. */
  readonly momentum: number;
  readonly warmupEpochs: number;
  readonly schedule: (typeof scheduleNames)[number];
  /** Stairs and step: the epochs of a stair, or the epoch of the step, and the factor. */
  readonly stepEpochs: number;
  readonly gamma: number;
}

/** A run spec with every parameter filled in, and what it is made of. */
export interface Recipe {
  /** Complete: what goes into model.json, so that inference uses exactly it. */
  readonly spec: RunSpec;
  readonly input: InputShape;
  readonly neuron: LifSpec;
  readonly filters: readonly ChosenFilter[];
  readonly transfer: ChosenTransfer;
  readonly augmentations: readonly ChosenAugmentation[];
  readonly optimizer: OptimizerSettings;
  accumulator(sensor: Sensor): Accumulator;
  /** @param draws seeded generators of uniform numbers for the initial weights and for what is drawn in training. */
  network(classes: number, streams: Streams, draws: { readonly weights: () => number; readonly noise: () => number }): Network;
}

/** From this many sensor pixels per pixel of the frame on, interpolation would skip most events; they are counted in cells. */
const CELLS_FROM = 3;

/**
 * Parameters of a representation that the model and the sensor decide when the run file leaves them out (or at 0).
 */
function fitRepresentation(
  declared: ParamSpec,
  given: RawParams,
  wanted: { readonly size: number; readonly steps: number },
  sensor: Sensor | undefined,
): RawParams {
  const sizes: Readonly<Record<string, number>> = {
    steps: wanted.steps,
    size: wanted.size,
    width: wanted.size,
    height: wanted.size,
  };
  const filled: Record<string, unknown> = { ...given };
  for (const [name, value] of Object.entries(sizes)) {
    if (Object.hasOwn(declared, name) && (given[name] === undefined || given[name] === 0)) filled[name] = value;
  }
  const { resize } = declared;
  const size = Number(filled["size"] ?? 0);
  if (sensor !== undefined && given["resize"] === undefined && size > 0 && resize?.type === "choice") {
    const coarse = Math.max(sensor.width, sensor.height) >= CELLS_FROM * size;
    if (coarse && resize.options.includes("cells")) filled["resize"] = "cells";
  }
  return filled;
}

interface Chosen<U extends Unit> {
  readonly unit: U;
  readonly params: ReturnType<typeof parseParams>;
  readonly ref: UnitRef;
}

function choose<U extends Unit>(kind: string, units: readonly U[], ref: UnitRef, adapt?: (unit: U) => RawParams): Chosen<U> {
  const unit = findUnit<U>(kind, units, ref.id);
  const params = parseParams(unit.params, adapt?.(unit) ?? ref.params ?? {}, `${kind} "${unit.id}"`);
  return { unit, params, ref: { id: unit.id, params } };
}

function optimizerOf(ref: UnitRef): { readonly ref: UnitRef; readonly settings: OptimizerSettings } {
  const { unit, params, ref: complete } = choose("optimizer", optimizers, ref);
  const number = (name: string): number => Number(params[name] ?? 0);
  return {
    ref: complete,
    settings: {
      kind: unit.id === "sgd" ? "sgd" : unit.id === "adam" ? "adam" : "adamw",
      learningRate: number("learningRate"),
      weightDecay: number("weightDecay"),
      momentum: number("momentum"),
      warmupEpochs: number("warmupEpochs"),
      schedule: scheduleNames.find((name) => name === params["schedule"]) ?? "cosine",
      stepEpochs: number("stepEpochs"),
      gamma: number("gamma"),
    },
  };
}

/** A transfer with parameters; `scratch` is what the control run uses. */
export function chooseTransfer(ref: UnitRef): ChosenTransfer & { readonly ref: UnitRef } {
  const { unit, params, ref: complete } = choose("transfer", transfers, ref);
  return {
    unit,
    heads: unit.heads,
    ...(unit.ownInput && { ownInput: unit.ownInput }),
    pictures: unit.pictures?.(params),
    augmentation: unit.augmentation(params),
    plan: (context) => unit.plan(params, context),
    ref: complete,
  };
}

/**
 * Looks up every unit, fills in every parameter (the representation's size and steps follow the model where the run
 * file leaves them open) and refuses what does not fit together.
 * @param sensor of the clips, for a new training; a spec from a model folder is complete without it.
 * @throws AppError naming the unit, the parameter and what is allowed.
 */
export function recipeOf(spec: RunSpec, sensor?: Sensor): Recipe {
  const model = choose("model", models, spec.model);
  const wanted = model.unit.input(model.params);
  const representation = choose("representation", representations, spec.representation, (unit) =>
    fitRepresentation(unit.params, spec.representation.params ?? {}, wanted, sensor),
  );
  const neuron = choose("neuron", neurons, spec.neuron);
  const surrogate = choose("surrogate", surrogates, spec.surrogate);
  const { kind, alpha } = surrogate.unit.constants(surrogate.params);
  const lif: LifSpec = { ...neuron.unit.constants(neuron.params), surrogate: kind, alpha };
  const chosenFilters = spec.filters.map((ref) => choose("filter", filters, ref));
  const transfer = chooseTransfer(spec.transfer);
  const chosenAugmentations = (spec.augmentations ?? []).map((ref) => choose("augmentation", augmentations, ref));
  const optimizer = optimizerOf(spec.optimizer);

  const accumulator = (sensor: Sensor): Accumulator => representation.unit.create(representation.params, sensor);
  const input = accumulator({ width: 64, height: 64 }).shape;
  const other = accumulator({ width: 128, height: 96 }).shape;
  if (input.some((side, index) => side !== other[index])) {
    throw new AppError("bad-spec", `The representation "${representation.unit.id}" has no fixed size, but a network needs one`, {
      hint: `Set its width and height; the model wants ${wanted.size}×${wanted.size}.`,
    });
  }
  return {
    spec: {
      ...spec,
      filters: chosenFilters.map(({ ref }) => ref),
      representation: representation.ref,
      model: model.ref,
      neuron: neuron.ref,
      surrogate: surrogate.ref,
      transfer: transfer.ref,
      ...(spec.augmentations && { augmentations: chosenAugmentations.map(({ ref }) => ref) }),
      optimizer: optimizer.ref,
    },
    input,
    neuron: lif,
    filters: chosenFilters.map(({ unit, params }) => ({ unit, params })),
    transfer,
    augmentations: chosenAugmentations.map(({ unit, params }) => ({
      id: unit.id,
      mixes: unit.mixes,
      augment: unit.create(params),
    })),
    optimizer: optimizer.settings,
    accumulator,
    network: (classes, { heads, ownInput }, { weights, noise }) =>
      model.unit.build(model.params, {
        ...{ input, classes, neuron: lif, heads, random: weights, noise },
        ...(ownInput && { ownInput }),
      }),
  };
}
