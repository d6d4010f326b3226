import { ENERGY_SOURCE, microjouleOf, PICOJOULE_PER_AC, PICOJOULE_PER_MAC } from "#shared/api/energy.ts";
import type { Evaluation } from "#shared/api/run.ts";
import { formatCount } from "#shared/events/time.ts";
import { wilsonInterval, type Interval } from "#shared/api/statistics.ts";
import { command } from "../command.ts";
import { percent, table } from "./table.ts";

/** A matrix of more classes would not fit a terminal; --json has it. */
const MOST_COLUMNS = 12;

export const evaluate = command({
  path: ["evaluate"],
  summary: "Tests a model on a data set.",
  positionals: [{ name: "MODEL", summary: "Id of a model; saccade models lists them" }],
  options: {
    dataset: {
      param: { type: "text", default: "", label: "Data set (default: the one it was trained on)" },
      value: "NAME",
      optional: true,
    },
    split: {
      param: { type: "choice", default: "test", options: ["test", "validation", "train", "all"], label: "Which samples" },
      value: "PART",
    },
    backend: { param: { type: "text", default: "", label: "Where to compute" }, value: "ID", optional: true },
  },
  output:
    "{accuracy, accuracyInterval:{low, high}, samples, classes, perClass:[{label, samples, accuracy}], confusion:[[…]], answers:[…], accuracyByStep:[…], windowUs, spikesPerDecision, spikeRates, synapticOperations, inputOperations, denseOperations, energyMicrojoule, latencyMs, alignment?}",
  run: async ({ out, engine }, [model = ""], { dataset, split, backend }) => {
    const api = await engine();
    const wanted = split as "test" | "validation" | "train" | "all"; // a choice is one of its options
    const result = await api.models.evaluate(model, {
      split: wanted,
      ...(dataset === undefined ? {} : { dataset }),
      ...(backend === undefined ? {} : { backend }),
    });
    const accuracyInterval = wilsonInterval(Math.round(result.accuracy * result.samples), result.samples);
    await out.data({ ...result, accuracyInterval });
    await out.text(reportText(result, accuracyInterval, split));
  },
});

const count = (value: number): string => formatCount(Math.round(value));

/** Rows true, columns predicted, for as many classes as a terminal shows. */
function confusionText({ classes, confusion }: Evaluation): readonly string[] {
  if (classes.length > MOST_COLUMNS) return [];
  const rows = confusion.map((row, index) => [classes[index] ?? "", ...row]);
  return ["", "confusion (down: true, across: answered)", table(["", ...classes], rows)];
}

function costText(result: Evaluation): readonly string[] {
  const { spikesPerDecision, synapticOperations, inputOperations, denseOperations, energyMicrojoule, latencyMs } = result;
  const steps = result.accuracyByStep.length;
  const dense = (multiplications: number): string => `${microjouleOf(0, multiplications).toPrecision(3)} µJ`;
  return [
    `per decision: ${count(spikesPerDecision)} spikes, ${count(synapticOperations)} synaptic operations` +
      (inputOperations === undefined ? "" : ` and ${count(inputOperations)} multiplications of the first layer`) +
      `, ${energyMicrojoule.toPrecision(3)} µJ (estimated), ${latencyMs.toFixed(1)} ms on this machine`,
    ...(denseOperations === undefined
      ? []
      : [
          `the same network without spikes: ${count(denseOperations)} multiplications, ${dense(denseOperations)} over ${steps} steps; ${dense(denseOperations / steps)} for one step`,
        ]),
    `energy: ${PICOJOULE_PER_AC} pJ per accumulation, ${PICOJOULE_PER_MAC} pJ per multiply-accumulation, ${ENERGY_SOURCE}`,
  ];
}

function reportText(result: Evaluation, { low, high }: Interval, split: string): string {
  const { accuracy, samples, accuracyByStep, windowUs } = result;
  const perClass = result.perClass.map(({ label, samples: of, accuracy: right }) => [label, of, percent(right)]);
  const seen = accuracyByStep.map((value, step) => {
    const share = (step + 1) / accuracyByStep.length;
    const label = windowUs === undefined ? `step ${step + 1}` : `${Math.round((share * windowUs) / 1000)} ms`;
    return [label, percent(value)];
  });
  return [
    `${percent(accuracy)} of ${samples} samples of ${result.dataset} (${split}); 95 % interval ${percent(low)} to ${percent(high)}`,
    table(["class", "samples", "accuracy"], perClass),
    ...confusionText(result),
    "",
    table(["seen", "accuracy"], seen),
    "",
    ...costText(result),
  ].join("\n");
}
