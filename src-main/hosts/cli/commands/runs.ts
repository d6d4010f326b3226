import { command } from "../command.ts";
import { formatBytes } from "../values.ts";
import { date, percent, table } from "./table.ts";

export const runs = command({
  path: ["runs"],
  summary: "Lists the runs of the workspace.",
  positionals: [],
  options: {},
  output: "an array of {id, name, state, createdAt, epoch, epochs, bestAccuracy?, testAccuracy?, model?, resumable, spec}",
  run: async ({ out, engine }) => {
    const list = await (await engine()).runs.list();
    await out.data(list);
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
        : table(["run", "state", "started", "epochs", "best", "test", "name"], rows),
    );
  },
});

export const models = command({
  path: ["models"],
  summary: "Lists the trained models of the workspace.",
  positionals: [],
  options: {},
  output: "an array of model manifests with path and bytes",
  run: async ({ out, engine }) => {
    const list = await (await engine()).models.list();
    await out.data(list);
    const rows = list.map(({ id, createdAt, classes, parameters, metrics, bytes, name }) => [
      id,
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
        : table(["model", "made", "classes", "parameters", "test", "size", "name"], rows),
    );
  },
});
