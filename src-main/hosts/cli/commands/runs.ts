import { command } from "../command.ts";
import { overSeedsById, overSeedsText } from "./over-seeds.ts";
import { formatBytes } from "../values.ts";
import { date, percent, table } from "./table.ts";

export const runs = command({
  path: ["runs"],
  summary: "Lists the runs of the workspace.",
  positionals: [],
  options: {},
  output:
    "an array of {id, name, state, createdAt, epoch, epochs, bestAccuracy?, testAccuracy?, model?, resumable, spec, overSeeds?:{count, seeds, mean, deviation, interval:{low, high}}}",
  run: async ({ out, engine }) => {
    const list = await (await engine()).runs.list();
    const groups = overSeedsById(list);
    await out.data(list.map((run) => ({ ...run, ...(groups.has(run.id) && { overSeeds: groups.get(run.id) }) })));
    const rows = list.map(({ id, state, createdAt, epoch, epochs, bestAccuracy, testAccuracy, name, resumable }) => [
      id,
      resumable ? `${state}, resumable` : state,
      date(createdAt),
      `${epoch}/${epochs}`,
      percent(bestAccuracy),
      percent(testAccuracy),
      name,
    ]);
    await out.text(
      list.length === 0
        ? "There are no runs yet; saccade train RUN.json starts one."
        : table(["run", "state", "started", "epochs", "best", "test", "name"], rows) + overSeedsText(list),
    );
  },
});

export const models = command({
  path: ["models"],
  summary: "Lists the trained models of the workspace.",
  positionals: [],
  options: {},
  output: "an array of model manifests with path and bytes, and overSeeds?:{count, seeds, mean, deviation, interval:{low, high}}",
  run: async ({ out, engine }) => {
    const list = await (await engine()).models.list();
    const trained = list.map((model) => ({ ...model, testAccuracy: model.metrics["testAccuracy"] }));
    const groups = overSeedsById(trained);
    await out.data(list.map((model) => ({ ...model, ...(groups.has(model.id) && { overSeeds: groups.get(model.id) }) })));
    const rows = list.map(({ id, createdAt, classes, parameters, metrics, bytes, name, spec }) => [
      id,
      spec.seed,
      date(createdAt),
      classes.length,
      parameters,
      percent(metrics["testAccuracy"]),
      formatBytes(bytes),
      name,
    ]);
    await out.text(
      list.length === 0
        ? "There are no models yet; a finished run makes one."
        : table(["model", "seed", "made", "classes", "parameters", "test", "size", "name"], rows) + overSeedsText(trained),
    );
  },
});
