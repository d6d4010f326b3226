import { existsSync } from "node:fs";
import { access, readdir } from "node:fs/promises";
import { join } from "node:path";
import type { ModelInfo } from "#shared/api/engine-api.ts";
import type { RunInfo } from "#shared/api/run.ts";
import type { RunCatalog } from "#shared/api/run-spec.ts";
import { toErrorData } from "#shared/api/errors.ts";
import { readSidecar } from "#main/lib/sidecar.ts";
import { createDatasets, type Datasets } from "./datasets/datasets.ts";
import { recordingFrom, wholeClip } from "./library/from-inspection.ts";
import type { Library } from "./library/library.ts";
import { openModels, type Models } from "./models/models.ts";
import { openRuns, type Runs } from "./runs/runs.ts";
import type { Settling } from "./streams/settling.ts";
import type { Workers } from "./workers.ts";
import { openWorkspace, type Workspace } from "./workspace/workspace.ts";

/** A day's backup is due soon after midnight, also in a session that lasts for weeks. */
const BACKUP_CHECK_MS = 3_600_000;
/** Files looked for at once, when the library checks what is still there. */
const CHECKS_AT_ONCE = 32;

/** Everything that belongs to the workspace that is open. */
export interface Session {
  readonly workspace: Workspace;
  readonly datasets: Datasets;
  readonly runs: Runs;
  readonly models: Models;
  /** What need not be waited for at start: missing files, takes of a crashed session, the daily backup. */
  settle(): Promise<void>;
  close(): Promise<void>;
}

export interface SessionContext {
  readonly cache: string;
  readonly workers: Workers;
  readonly settling: Settling;
  catalog(): Promise<RunCatalog>;
  onLibrary(): void;
  onNotice(): void;
  onRuns(runs: readonly RunInfo[]): void;
  onModels(models: readonly ModelInfo[]): void;
}

/** Which recordings have no file any more. */
async function missingOf(library: Library): Promise<ReadonlySet<string>> {
  const { recordings } = library.recordings({});
  const missing = new Set<string>();
  let next = 0;
  const worker = async (): Promise<void> => {
    for (let recording = recordings[next++]; recording !== undefined; recording = recordings[next++]) {
      const { id, path } = recording;
      await access(path).catch(() => missing.add(id));
    }
  };
  await Promise.all(Array.from({ length: CHECKS_AT_ONCE }, worker));
  return missing;
}

/**
 * Takes whose recording was broken off by a crash: their sidecar still says "recording", and the library does not know them. And those
 * it knows that have yet to be rewritten.
 */
async function rescueTakes(workspace: Workspace, workers: Workers, settling: Settling): Promise<void> {
  const { path, library, notice } = workspace;
  const folder = join(path, "recordings");
  if (!existsSync(folder)) return;
  for (const name of await readdir(folder)) {
    const file = join(folder, name);
    if (name.endsWith(".json")) continue;
    try {
      const known = library.byPath(file);
      const sidecar = await readSidecar(file);
      // The session ended before it had its final format.
      if (known !== undefined && sidecar?.becomes !== undefined) settling.add(workspace, known.id, file);
      // It had it, and the library was not told any more.
      const before = sidecar?.madeFrom === undefined ? undefined : library.byPath(join(folder, sidecar.madeFrom));
      if (known === undefined && before !== undefined && sidecar !== undefined && !existsSync(before.path)) {
        library.relocate(before.id, { path: file, codec: sidecar.codec, bytes: sidecar.bytes ?? before.bytes });
        continue;
      }
      if (known !== undefined || sidecar?.state !== "recording") continue;
      const recording = await recordingFrom(
        await workers.files(async (api) => api.inspect(await api.settle(file), { digest: false })),
      );
      library.add([{ ...recording, segments: wholeClip(recording) }], `Recovered ${name}`);
      notice(`The recording ${name} was broken off; what had come until then is in the library.`);
    } catch (error) {
      notice(`The recording ${name} was broken off and could not be read: ${toErrorData(error).message}`);
    }
  }
}

/** Opens a workspace with all that belongs to it. @throws AppError, and then nothing stays open. */
export async function openSession(path: string, context: SessionContext): Promise<Session> {
  const { workers, cache } = context;
  const workspace = openWorkspace(path, { onChange: () => context.onLibrary(), onNotice: () => context.onNotice() });
  try {
    const { library, readOnly } = workspace;
    const datasets = createDatasets({
      workspace: workspace.path,
      library,
      readOnly,
      find: (folder, layout) => workers.files((api) => api.findDataset(folder, layout)),
    });
    const models = await openModels(workspace.path, readOnly, (list) => context.onModels(list));
    const runs = await openRuns({
      workspace: workspace.path,
      cache,
      readOnly,
      datasets,
      workers,
      catalog: () => context.catalog(),
      onList: (list) => context.onRuns(list),
      onModel: async () => void (await models.refresh()),
    });
    let closed = false;
    const backUp = (): void => {
      if (closed) return;
      try {
        library.backUp();
      } catch (error) {
        workspace.notice(`Today's backup of the library failed: ${toErrorData(error).message}`);
      }
    };
    const timer = setInterval(backUp, BACKUP_CHECK_MS).unref();
    return {
      workspace,
      datasets,
      runs,
      models,
      settle: async () => {
        backUp();
        if (!readOnly) await rescueTakes(workspace, workers, context.settling);
        const missing = await missingOf(library);
        if (!closed) library.setMissing(missing);
      },
      close: async () => {
        closed = true;
        clearInterval(timer);
        await runs.close();
        workspace.close();
      },
    };
  } catch (error) {
    workspace.close();
    throw error;
  }
}
