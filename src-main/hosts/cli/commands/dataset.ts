import { resolve } from "node:path";
import type { DatasetInfo } from "#shared/api/engine-api.ts";
import { command } from "../command.ts";
import { table } from "./table.ts";

/** What programs are told of a data set. */
const summaryOf = ({ name, layout, kind, classes, samples, sensor, warnings }: DatasetInfo): object => ({
  name,
  layout,
  kind,
  classes,
  samples,
  ...(sensor === undefined ? {} : { sensor }),
  warnings,
});

function forPeople(info: DatasetInfo): string {
  const { name, layout, kind, classes, samples, sensor, root, warnings, perClass } = info;
  const size = sensor === undefined ? "" : `, ${sensor.width} × ${sensor.height}`;
  return [
    `${name}: ${samples} ${kind === "events" ? "recordings" : "pictures"} of ${classes.length} classes${size} (${layout})`,
    `  folder  ${root}`,
    ...(info.generated ? ["  made by a generator, not by a camera"] : []),
    table(
      ["  class", "samples"],
      classes.map((label, i) => [`  ${label}`, perClass[i] ?? 0]),
    ),
    ...warnings.map((warning) => `  ${warning}`),
  ].join("\n");
}

export const datasetAdd = command({
  path: ["dataset", "add"],
  summary: "Registers a folder of labelled recordings or pictures in the workspace.",
  details: ["The files stay where they are. The layout is detected when it is not given."],
  positionals: [{ name: "PATH", summary: "The folder, or the file of an image set" }],
  options: {
    name: {
      param: { type: "text", default: "", label: "Name in run files (default: the folder's)" },
      value: "NAME",
      optional: true,
    },
    layout: {
      param: { type: "text", default: "", label: "Layout of the folder; saccade units datasets lists them" },
      value: "ID",
      optional: true,
    },
  },
  output: '{name, layout, kind:"events"|"images", classes:[…], samples, sensor?, warnings:[…]}',
  run: async ({ out, engine }, [path = ""], { name, layout }) => {
    const full = resolve(path);
    const chosen = name ?? full.split(/[/\\]/).filter(Boolean).at(-1) ?? "data";
    const added = await (await engine()).datasets.add(full, { name: chosen, ...(layout === undefined ? {} : { layout }) });
    await out.data(summaryOf(added));
    await out.text(forPeople(added));
  },
});

export const datasetList = command({
  path: ["dataset", "list"],
  summary: "Lists the data sets of the workspace.",
  positionals: [],
  options: {},
  output: "an array of what dataset add prints",
  run: async ({ out, engine }) => {
    const list = await (await engine()).datasets.list();
    await out.data(list.map(summaryOf));
    const rows = list.map(({ name, kind, layout, samples, classes, root }) => [
      name,
      kind,
      layout,
      samples,
      classes.length,
      root,
    ]);
    await out.text(
      list.length === 0
        ? "There are no data sets yet; saccade dataset add PATH registers one."
        : table(["name", "kind", "layout", "samples", "classes", "folder"], rows),
    );
  },
});

export const datasetShow = command({
  path: ["dataset", "show"],
  summary: "Shows one data set.",
  positionals: [{ name: "NAME", summary: "Its name" }],
  options: {},
  output: "what dataset add prints, with root, perClass, parts and fingerprint",
  run: async ({ out, engine }, [name = ""]) => {
    const shown = await (await engine()).datasets.show(name);
    const { root, perClass, parts, fingerprint } = shown;
    await out.data({ ...summaryOf(shown), root, perClass, parts, fingerprint });
    await out.text(forPeople(shown));
  },
});
