import { parseParams, type ParamSpec, type RawParams } from "../units/params.ts";
import { findUnit, type Catalog, type UnitDescriptor, type UnitKind, type UnitRef } from "../units/unit.ts";
import { AppError } from "./errors.ts";
import { defaultOptimizer, optimizers } from "./optimizers.ts";
import type { RunSpec, SplitSpec } from "./run.ts";

/*
 * A run file as people write it becomes a complete RunSpec here, for the engine, the command line and the forms alike.
 * Nothing is guessed and nothing is dropped: an unknown field is refused by name, since a misspelt "epoch" that is
 * silently ignored costs a night of training.
 */

/** The plain numbers and choices of a run: the same declaration checks the file and draws the form. */
export const runFields = {
  epochs: { type: "integer", default: 20, min: 1, max: 10_000, label: "Epochs" },
  batchSize: { type: "integer", default: 32, min: 1, max: 4096, label: "Batch size", unit: "clips" },
  sampling: {
    type: "choice",
    default: "shuffled",
    options: ["shuffled", "balanced"],
    label: "Order of clips",
    help: "shuffled: every clip once a pass. balanced: drawn anew each time, all classes equally often, as in the published runs on N-Caltech101.",
  },
  seed: { type: "integer", default: 1, min: 0, max: 2 ** 31 - 1, label: "Seed", help: "The same seed repeats the run." },
  backend: { type: "text", default: "auto", label: "Backend", help: "Where tensors are computed; auto takes the best one." },
  control: {
    type: "boolean",
    default: false,
    label: "Train from scratch too",
    help: "The same network without transfer, for comparison. Costs about the same time again.",
  },
} as const satisfies ParamSpec;

/** How samples are dealt out. */
export const splitFields = {
  test: { type: "number", default: 0.2, min: 0, max: 0.9, label: "Test share", help: "Held out until the end." },
  validation: { type: "number", default: 0.1, min: 0, max: 0.9, label: "Validation share", help: "Chooses the best epoch." },
  by: {
    type: "choice",
    default: "sample",
    options: ["sample", "subject", "layout", "number"],
    label: "Split by",
    help: "subject keeps all clips of a person on one side; layout uses the parts of the data set; number trains on the first ones and tests on all others.",
  },
  first: {
    type: "integer",
    default: 0,
    min: 0,
    max: 2 ** 31 - 1,
    label: "First clips",
    help: "Split by number: so many clips may train, the first ones of the training part.",
  },
  select: {
    type: "choice",
    default: "validation",
    options: ["validation", "test"],
    label: "Best epoch by",
    help: "What chooses the epoch that is kept. test: the test clips, as published code does; the figure is then better than it would be on new clips.",
  },
} as const satisfies ParamSpec;

/** Which pictures are learned from. */
export const sourceFields = {
  originals: {
    type: "choice",
    default: "left-out",
    options: ["left-out", "kept"],
    label: "Originals of held-out clips",
    help: "Pictures that a held-out recording was filmed from. kept: learned from, as in published code; the figure is then better than it would be on new clips.",
  },
} as const satisfies ParamSpec;

/** How many labels may be used: the low-label regime is what labs live in. */
export const labelFields = {
  perClass: { type: "integer", default: 0, min: 0, max: 1_000_000, label: "Labelled clips per class", help: "0 uses all." },
  share: {
    type: "number",
    default: 1,
    min: 0.001,
    max: 1,
    label: "Share of the training clips",
    help: "Of each class, at least one clip.",
  },
  pictures: {
    type: "number",
    default: 1,
    min: 0.001,
    max: 1,
    label: "Share of the pictures",
    help: "Of each class, at least one.",
  },
  choose: {
    type: "choice",
    default: "random",
    options: ["random", "first"],
    label: "Which of them",
    help: "random: by the seed. first: the first ones by number or name, as published code does.",
  },
  without: {
    type: "text",
    default: "",
    label: "Without classes",
    help: "Names of classes that are left out, with commas between them.",
  },
} as const satisfies ParamSpec;

/** What a run file may leave out. The transfer depends on the source, other units on the transfer, see `parseRunSpec`. */
export const defaultUnits = {
  representation: { id: "event-frame" }, // its size and steps follow the model
  model: { id: "vgg-snn", params: { preset: "tiny" } },
  neuron: { id: "lif-he" },
  surrogate: { id: "quadratic-gate" },
} as const satisfies Readonly<Record<string, UnitRef>>;

/** Units that belong to a published method and stand in for the defaults when a run chooses it and names no others. */
const companions: Readonly<Record<string, Partial<Record<"model" | "neuron" | "surrogate", UnitRef>>>> = {
  r2etl: { model: { id: "vgg-r2etl", params: { preset: "tiny" } }, neuron: { id: "lif-r2etl" }, surrogate: { id: "triangle" } },
  tet: { neuron: { id: "lif-r2etl" }, surrogate: { id: "triangle" } },
};

const topFields = [
  ...["name", "dataset", "source", "split", "labels", "filters", "representation", "model", "neuron", "surrogate"],
  ...["transfer", "augmentations", "optimizer", "backend", "epochs", "batchSize", "sampling", "seed", "control"],
];

/** Kinds of unit a run names, by field; the catalog of the workers says which there are. */
const unitFields = {
  representation: "representations",
  model: "models",
  neuron: "neurons",
  surrogate: "surrogates",
  transfer: "transfers",
} as const satisfies Readonly<Record<string, UnitKind>>;

/** The part of the catalog against which a run is checked. */
export type RunCatalog = Pick<Catalog, "filters" | "augmentations" | "backends" | (typeof unitFields)[keyof typeof unitFields]>;

const refuse = (message: string, hint?: string): never => {
  throw new AppError("bad-spec", `Run file: ${message}`, hint === undefined ? {} : { hint });
};

const show = (value: unknown): string => JSON.stringify(value) ?? String(value);

/** Letters that have to be changed to turn one word into the other (Levenshtein), for "did you mean". */
function distance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 1; i <= a.length; i += 1) {
    const next = [i];
    for (let j = 1; j <= b.length; j += 1) {
      next[j] = Math.min((row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1, (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1));
    }
    row = next;
  }
  return row[b.length] ?? 0;
}

/** A plain object whose fields are all known. */
function fieldsOf(value: unknown, where: string, known: readonly string[]): Readonly<Record<string, unknown>> {
  const prefix = where === "" ? "" : `${where}.`;
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    return refuse(`${where === "" ? "it" : `"${where}"`} is ${show(value)}, expected an object with ${known.join(", ")}`);
  }
  for (const name of Object.keys(value)) {
    if (known.includes(name)) continue;
    const near = known.toSorted((a, b) => distance(name, a) - distance(name, b))[0];
    const meant = near !== undefined && distance(name.toLowerCase(), near.toLowerCase()) <= 2;
    refuse(
      `unknown field "${prefix}${name}"`,
      meant ? `Did you mean "${prefix}${near}"?` : `Known${where === "" ? "" : ` in "${where}"`}: ${known.join(", ")}.`,
    );
  }
  return value as Readonly<Record<string, unknown>>;
}

function textOf(value: unknown, where: string): string {
  if (typeof value === "string" && value.trim() !== "") return value;
  return refuse(`"${where}" is ${show(value)}, expected a name`);
}

/** Declared parameters, with the run file named in the error. */
function paramsOf<S extends ParamSpec>(spec: S, raw: RawParams, where: string) {
  try {
    return parseParams(spec, raw, where);
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    throw new AppError("bad-spec", `Run file: ${error.message}`, error.hint === undefined ? {} : { hint: error.hint });
  }
}

/**
 * A unit by reference; `"lif-he"` is short for `{"id":"lif-he"}`. With a list of units its parameters are checked, and completed
 * unless something else fits them: the size of a representation follows the model.
 */
function unitOf(
  value: unknown,
  where: string,
  kind: string,
  units: readonly UnitDescriptor[] | undefined,
  complete = true,
): UnitRef {
  const given = fieldsOf(typeof value === "string" ? { id: value } : value, where, ["id", "params"]);
  const id = textOf(given["id"], `${where}.id`);
  const params = given["params"] ?? {};
  if (typeof params !== "object" || Array.isArray(params))
    return refuse(`"${where}.params" is ${show(params)}, expected an object`);
  if (units === undefined) return { id, params: params as RawParams };
  const all: RawParams = paramsOf(findUnit(kind, units, id).params, params as RawParams, `"${where}" (${id})`);
  return { id, params: complete ? all : Object.fromEntries(Object.keys(params).map((name) => [name, all[name]])) };
}

/** Parameters alone are parameters of the default: `{"params":{"preset":"tiny"}}`. */
function named(value: unknown, fallback: UnitRef): unknown {
  const alone = typeof value === "object" && value !== null && "params" in value && !("id" in value);
  return alone ? { id: fallback.id, ...value } : (value ?? fallback);
}

/** The same, and parameters that are not named stay those of the default. */
function refined(value: unknown, fallback: UnitRef): unknown {
  const given = named(value, fallback);
  if (given === value || typeof given !== "object" || given === null || !("params" in given)) return given;
  const { params } = given;
  return typeof params === "object" ? { ...given, params: { ...fallback.params, ...params } } : given;
}

/** Those that differ from their defaults: what most runs do not name stays out of their files. */
const unusual = <T extends Readonly<Record<string, unknown>>>(spec: ParamSpec, values: T): Partial<T> =>
  Object.fromEntries(Object.entries(values).filter(([name, value]) => spec[name]?.default !== value)) as Partial<T>;

function labelsOf(value: unknown): RunSpec["labels"] {
  const { perClass, ...others } = paramsOf(labelFields, fieldsOf(value ?? {}, "labels", Object.keys(labelFields)), '"labels"');
  return { perClass, ...unusual(labelFields, others) };
}

function splitOf(value: unknown): SplitSpec {
  const split = paramsOf(splitFields, fieldsOf(value ?? {}, "split", Object.keys(splitFields)), '"split"');
  if (split.test + split.validation >= 1) {
    refuse(
      `split.test ${split.test} and split.validation ${split.validation} leave nothing to train on`,
      "Their sum has to stay below 1.",
    );
  }
  if (split.by === "number" && split.first === 0) {
    refuse(
      '"split.first" is missing, which a split by number needs',
      'Say how many clips may train: {"by":"number","first":500}.',
    );
  }
  if (split.by !== "number") {
    if (split.first > 0) refuse(`"split.first" is ${split.first} in a split by ${split.by}`, 'It belongs to "by":"number".');
  }
  const { test, validation, by, ...others } = split;
  return { test, validation, by, ...unusual(splitFields, others) };
}

function sourceOf(value: unknown): RunSpec["source"] {
  if (value === undefined || value === null) return undefined;
  const source = fieldsOf(value, "source", ["dataset", "model", ...Object.keys(sourceFields)]);
  const { dataset, model, originals } = source;
  if (dataset === undefined && model === undefined) return undefined;
  return {
    ...(dataset !== undefined && { dataset: textOf(dataset, "source.dataset") }),
    ...(model !== undefined && { model: textOf(model, "source.model") }),
    ...(dataset !== undefined && unusual(sourceFields, paramsOf(sourceFields, { originals }, '"source"'))),
  };
}

/** Without a word about the transfer, the source decides: pictures are transferred from, a model is tuned further. */
const defaultTransfer = (source: RunSpec["source"]): UnitRef => ({
  id: source?.dataset !== undefined ? "sliding-kt" : source?.model !== undefined ? "fine-tune" : "scratch",
});

/**
 * A run file with every default filled in. With a catalog the units are looked up and their parameters completed too.
 * @throws AppError `bad-spec` or `unknown-unit`, naming the field, its value and what is allowed.
 */
export function parseRunSpec(raw: unknown, catalog?: RunCatalog): RunSpec {
  const given = fieldsOf(raw, "", topFields);
  if (given["dataset"] === undefined) refuse('"dataset" is missing', 'Name the data set: {"dataset":{"name":"…"}}.');
  const dataset = fieldsOf(given["dataset"], "dataset", ["name", "fingerprint"]);
  const source = sourceOf(given["source"]);
  const unit = (field: keyof typeof unitFields, fallback: UnitRef): UnitRef =>
    unitOf(named(given[field], fallback), field, field, catalog?.[unitFields[field]], field !== "representation");
  const list = (field: "filters" | "augmentations", kind: string): readonly UnitRef[] => {
    const units: unknown = given[field] ?? [];
    if (!Array.isArray(units)) return refuse(`"${field}" is ${show(units)}, expected a list`);
    return units.map((value, index) => unitOf(value, `${field}[${index}]`, kind, catalog?.[field]));
  };
  const transfer = unit("transfer", defaultTransfer(source));
  const fallback: Readonly<Record<"model" | "neuron" | "surrogate", UnitRef>> = { ...defaultUnits, ...companions[transfer.id] };
  const model = unit("model", fallback.model);
  const plain: RawParams = Object.fromEntries(Object.keys(runFields).map((name) => [name, given[name]]));
  const numbers = paramsOf(runFields, plain, "the run");
  const { sampling, ...others } = numbers;
  const optimizer = refined(given["optimizer"], defaultOptimizer({ transfer, model, batchSize: numbers.batchSize }));
  if (catalog !== undefined && numbers.backend !== "auto") findUnit("backend", catalog.backends, numbers.backend);
  return {
    ...(given["name"] !== undefined && { name: textOf(given["name"], "name") }),
    dataset: {
      name: textOf(dataset["name"], "dataset.name"),
      ...(dataset["fingerprint"] !== undefined && { fingerprint: textOf(dataset["fingerprint"], "dataset.fingerprint") }),
    },
    ...(source !== undefined && { source }),
    split: splitOf(given["split"]),
    labels: labelsOf(given["labels"]),
    filters: list("filters", "filter"),
    representation: unit("representation", defaultUnits.representation),
    model,
    neuron: unit("neuron", fallback.neuron),
    surrogate: unit("surrogate", fallback.surrogate),
    transfer,
    augmentations: list("augmentations", "augmentation"),
    optimizer: unitOf(optimizer, "optimizer", "optimizer", optimizers),
    ...others,
    ...unusual(runFields, { sampling }),
  };
}
