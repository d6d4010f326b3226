import { command } from "../command.ts";
import { percent, table } from "./table.ts";

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
    "{accuracy, samples, classes, perClass:[…], confusion:[[…]], spikesPerDecision, synapticOperations, energyMicrojoule, latencyMs, …}",
  run: async ({ out, engine }, [model = ""], { dataset, split, backend }) => {
    const api = await engine();
    const wanted = split as "test" | "validation" | "train" | "all"; // a choice is one of its options
    const result = await api.models.evaluate(model, {
      split: wanted,
      ...(dataset === undefined ? {} : { dataset }),
      ...(backend === undefined ? {} : { backend }),
    });
    await out.data(result);
    const rows = result.perClass.map(({ label, samples, accuracy }) => [label, samples, percent(accuracy)]);
    await out.text(
      [
        `${percent(result.accuracy)} of ${result.samples} samples of ${result.dataset} (${split})`,
        table(["class", "samples", "accuracy"], rows),
        `${result.spikesPerDecision.toFixed(0)} spikes, ${result.synapticOperations.toFixed(0)} synaptic operations and ` +
          `${result.energyMicrojoule.toFixed(3)} µJ (estimated) per decision, ${result.latencyMs.toFixed(1)} ms`,
      ].join("\n"),
    );
  },
});
