import { isAbsolute, resolve } from "node:path";
import type { EngineApi } from "#shared/api/engine-api.ts";
import { AppError } from "#shared/api/errors.ts";
import type { SweepRun } from "./expand.ts";
import type { SweepDataset } from "./sweep-file.ts";

/** Folders of a sweep file made absolute. */
export const placed = (datasets: readonly SweepDataset[], folder: string): readonly SweepDataset[] =>
  datasets.map((dataset) => ({
    ...dataset,
    folder: isAbsolute(dataset.folder) ? dataset.folder : resolve(folder, dataset.folder),
  }));

/** Makes the data sets of a sweep known to the workspace, those that are not yet. */
export async function addDatasets(engine: EngineApi, datasets: readonly SweepDataset[]): Promise<void> {
  const known = new Set((await engine.datasets.list()).map(({ name }) => name));
  for (const { name, folder, layout } of datasets) {
    if (!known.has(name)) await engine.datasets.add(folder, { name, ...(layout !== undefined && { layout }) });
  }
}

const nameIn = (value: unknown, field: string): readonly string[] => {
  const name = typeof value === "object" && value !== null ? (value as Record<string, unknown>)[field] : undefined;
  return typeof name === "string" ? [name] : [];
};

/** Names of the data sets that runs use. */
const usedBy = (runs: readonly SweepRun[]): readonly string[] => [
  ...new Set(runs.flatMap(({ spec }) => [...nameIn(spec["dataset"], "name"), ...nameIn(spec["source"], "dataset")])),
];

/**
 * The data sets of a sweep for workspaces of other processes: all that is used, with its folder.
 * @throws AppError `bad-spec` for labelled clips of this workspace, which no other one has.
 */
export async function datasetsForOthers(
  engine: EngineApi,
  runs: readonly SweepRun[],
  declared: readonly SweepDataset[],
): Promise<readonly SweepDataset[]> {
  const others: SweepDataset[] = [...declared];
  for (const name of usedBy(runs)) {
    if (declared.some((dataset) => dataset.name === name)) continue;
    const { layout, root } = await engine.datasets.show(name);
    if (layout === "workspace") {
      throw new AppError(
        "bad-spec",
        `The labelled clips of this workspace ("${name}") are not there for several processes at once`,
        {
          hint: `Write them out with saccade dataset export ${name} DIR --as folder-per-class and name that folder in the sweep file, or carry out the sweep with --jobs 1.`,
        },
      );
    }
    others.push({ name, folder: root, layout });
  }
  return others;
}
