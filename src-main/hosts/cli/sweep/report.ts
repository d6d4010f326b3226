import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { deviation, mean } from "#shared/api/statistics.ts";
import { fileError, writeAtomic } from "#main/lib/files.ts";
import { linePlot, type LinePlot } from "./plot.ts";
import type { Result } from "./results.ts";
import { baselineOf, cellAt, type CellSummary, type PartSummary, type SweepSummary } from "./summary.ts";
import { accuracyText, columnHeads, columnsLabel, differenceText } from "./tables.ts";
import type { Curve, Variant } from "./sweep-file.ts";

/*
 * A sweep as a folder of Markdown, plots and numbers. Everything in it comes from the sweep file and the results, so it can be
 * made at any moment and never says more than has been measured.
 */

const cell = (text: string): string => text.replaceAll("|", "\\|");
const row = (cells: readonly string[]): string => `| ${cells.map(cell).join(" | ")} |`;
const markdownTable = (head: readonly string[], rows: readonly (readonly string[])[]): string =>
  [row(head), row(head.map(() => "---")), ...rows.map(row)].join("\n");

/** `a, b and c` */
const words = (list: readonly string[]): string =>
  list.length < 2 ? list.join("") : `${list.slice(0, -1).join(", ")} and ${list.at(-1) ?? ""}`;

function duration(seconds: number): string {
  if (seconds < 90) return `${seconds.toFixed(1)} s`;
  return seconds < 5400 ? `${(seconds / 60).toFixed(0)} min` : `${(seconds / 3600).toFixed(1)} h`;
}

const distinct = (values: readonly string[]): readonly string[] => [...new Set(values)];

/** Values that were the same in all runs as one number, else their range. */
function spanOf(values: readonly number[]): string {
  const [low, high] = [Math.min(...values), Math.max(...values)];
  return low === high ? String(low) : `${low} to ${high}`;
}

function howItWasMade({ results, finished, total }: SweepSummary, command: string): readonly string[] {
  const machines = distinct(
    results.map(
      ({ machine: { processor, cores, memoryBytes, node, platform } }) =>
        `${processor}, ${cores} cores, ${(memoryBytes / 2 ** 30).toFixed(0)} GiB, ${platform}, Node ${node}`,
    ),
  );
  const backends = distinct(results.map(({ backend: { id, device } }) => `${id} (${device})`));
  const seconds = results.filter(({ interrupted }) => interrupted === 0).map((result) => result.seconds);
  const whole = results.reduce((sum, result) => sum + result.seconds, 0);
  const days = results.map(({ finishedAt }) => new Date(finishedAt).toISOString().slice(0, 10)).toSorted();
  return [
    "## How it was made",
    "",
    "```",
    command,
    "```",
    "",
    `${finished} of ${total} runs are finished. ${results.length === 0 ? "" : `They took ${duration(whole)} in all${seconds.length === 0 ? "" : `, ${duration(mean(seconds))} each on average`}; ${words(distinct([days[0] ?? "", days.at(-1) ?? ""]))}.`}`,
    ...(machines.length > 0 ? ["", `- Computed on: ${machines.join("; ")}`, `- Backend: ${backends.join("; ")}`] : []),
    "- Every number and plot here is made from `results.json` by the command; none is typed by hand. Times are wall-clock times of a machine that may have had other work.",
    "- ± is the standard deviation over seeds. Each seed is another choice of labelled clips, other weights and another order, the same for all methods; differences are",
    "  therefore taken seed by seed, and their 95 % interval is that of Student's t over seeds. Intervals are not corrected for the number of comparisons.",
  ];
}

/** What the runs of a part have in common, from their records. */
function factsOf({ cells }: PartSummary): string | undefined {
  const results = cells.flatMap((entry) => entry.results.map(({ result }) => result));
  if (results.length === 0) return undefined;
  const of = (pick: (result: Result) => number | undefined): string => spanOf(results.flatMap((result) => pick(result) ?? []));
  const pictures = results.filter(({ data }) => data.source > 0);
  const shown =
    pictures.length === 0
      ? ""
      : `; ${spanOf(pictures.map(({ data }) => data.source))} pictures where a method uses them, ${spanOf(pictures.map(({ data }) => data.excludedSource))} originals of held-out clips left out`;
  return `${of(({ data }) => data.train)} training clips, ${of(({ data }) => data.validation)} for validation, ${of(({ data }) => data.test)} test clips${shown}. ${of(({ steps }) => steps)} steps a run.`;
}

/** Who is above its baseline, where, and who is not: in words that follow from the intervals. */
function verdict(summary: PartSummary, variant: Variant, against: string): string {
  const heads = columnHeads(summary);
  const above: string[] = [];
  const open: string[] = [];
  const below: string[] = [];
  for (const [index, at] of summary.columns.entries()) {
    const difference = cellAt(summary, variant.id, at)?.difference;
    if (difference === undefined) continue;
    (difference.low > 0 ? above : difference.high < 0 ? below : open).push(heads[index] ?? "");
  }
  const at = (list: readonly string[]): string => (summary.columns.length > 1 ? ` at ${words(list)}` : "");
  const said = [
    ...(above.length > 0 ? [`above it${at(above)}`] : []),
    ...(open.length > 0 ? [`not told apart from it${at(open)}`] : []),
    ...(below.length > 0 ? [`below it${at(below)}`] : []),
  ];
  return `- **${variant.label}** against ${against}: ${said.length === 0 ? "too few seeds to say" : said.join("; ")}.`;
}

function costTable({ part, cells }: PartSummary): string {
  const rows = part.variants.flatMap((variant) => {
    const results = cells
      .filter((entry) => entry.variant === variant.id)
      .flatMap((entry) => entry.results.map(({ result }) => result));
    if (results.length === 0) return [];
    const average = (name: string): number => mean(results.map(({ metrics }) => metrics[name] ?? 0));
    return [
      [
        variant.label,
        duration(mean(results.map(({ seconds }) => seconds))),
        average("spikesPerDecision").toFixed(0),
        (average("synapticOperations") / 1e6).toFixed(2),
        average("energyMicrojoule").toFixed(2),
      ],
    ];
  });
  return markdownTable(["", "Time of a run", "Spikes a decision", "Million synaptic operations", "Estimated energy, µJ"], rows);
}

interface Plot {
  readonly name: string;
  readonly plot: LinePlot;
}

const percent = (value: number): number => 100 * value;

function accuracyPlot(summary: PartSummary): Plot {
  const { part, columns } = summary;
  const point = (found: CellSummary | undefined) =>
    found?.mean === undefined
      ? undefined
      : {
          y: percent(found.mean),
          ...(found.results.length > 1 && {
            low: percent(found.mean - (found.deviation ?? 0)),
            high: percent(found.mean + (found.deviation ?? 0)),
          }),
        };
  return {
    name: `${part.id}-accuracy.svg`,
    plot: {
      title: part.title,
      xLabel: columnsLabel(summary),
      yLabel: "Test accuracy, % (bars: ± std)",
      positions: columnHeads(summary),
      series: part.variants.map((variant) => ({
        label: variant.label,
        points: columns.map((at) => point(cellAt(summary, variant.id, at))),
      })),
    },
  };
}

/** Differences from the baseline with their intervals: a line that stays above zero is what counts. */
function differencePlot(summary: PartSummary): Plot | undefined {
  const { part, columns } = summary;
  const compared = part.variants.filter((variant) => baselineOf(part, variant) !== undefined);
  const series = compared.map((variant) => ({
    label: variant.label,
    color: part.variants.indexOf(variant),
    points: columns.map((at) => {
      const difference = cellAt(summary, variant.id, at)?.difference;
      return difference && { y: percent(difference.mean), low: percent(difference.low), high: percent(difference.high) };
    }),
  }));
  if (series.every(({ points }) => points.every((point) => point === undefined))) return undefined;
  return {
    name: `${part.id}-difference.svg`,
    plot: {
      title: `${part.title}: above the baseline`,
      xLabel: columnsLabel(summary),
      yLabel: "Points of accuracy (bars: 95 %)",
      positions: columnHeads(summary),
      series,
      level: 0,
    },
  };
}

/** A number over the epochs, for all variants that record it, at one column. */
function curvePlot(summary: PartSummary, curve: Curve, column: number): Plot | undefined {
  const { part, columns } = summary;
  const at = columns[column] ?? [];
  const head = columnHeads(summary)[column] ?? "";
  const series = part.variants.flatMap((variant, color) => {
    const lists = (cellAt(summary, variant.id, at)?.results ?? []).flatMap(({ result }) => {
      const list = result.epochs[curve.metric];
      return list === undefined ? [] : [list];
    });
    if (lists.length === 0) return [];
    const epochs = Math.min(...lists.map(({ length }) => length));
    return [
      {
        label: variant.label,
        color,
        points: Array.from({ length: epochs }, (_, epoch) => {
          const values = lists.map((list) => list[epoch] ?? 0);
          const [middle, spread] = [mean(values), deviation(values)];
          return { y: middle, ...(values.length > 1 && { low: middle - spread, high: middle + spread }) };
        }),
      },
    ];
  });
  if (series.length === 0) return undefined;
  const longest = Math.max(...series.map(({ points }) => points.length));
  const suffix = columns.length > 1 ? `-${head.replaceAll(/[^a-z0-9]+/gi, "-")}` : "";
  return {
    name: `${part.id}-${curve.metric.replaceAll(/[^a-z0-9]+/gi, "-")}${suffix}.svg`,
    plot: {
      title: `${curve.label}${head === "" ? "" : `, ${columnsLabel(summary)}: ${head}`}`,
      xLabel: "Epoch",
      yLabel: "Mean over seeds (bars: ± std)",
      positions: Array.from({ length: longest }, (_, epoch) => String(epoch + 1)),
      series,
    },
  };
}

function plotsOf(summary: PartSummary): { readonly top: readonly Plot[]; readonly curves: readonly Plot[] } {
  const difference = differencePlot(summary);
  const chosen = (curve: Curve): readonly number[] =>
    columnHeads(summary).flatMap((head, index) => (curve.at === undefined || curve.at.includes(head) ? [index] : []));
  return {
    top: [...(summary.part.axes.length > 0 ? [accuracyPlot(summary)] : []), ...(difference === undefined ? [] : [difference])],
    curves: summary.part.curves.flatMap((curve) => chosen(curve).flatMap((column) => curvePlot(summary, curve, column) ?? [])),
  };
}

const image = ({ name, plot }: Plot): string => `![${plot.title}](${name})`;

function partLines(summary: PartSummary): readonly string[] {
  const { part, columns } = summary;
  const heads = columnHeads(summary).map((head) => (head === "" ? "Test accuracy, %" : head));
  const { top, curves } = plotsOf(summary);
  const labelOf = (id: string | undefined): string => part.variants.find((variant) => variant.id === id)?.label ?? "";
  const cells = (text: (found: CellSummary | undefined) => string, variant: Variant): readonly string[] =>
    columns.map((at) => text(cellAt(summary, variant.id, at)));
  const compared = part.variants.filter((variant) => baselineOf(part, variant) !== undefined);
  const facts = factsOf(summary);
  const by = columnsLabel(summary) === "" ? "" : `, by ${columnsLabel(summary).toLowerCase()}`;
  const lines = [`## ${part.title}`, "", ...part.text.flatMap((paragraph) => [paragraph, ""])];
  if (facts !== undefined) lines.push(facts, "");
  lines.push(`Test accuracy in per cent, mean ± standard deviation over ${part.seeds.length} seeds${by}:`, "");
  lines.push(
    markdownTable(
      ["", ...heads],
      part.variants.map((variant) => [variant.label, ...cells((found) => accuracyText(found, part.seeds.length), variant)]),
    ),
    "",
  );
  if (compared.length > 0) {
    lines.push("Points above the baseline, paired by seed, with the 95 % interval:", "");
    lines.push(
      markdownTable(
        ["", "Baseline", ...heads],
        compared.map((variant) => [variant.label, labelOf(baselineOf(part, variant)), ...cells(differenceText, variant)]),
      ),
      "",
      "In words, by whether the interval contains zero:",
      "",
      ...compared.map((variant) => verdict(summary, variant, labelOf(baselineOf(part, variant)))),
      "",
    );
  }
  lines.push(
    ...top.flatMap((plot) => [image(plot), ""]),
    "What a run and a decision cost, mean over all columns:",
    "",
    costTable(summary),
    "",
  );
  lines.push(...curves.flatMap((plot) => [image(plot), ""]));
  return lines;
}

/** The report as text. `command` is what was typed, as others would type it. */
export const reportText = (summary: SweepSummary, command: string): string =>
  `${[
    `# ${summary.file.title}`,
    "",
    "<!-- Made by saccade sweep; what is changed here is lost at the next call. -->",
    "",
    ...summary.file.text.flatMap((paragraph) => [paragraph, ""]),
    ...howItWasMade(summary, command),
    "",
    ...summary.parts.flatMap(partLines),
  ]
    .join("\n")
    .trimEnd()}\n`;

/** Writes README.md, its plots and results.json into a folder. */
export async function writeReport(folder: string, summary: SweepSummary, command: string): Promise<void> {
  await mkdir(folder, { recursive: true }).catch((error: unknown) => {
    throw fileError(error, folder, "make the folder");
  });
  const plots = summary.parts.flatMap((part) => {
    const { top, curves } = plotsOf(part);
    return [...top, ...curves];
  });
  for (const { name, plot } of plots) await writeAtomic(join(folder, name), linePlot(plot));
  const lines = summary.results.map((result) => JSON.stringify(result)).join(",\n");
  await writeAtomic(join(folder, "results.json"), `[\n${lines}\n]\n`);
  await writeAtomic(join(folder, "README.md"), reportText(summary, command));
}
