import { AppError } from "#shared/api/errors.ts";
import type { ModelInfo } from "#shared/api/engine-api.ts";
import type { JobSample } from "#shared/api/run.ts";
import type { ResolvedDataset } from "#main/engine/datasets/resolved.ts";
import { splitSamples } from "#main/engine/datasets/split.ts";

export type EvaluationSplit = "test" | "validation" | "train" | "all";

/** Which samples of its own data set a model was trained on is known; of another one the same rule is applied anew. */
function partOf(
  model: ModelInfo,
  dataset: ResolvedDataset,
  samples: readonly JobSample[],
  split: EvaluationSplit,
): readonly JobSample[] {
  if (split === "all") return samples;
  if (dataset.info.name === model.spec.dataset.name) {
    const ids = new Set(model.split[split]);
    return samples.filter(({ id }) => ids.has(id));
  }
  const declared = samples.filter(({ part }) => part?.toLowerCase() === split);
  if (declared.length > 0) return declared;
  const by = model.spec.split.by === "subject" ? "subject" : "sample"; // parts and numbers are those of its own data set
  return splitSamples(samples, model.classes, { ...model.spec.split, by }, { perClass: 0 }, model.spec.seed)[split];
}

/**
 * The samples a model is judged by, in the order of its classes. The default is what was held out.
 * @throws AppError when there is nothing to judge by.
 */
export function samplesToEvaluate(model: ModelInfo, dataset: ResolvedDataset, split: EvaluationSplit): readonly JobSample[] {
  if (dataset.info.kind !== "events") {
    throw new AppError("bad-argument", `The data set ${dataset.info.name} holds pictures; ${model.name} reads events`, {
      hint: "Name a data set of recordings.",
    });
  }
  const positions = new Map(model.classes.map((name, index) => [name.toLowerCase(), index]));
  const known = dataset.samples.flatMap((sample) => {
    const classIndex = positions.get(sample.label.toLowerCase());
    return classIndex === undefined ? [] : [{ ...sample, classIndex }];
  });
  if (known.length === 0) {
    throw new AppError("bad-argument", `The data set ${dataset.info.name} has none of the classes of ${model.name}`, {
      hint: `The model knows ${model.classes.join(", ")}; classes are matched by name.`,
    });
  }
  const chosen = partOf(model, dataset, known, split);
  if (chosen.length === 0) {
    throw new AppError("empty", `There are no samples in the ${split} part of ${dataset.info.name} for ${model.name}`, {
      hint: 'Use another part, or "all".',
    });
  }
  return chosen;
}
