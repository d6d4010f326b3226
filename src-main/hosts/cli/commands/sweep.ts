import { basename, dirname, isAbsolute, join, relative, resolve } from "node:path";
import { mkdir } from "node:fs/promises";
import type { EngineApi } from "#shared/api/engine-api.ts";
import { toErrorData } from "#shared/api/errors.ts";
import { fileError } from "#main/lib/files.ts";
import { command, PartialFailure, UsageError, type Context } from "../command.ts";
import { carryOut } from "../sweep/carry-out.ts";
import { addDatasets, datasetsForOthers, placed } from "../sweep/data.ts";
import { expandSweep, type SweepRun } from "../sweep/expand.ts";
import { freeze, runInProcesses } from "../sweep/processes.ts";
import { writeReport } from "../sweep/report.ts";
import { readResults, writeResult, type Result } from "../sweep/results.ts";
import { submit } from "../sweep/slurm.ts";
import { summarize } from "../sweep/summary.ts";
import { parseSweep, type SweepDataset, type SweepFile } from "../sweep/sweep-file.ts";
import { machineTable, textTables } from "../sweep/tables.ts";
import { percent } from "./table.ts";
import { readSpec } from "./train.ts";

/** A sweep on its way. */
interface Sweep {
  readonly file: SweepFile;
  /** The file as it was read. */
  readonly raw: Readonly<Record<string, unknown>>;
  readonly runs: readonly SweepRun[];
  readonly pending: readonly SweepRun[];
  readonly datasets: readonly SweepDataset[];
  /** Folder of the results. */
  readonly out: string;
}

const labelOf = ({ cells, seed }: Pick<SweepRun, "cells" | "seed">): string => {
  const { part, variant, at } = cells[0] ?? { part: "", variant: "", at: [] };
  return [part, variant, ...at, `seed ${seed}`].join(", ");
};

/** What is told of a finished run. */
type Line = Pick<SweepRun, "key" | "seed" | "cells"> & Pick<Result, "run" | "metrics" | "seconds" | "interrupted">;

async function tellFinished({ out }: Context, line: Line, finished: number, total: number): Promise<void> {
  const { metrics, seconds } = line;
  await out.data({ kind: "run", ...line, finished, total });
  await out.text(`${finished} of ${total}  ${labelOf(line)}: ${percent(metrics["testAccuracy"])}, ${seconds.toFixed(1)} s`);
}

/** Carries out runs one after the other in this process. Answers with how many failed. */
async function runHere(context: Context, engine: EngineApi, sweep: Sweep, pending: readonly SweepRun[]): Promise<number> {
  const { out, signal } = context;
  const total = sweep.runs.length;
  let finished = total - sweep.pending.length;
  let failed = 0;
  await addDatasets(engine, sweep.datasets);
  for (const run of pending) {
    if (signal.aborted) break;
    const { key, seed, cells } = run;
    try {
      const result = await carryOut(engine, sweep.file.name, run, signal, (event) => {
        if (event.kind === "step") out.progress(finished / total, `${labelOf(run)}, epoch ${event.epoch}`);
      });
      if (result === undefined) break;
      await writeResult(sweep.out, result);
      finished += 1;
      const { run: id, metrics, seconds, interrupted } = result;
      await tellFinished(context, { key, seed, cells, run: id, metrics, seconds, interrupted }, finished, total);
    } catch (error) {
      failed += 1;
      const data = toErrorData(error);
      out.note(`${labelOf(run)}: ${data.message}${data.hint === undefined ? "" : ` ${data.hint}`}`);
      await out.data({ kind: "failed", key, seed, cells, error: data });
    }
  }
  return failed;
}

/** The sweep for other processes: with every data set it uses, by folder. */
async function frozen(context: Context, { raw, runs, datasets, out }: Sweep): Promise<string> {
  await mkdir(out, { recursive: true }).catch((error: unknown) => {
    throw fileError(error, out, "make the folder");
  });
  return freeze(out, raw, await datasetsForOthers(await context.engine(), runs, datasets));
}

async function runInJobs(context: Context, sweep: Sweep, jobs: number): Promise<number> {
  const total = sweep.runs.length;
  let finished = total - sweep.pending.length;
  let failed = 0;
  const processes = Math.min(jobs, sweep.pending.length);
  const path = await frozen(context, sweep);
  const unwell = await runInProcesses(path, sweep.out, processes, context.signal, async (line) => {
    if (line["kind"] === "run") {
      const { kind: _kind, finished: _finished, total: _total, ...rest } = line;
      finished += 1;
      await tellFinished(context, rest as unknown as Line, finished, total);
    } else if (line["kind"] === "failed") {
      failed += 1;
      await context.out.data(line);
    }
  });
  return context.signal.aborted ? 0 : Math.max(failed, unwell);
}

/** The command as others would type it: without the folders of this machine. */
function typed(path: string, out: string | undefined, data: string | undefined, report: string): string {
  const own = (file: string): string => {
    const near = relative(process.cwd(), resolve(file));
    return near.startsWith("..") || isAbsolute(near) ? basename(file) : near;
  };
  return `saccade sweep ${own(path)}${data === undefined ? "" : " --data DIR"}${out === undefined ? "" : " --out DIR"} --report ${own(report)}`;
}

/** The runs that this process is to carry out, when it is one of several. */
function shareOf(pending: readonly SweepRun[], runs: readonly SweepRun[], index: number, of: number): readonly SweepRun[] {
  const places = new Map(runs.map(({ key }, place) => [key, place]));
  return pending.filter(({ key }) => (places.get(key) ?? 0) % of === index);
}

const integer = { type: "integer", default: 0, min: 0, max: 1_000_000 } as const;

export const sweep = command({
  path: ["sweep"],
  summary: "Carries out many runs (methods, seeds, numbers of labelled clips) and compares them in a table.",
  details: [
    "SWEEP.json holds a base run and what varies; docs/sweeps.md describes it. A run that is finished is never repeated: call the command again after an interruption, or when the file has grown.",
    "--executor slurm writes a job array and hands it to sbatch where there is one; each task carries out its share with this command. Call it with --collect afterwards for table and report.",
  ],
  positionals: [{ name: "SWEEP.json", summary: "The sweep file" }],
  options: {
    executor: {
      param: { type: "choice", default: "local", options: ["local", "slurm"], label: "Where the runs are carried out" },
      value: "WHERE",
    },
    jobs: {
      param: { ...integer, default: 1, min: 1, max: 256, label: "Processes at a time, each with a workspace of its own" },
      value: "N",
    },
    out: {
      param: { type: "path", default: "", label: "Folder of the results (default: sweeps/NAME in the workspace)" },
      value: "DIR",
      optional: true,
    },
    data: {
      param: { type: "path", default: "", label: "Where the data sets lie that the file names (default: beside the file)" },
      value: "DIR",
      optional: true,
    },
    report: {
      param: { type: "path", default: "", label: "Writes tables, plots and results into this folder" },
      value: "DIR",
      optional: true,
    },
    collect: { param: { type: "boolean", default: false, label: "Carries out nothing: table and report of what is finished" } },
    tasks: { param: { ...integer, label: "Slurm: tasks of the job array (0: one for each run)" }, value: "N" },
    sbatch: {
      param: { type: "text", default: "", label: "Slurm: a line #SBATCH of the script, such as --partition=gpu" },
      value: "OPTION",
      many: true,
    },
    index: { param: { ...integer, label: "One of several processes: which one" }, value: "I", optional: true },
    of: { param: { ...integer, default: 1, min: 1, label: "One of several processes: how many there are" }, value: "N" },
  },
  output:
    'one line per finished run {"kind":"run","key","seed","cells","metrics","seconds",…}, at the end {"kind":"table","parts":[…]}',
  run: async (context, [path = ""], { executor, jobs, out: given, data, report, collect, tasks, sbatch, index, of }) => {
    const { out, signal } = context;
    if (index !== undefined && index >= of) throw new UsageError(`--index ${index} is not below --of ${of}`);
    const raw = await readSpec(path);
    const file = parseSweep(raw);
    const runs = expandSweep(file);
    const folder = resolve(given ?? join((await (await context.engine()).workspace.info()).path, "sweeps", file.name));
    const before = await readResults(folder);
    const pending = collect ? [] : runs.filter(({ key }) => !before.has(key));
    const datasets = placed(file.datasets, resolve(data ?? dirname(path)));
    const whole: Sweep = { file, raw, runs, pending, datasets, out: folder };
    const own = index === undefined ? pending : shareOf(pending, runs, index, of);
    out.note(
      `${runs.length} runs, ${runs.filter(({ key }) => before.has(key)).length} of them finished; results are in ${folder}`,
    );
    if (executor === "slurm" && pending.length > 0) {
      const count = tasks === 0 ? runs.length : Math.min(tasks, runs.length);
      const { script, job } = await submit(file.name, await frozen(context, whole), folder, count, sbatch);
      await out.data({ kind: "submitted", script, tasks: count, ...(job !== undefined && { job }) });
      await out.text(
        job === undefined
          ? `${script}: there is no sbatch here. Hand it over on your cluster with: sbatch ${script}`
          : `${script}: job ${job}, ${count} tasks. When it is done: saccade sweep ${path} --out ${folder} --collect`,
      );
      return;
    }
    const failed =
      own.length === 0
        ? 0
        : jobs > 1 && index === undefined
          ? await runInJobs(context, whole, jobs)
          : await runHere(context, await context.engine(), whole, own);
    const summary = summarize(file, runs, await readResults(folder));
    if (report !== undefined) await writeReport(resolve(report), summary, typed(path, given, data, report));
    if (index === undefined) {
      await out.data(machineTable(summary));
      await out.text(`\n${textTables(summary)}`);
    }
    if (failed > 0 && !signal.aborted) throw new PartialFailure(`${failed} runs failed`);
  },
});
