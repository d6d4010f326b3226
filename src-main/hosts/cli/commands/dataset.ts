import { resolve } from "node:path";
import type { DatasetInfo } from "#shared/api/engine-api.ts";
import { command, UsageError } from "../command.ts";
import { formatBytes, formatCount } from "../values.ts";
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

const countOf = (count: number, noun: string): string => `${formatCount(count)} ${noun}${count === 1 ? "" : "s"}`;

/** The parts the data set declares, and what that means for a run. */
function splitOf({ parts, samples }: DatasetInfo): string {
  const declared = Object.entries(parts).map(([part, count]) => `${part} ${formatCount(count)}`);
  if (declared.length === 0) return "none declared; runs draw one";
  const rest = samples - Object.values(parts).reduce((sum, count) => sum + count, 0);
  return `${[...declared, ...(rest > 0 ? [`undeclared ${formatCount(rest)}`] : [])].join(", ")} (used with split.by "layout")`;
}

function forPeople(info: DatasetInfo): string {
  const { name, layout, kind, classes, samples, sensor, root, warnings, perClass, pairing } = info;
  const size = sensor === undefined ? "" : `, ${sensor.width} × ${sensor.height}`;
  return [
    `${name}: ${countOf(samples, kind === "events" ? "recording" : "picture")} of ${classes.length} ${classes.length === 1 ? "class" : "classes"}${size} (${layout})`,
    `  folder  ${root}`,
    `  split   ${splitOf(info)}`,
    ...(pairing === undefined ? [] : [`  pairs   ${kind === "events" ? "filmed from" : "the pictures of"} ${pairing.pictures}`]),
    ...(info.generated ? ["  made by a generator, not by a camera"] : []),
    table(
      ["  class", "samples"],
      classes.map((label, i) => [`  ${label}`, perClass[i] ?? 0]),
    ),
    ...warnings.map((warning) => `  note    ${warning}`),
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

export const datasetExport = command({
  path: ["dataset", "export"],
  summary: "Writes the recordings of a data set as files of their own, with a table of labels.",
  details: [
    "Clips of long recordings are cut out and begin at time zero; recordings that cannot be read are left out and named.",
    "DIR must not exist or be empty; it appears when everything is in it.",
  ],
  positionals: [
    { name: "NAME", summary: "Its name" },
    { name: "DIR", summary: "The folder to write" },
  ],
  options: {
    as: {
      param: {
        type: "text",
        default: "folder-per-class",
        label: "folder-per-class, n-mnist (Train/0/00001.bin), or the id of a format in a folder for each class",
      },
      value: "ID",
    },
    codec: {
      param: { type: "text", default: "", label: "Format of the files (default: prophesee-raw, for n-mnist nmnist-bin)" },
      value: "ID",
      optional: true,
    },
  },
  output: "{folder, files, events, bytes, warnings:[…]}",
  run: async ({ out, engine, signal }, [name = "", folder = ""], { as, codec }) => {
    const layouts = ["folder-per-class", "n-mnist"] as const;
    const layout = layouts.find((known) => known === as);
    if (layout === undefined && codec !== undefined) {
      throw new UsageError(`--as is "${as}", expected ${layouts.join(" or ")} where --codec is given`);
    }
    const format = codec ?? (layout === undefined ? as : undefined);
    const options = { as: layout ?? "folder-per-class", ...(format === undefined ? {} : { codec: format }) } as const;
    for await (const step of (await engine()).datasets.export(name, resolve(folder), options)) {
      signal.throwIfAborted(); // leaving the feed takes away what has been written
      if (step.kind === "progress") {
        out.progress(step.done / step.total, `${formatCount(step.done)} of ${formatCount(step.total)} recordings`);
        continue;
      }
      const { folder: place, files, events, bytes, warnings } = step;
      await out.data({ folder: place, files, events, bytes, warnings });
      await out.text(
        [
          `${place}: ${countOf(files, "recording")}, ${formatCount(events)} events, ${formatBytes(bytes)}`,
          ...warnings.map((warning) => `  ${warning}`),
        ].join("\n"),
      );
    }
  },
});
