import type { ModelInfo } from "#shared/api/engine-api.ts";
import type { Evaluation } from "#shared/api/run.ts";
import { recipeKey, seedGroups, type SeedGroup } from "#shared/api/seeds.ts";
import { overSeeds, wilsonInterval, type Interval, type OverSeeds } from "#shared/api/statistics.ts";
import { formatPoints } from "#renderer/plot/numbers.ts";
import { placesOf, reaches, type Costs } from "#renderer/plot/report-figures.ts";

/** A cell of the strip above a report. */
export interface Reading {
  readonly label: string;
  /** Missing is an en dash, never 0. */
  readonly value: string | undefined;
  readonly unit?: string;
  readonly note?: string;
}

/** A model as seeds are counted. */
export type SeededModel = ModelInfo & { readonly testAccuracy?: number | undefined };

const seeded = (model: ModelInfo): SeededModel => ({ ...model, testAccuracy: model.metrics["testAccuracy"] });

/** The trainings of each recipe, by the id of each model. */
export function groupsOf(models: readonly ModelInfo[]): ReadonlyMap<string, SeedGroup<SeededModel>> {
  const groups = seedGroups(models.map(seeded));
  return new Map(
    models.flatMap((model) => {
      const group = groups.get(recipeKey(model.spec));
      return group === undefined ? [] : [[model.id, group] as const];
    }),
  );
}

const points = (fraction: number): string => (100 * fraction).toFixed(1);
const clamp = (fraction: number): number => Math.min(1, Math.max(0, fraction));

/** `93.1 ± 0.8 %, 5 seeds`; undefined for a single one. */
export function overSeedsWords(group: SeedGroup<unknown> | undefined): string | undefined {
  const accuracy = group?.accuracy;
  if (accuracy === undefined || accuracy.count < 2) return undefined;
  return `${points(accuracy.mean)} ± ${points(accuracy.deviation)} %, ${accuracy.count} seeds`;
}

/** Gains over scratch in the trainings of a recipe that had a control, seed by seed; undefined for fewer than two. */
export function gainOverSeeds({ members }: SeedGroup<SeededModel>): OverSeeds | undefined {
  const gains = members.flatMap(({ testAccuracy, control }) =>
    testAccuracy === undefined || control === undefined ? [] : [testAccuracy - control.testAccuracy],
  );
  return gains.length < 2 ? undefined : overSeeds(gains);
}

/** `+7.5 ± 1.2 points, 95 % interval +5.1 to +9.9` */
export function gainWords({ mean, deviation, interval }: OverSeeds): string {
  const within = interval === undefined ? "" : `, 95 % interval ${formatPoints(interval.low)} to ${formatPoints(interval.high)}`;
  return `${formatPoints(mean)} ± ${points(deviation)} points${within}`;
}

/** `90.4 to 96.5 %` */
export const intervalWords = ({ low, high }: Interval): string => `${points(clamp(low))} to ${points(clamp(high))} %`;

/** `95 % interval 90.4 to 96.5 %` of one model; undefined when it has not been tested. */
export function ownInterval({ metrics }: ModelInfo): string | undefined {
  const { testAccuracy, testSamples } = metrics;
  if (testAccuracy === undefined || testSamples === undefined) return undefined;
  return `95 % interval ${intervalWords(wilsonInterval(Math.round(testAccuracy * testSamples), testSamples))}`;
}

/** Large counts with three digits: `184 k`, `2.10 M`. */
export function short(value: number): { readonly value: string; readonly unit: string } {
  if (value >= 1e6) return { value: (value / 1e6).toPrecision(3), unit: "M" };
  if (value >= 1e3) return { value: (value / 1e3).toPrecision(3), unit: "k" };
  return { value: value.toFixed(0), unit: "" };
}
const joined = (value: number): string => Object.values(short(value)).join(" ").trim();

/** Operations of a decision, where the report has them. */
export function costsOf(report: Evaluation): Costs | undefined {
  const { synapticOperations, inputOperations, denseOperations, accuracyByStep } = report;
  if (inputOperations === undefined || denseOperations === undefined) return undefined;
  return { steps: accuracyByStep.length, synapticOperations, inputOperations, denseOperations };
}

/** Milliseconds of a clip, where its time steps have a fixed length. */
export const spanMsOf = (model: ModelInfo, report: Evaluation | undefined): number | undefined =>
  model.spec.representation.params?.["mode"] === "count" ? undefined : (report?.windowUs ?? model.windowUs) / 1000;

/** Accuracy whose time is asked for: that of the control, else 95 % of the model's own. */
export const targetOf = (model: ModelInfo, report: Evaluation): number => model.control?.testAccuracy ?? 0.95 * report.accuracy;

function accuracyReadings(model: ModelInfo, report: Evaluation | undefined, group: SeedGroup<unknown> | undefined): Reading[] {
  const accuracy = report?.accuracy ?? model.metrics["testAccuracy"];
  const right = report === undefined ? 0 : Math.round(report.accuracy * report.samples);
  const own: Reading = {
    label: "Accuracy on test",
    value: accuracy === undefined ? undefined : points(accuracy),
    unit: "%",
    note: report
      ? `${right} of ${report.samples} clips, ${intervalWords(wilsonInterval(right, report.samples))}`
      : "Not evaluated yet",
  };
  const over = group?.accuracy;
  if (over?.interval === undefined) return [own];
  return [
    own,
    {
      label: `Over ${over.count} seeds`,
      value: points(over.mean),
      unit: `± ${points(over.deviation)} %`,
      note: `Mean within ${intervalWords(over.interval)}`,
    },
  ];
}

function gainReading({ control }: ModelInfo, report: Evaluation | undefined): Reading {
  const gain = report && control ? report.accuracy - control.testAccuracy : undefined;
  return {
    label: "Gain over scratch",
    value: gain === undefined ? undefined : `${gain < 0 ? "−" : "+"}${points(Math.abs(gain))}`,
    unit: "points",
    note: control ? `Control ${points(control.testAccuracy)} %` : "No control run",
  };
}

function timeReading(model: ModelInfo, report: Evaluation): Reading {
  const target = targetOf(model, report);
  const spanMs = spanMsOf(model, report);
  const places = placesOf(report.accuracyByStep.length, spanMs);
  const own = reaches(places, report.accuracyByStep, target);
  const controls = model.control?.accuracyByStep;
  const control = controls && reaches(placesOf(controls.length, spanMs), controls, target);
  const unit = spanMs === undefined ? "% of events" : "ms";
  return {
    label: `${spanMs === undefined ? "Events" : "Time"} seen for ${points(target)} %`,
    value: own?.toFixed(0),
    unit,
    note: control === undefined ? `Clip of ${Math.round(spanMs ?? 100)} ${unit}` : `Control ${control.toFixed(0)} ${unit}`,
  };
}

function costReadings(report: Evaluation): Reading[] {
  const { spikesPerDecision, neurons, accuracyByStep, energyMicrojoule, latencyMs } = report;
  const share = neurons === undefined ? undefined : spikesPerDecision / (neurons * accuracyByStep.length);
  return [
    {
      label: "Spikes per decision",
      ...short(spikesPerDecision),
      note: share === undefined ? "All neurons, all steps" : `${points(share)} % of neurons per step`,
    },
    {
      label: "Energy per decision",
      value: energyMicrojoule.toPrecision(3),
      unit: "µJ",
      note: `Estimate, ${joined(report.synapticOperations)} operations`,
    },
    {
      label: "Computing",
      value: latencyMs < 10 ? latencyMs.toFixed(1) : latencyMs.toFixed(0),
      unit: "ms",
      note: "One window",
    },
  ];
}

/** Everything the strip above a report says. */
export function readingsOf(
  model: ModelInfo,
  report: Evaluation | undefined,
  group: SeedGroup<unknown> | undefined,
): readonly Reading[] {
  return [
    ...accuracyReadings(model, report, group),
    gainReading(model, report),
    ...(report ? [timeReading(model, report), ...costReadings(report)] : []),
  ];
}
