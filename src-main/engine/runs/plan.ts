import { existsSync } from "node:fs";
import { join } from "node:path";
import type { RunPreview } from "#shared/api/engine-api.ts";
import { AppError } from "#shared/api/errors.ts";
import { parseRunSpec, type RunCatalog } from "#shared/api/run-spec.ts";
import type { JobSample, RunSpec, TrainJob } from "#shared/api/run.ts";
import type { Pairing } from "#shared/api/stream-api.ts";
import type { Datasets } from "#main/engine/datasets/datasets.ts";
import type { ResolvedDataset } from "#main/engine/datasets/resolved.ts";
import { warningsOf, withoutOriginals } from "#main/engine/datasets/hygiene.ts";
import { fewerPictures, splitSamples, type Split } from "#main/engine/datasets/split.ts";
import { checkFitness } from "./fitness.ts";

/** A run with its data decided: the job less the places it writes to. */
export type RunPlan = Omit<TrainJob, "runId" | "runDir" | "modelDir" | "cacheDir" | "resume">;

export interface PlanContext {
  readonly workspace: string;
  readonly datasets: Datasets;
  readonly catalog: () => Promise<RunCatalog>;
}

const refuse = (message: string, hint: string): never => {
  throw new AppError("bad-spec", message, { hint });
};

/** Pictures in the classes of the recordings, by name; others are of no use to a method that pairs classes. */
function inClasses(
  source: ResolvedDataset,
  classes: readonly string[],
): { readonly samples: readonly JobSample[]; readonly left: number } {
  const positions = new Map(classes.map((name, index) => [name.toLowerCase(), index]));
  const samples = source.samples.flatMap((sample) => {
    const classIndex = positions.get(sample.label.toLowerCase());
    return classIndex === undefined ? [] : [{ ...sample, classIndex }];
  });
  return { samples, left: source.samples.length - samples.length };
}

/** A folder that has gone since is told now and not by the first clip that cannot be read. */
function checkRoot({ info: { name, root } }: ResolvedDataset): void {
  if (existsSync(root)) return;
  throw new AppError("not-found", `The folder ${root} of the data set ${name} is not there`, {
    hint: "The drive may be unplugged. If the folder was moved, remove the data set and add it again.",
  });
}

function checkKinds(spec: RunSpec, dataset: ResolvedDataset, source: ResolvedDataset | undefined): void {
  if (dataset.info.kind !== "events") {
    refuse(
      `The data set ${spec.dataset.name} holds pictures; a network for events is trained on recordings`,
      "Name it as the source instead.",
    );
  }
  if (source !== undefined && source.info.kind !== "images") {
    refuse(
      `The source ${spec.source?.dataset ?? ""} holds recordings; knowledge is transferred from pictures`,
      "Name a data set of pictures.",
    );
  }
}

/** How recordings and pictures find each other: as their layouts say where both do, else by class, number and part. */
function numbersOf(dataset: ResolvedDataset, source: ResolvedDataset): Pairing["numbers"] | undefined {
  const [events, pictures] = [dataset.info.pairing, source.info.pairing];
  return events !== undefined && events.pictures === pictures?.pictures ? events.numbers : undefined;
}

/** Pictures to learn from: of the same classes and not the originals of anything that is held out. */
function sourceOf(
  dataset: ResolvedDataset,
  source: ResolvedDataset,
  classes: readonly string[],
  held: readonly JobSample[],
  spec: RunSpec,
): { readonly kept: readonly JobSample[]; readonly excluded: number; readonly warnings: readonly string[] } {
  const { name } = source.info;
  const { samples, left } = inClasses(source, classes);
  const numbers = numbersOf(dataset, source);
  const honest = withoutOriginals(samples, held, numbers);
  const keepsAll = spec.source?.originals === "kept";
  const kept = fewerPictures(keepsAll ? samples : honest.kept, spec.labels, spec.seed);
  const excluded = keepsAll ? 0 : honest.excluded;
  const without = classes.filter((_, index) => kept.every(({ classIndex }) => classIndex !== index));
  if (without.length > 0) {
    refuse(
      `The source ${name} has no pictures of ${without.join(", ")}`,
      `Classes are matched by name; it has ${source.info.classes.slice(0, 8).join(", ")}${source.info.classes.length > 8 ? ", …" : ""}.`,
    );
  }
  const warnings = [
    ...(left > 0 ? [`${left} pictures of ${name} belong to classes that are not trained.`] : []),
    ...(keepsAll && honest.excluded > 0
      ? [
          `${honest.excluded} pictures of ${name} that held-out recordings may have been filmed from are learned from, as in published code: the accuracy is better than it would be on new clips.`,
        ]
      : []),
    ...(numbers === "guessed" && !keepsAll
      ? [
          `Which picture of ${name} each recording shows has not been published: pictures of the same class and number as a held-out recording are left out, and its real original may not be among them.`,
        ]
      : []),
  ];
  return { kept, excluded, warnings };
}

/** The classes that are wanted, and their samples with the places they then have. */
function withoutClasses(
  { info, samples }: ResolvedDataset,
  without = "",
): { readonly classes: readonly string[]; readonly samples: readonly JobSample[] } {
  const names = without
    .split(",")
    .map((name) => name.trim())
    .filter((name) => name !== "");
  if (names.length === 0) return { classes: info.classes, samples };
  const unknown = names.filter((name) => !info.classes.includes(name));
  if (unknown.length > 0) {
    refuse(`The data set ${info.name} has no class ${unknown.join(", ")} to leave out`, `It has ${info.classes.join(", ")}.`);
  }
  const classes = info.classes.filter((name) => !names.includes(name));
  const places = new Map(classes.map((name, index) => [name, index]));
  return {
    classes,
    samples: samples.flatMap((sample) => {
      const classIndex = places.get(sample.label);
      return classIndex === undefined ? [] : [{ ...sample, classIndex }];
    }),
  };
}

/** The split of the run file. Where the test clips choose the epoch, nothing else is held out for that. */
function dealtOut(samples: readonly JobSample[], classes: readonly string[], { split, labels, seed }: RunSpec): Split {
  if (split.select !== "test") return splitSamples(samples, classes, split, labels, seed);
  const { train, test } = splitSamples(samples, classes, { ...split, validation: 0 }, labels, seed);
  return { train, validation: test, test };
}

/**
 * Fills the defaults, resolves the data, deals it out and refuses what cannot work.
 * @throws AppError with the remedy.
 */
export async function planRun(raw: unknown, { workspace, datasets, catalog }: PlanContext): Promise<RunPlan> {
  const spec = parseRunSpec(raw, await catalog());
  const dataset = await datasets.resolve(spec.dataset.name);
  const source = spec.source?.dataset === undefined ? undefined : await datasets.resolve(spec.source.dataset);
  checkKinds(spec, dataset, source);
  for (const used of source === undefined ? [dataset] : [dataset, source]) checkRoot(used);
  checkFitness(dataset, spec);
  const { fingerprint } = dataset.info;
  const { classes, samples } = withoutClasses(dataset, spec.labels.without);
  const split = dealtOut(samples, classes, spec);
  const pictures = source && sourceOf(dataset, source, classes, [...split.validation, ...split.test], spec);
  const initialModelDir = spec.source?.model === undefined ? undefined : join(workspace, "models", spec.source.model);
  if (initialModelDir !== undefined && !existsSync(join(initialModelDir, "model.json"))) {
    refuse(`There is no model "${spec.source?.model ?? ""}" in this workspace to start from`, "Name one of the list of models.");
  }
  const changed = spec.dataset.fingerprint !== undefined && spec.dataset.fingerprint !== fingerprint;
  return {
    spec: { ...spec, dataset: { name: spec.dataset.name, fingerprint } },
    classes,
    ...split,
    source: pictures?.kept ?? [],
    excludedSource: pictures?.excluded ?? 0,
    generated: dataset.info.generated,
    warnings: [
      ...(changed ? [`The data set ${spec.dataset.name} has changed since this run file was written.`] : []),
      ...dataset.info.warnings,
      ...(dataset.info.generated ? ["The recordings were made by a program, not by a camera."] : []),
      ...warningsOf(split, classes, spec.labels.perClass),
      ...(spec.split.select === "test"
        ? [
            "The test clips choose the epoch that is kept, as in published code: the accuracy is better than it would be on new clips.",
          ]
        : []),
      ...(pictures?.warnings ?? []),
    ],
    ...(initialModelDir !== undefined && { initialModelDir }),
  };
}

/** What a page shows of a plan. */
export function previewOf(plan: RunPlan): RunPreview {
  const count = (samples: readonly JobSample[], index: number): number =>
    samples.filter(({ classIndex }) => classIndex === index).length;
  return {
    spec: plan.spec,
    classes: plan.classes,
    perClass: plan.classes.map((label, index) => ({
      label,
      train: count(plan.train, index),
      validation: count(plan.validation, index),
      test: count(plan.test, index),
      source: count(plan.source, index),
    })),
    excludedSource: plan.excludedSource,
    warnings: plan.warnings,
  };
}
