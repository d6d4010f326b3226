import { mkdir } from "node:fs/promises";
import { join, resolve } from "node:path";
import type { EngineApi, LibraryState, ModelInfo, SystemStatus, WorkspaceInfo } from "#shared/api/engine-api.ts";
import { AppError, toErrorData } from "#shared/api/errors.ts";
import type { RunInfo } from "#shared/api/run.ts";
import type { Catalog } from "#shared/units/unit.ts";
import type { Host } from "#main/hosts/host.ts";
import { log } from "#main/lib/log.ts";
import { createApi } from "./api.ts";
import { copyDemo, demoAssets, hasDemo, indexDemo } from "./demo.ts";
import { createDevices, type Devices } from "./devices.ts";
import { createGuard, type PathGuard } from "./guard.ts";
import { openSession, type Session } from "./session.ts";
import { openSettings, type SettingsStore } from "./settings.ts";
import { createSettling, type Settling } from "./streams/settling.ts";
import { createStreams, type Streams } from "./streams/streams.ts";
import { createThumbnails, type Thumbnails } from "./thumbnails.ts";
import { createTopic, type Topic } from "./topic.ts";
import { createWorkers, type Workers } from "./workers.ts";

export interface EngineOptions {
  readonly host: Host;
  /** The workspace to open; else the last one, else the demo, else one of the user's own. */
  readonly workspace?: string;
  /** Where the demo ships, for tests. */
  readonly demoAssets?: string;
}

/** The application core. */
export interface Engine {
  readonly api: EngineApi;
  /** Stops runs and recordings in a way that keeps them, ends every worker, closes the workspace. */
  close(): Promise<void>;
}

/** What the parts of the engine's face share. */
export interface EngineParts {
  readonly host: Host;
  readonly workers: Workers;
  readonly streams: Streams;
  readonly settling: Settling;
  readonly devices: Devices;
  readonly thumbnails: Thumbnails;
  readonly guard: PathGuard;
  readonly settings: SettingsStore;
  readonly topics: {
    readonly library: Topic<LibraryState>;
    readonly runs: Topic<readonly RunInfo[]>;
    readonly models: Topic<readonly ModelInfo[]>;
    readonly workspace: Topic<WorkspaceInfo>;
  };
  readonly session: () => Session;
  readonly openWorkspace: (path: string) => Promise<WorkspaceInfo>;
  readonly openDemo: () => Promise<WorkspaceInfo>;
  readonly catalog: () => Promise<Catalog>;
  /** The backend that answered last, for the status bar. */
  backend: SystemStatus["backend"];
}

/** Starts the engine on a workspace. @throws AppError, for instance `workspace-locked`. */
export async function createEngine(options: EngineOptions): Promise<Engine> {
  const { host } = options;
  const assets = options.demoAssets ?? demoAssets;
  const { data, cache } = host.paths;
  await mkdir(data, { recursive: true });
  const demoPath = join(data, "demo");
  const workers = createWorkers(host);
  const settings = openSettings(data);

  let session: Session | undefined;
  const current = (): Session => {
    if (session === undefined) throw new AppError("closed", "No workspace is open");
    return session;
  };
  let revision = 0;
  const libraryState = (): LibraryState => {
    revision += 1;
    return { ...(session?.workspace.library.state() ?? { canUndo: false, canRedo: false }), revision };
  };
  const topics = {
    library: createTopic<LibraryState>({ revision: 0, canUndo: false, canRedo: false }),
    runs: createTopic<readonly RunInfo[]>([]),
    models: createTopic<readonly ModelInfo[]>([]),
    workspace: createTopic<WorkspaceInfo | undefined>(undefined),
  };
  const settling = createSettling(workers);
  const streams = createStreams({ host, workers, settling, workspace: () => current().workspace });
  const guard = createGuard(host.roots, () => [data, ...(session === undefined ? [] : [session.workspace.path])]);

  let catalog: Promise<Catalog> | undefined;
  const readCatalog = (): Promise<Catalog> => {
    catalog ??= (async () => {
      const [stream, compute] = await Promise.all([
        workers.files((api) => api.catalog()),
        workers.compute().then((worker) => worker.api.catalog()),
      ]);
      return { ...stream, ...compute };
    })();
    const asked = catalog;
    asked.catch(() => {
      if (catalog === asked) catalog = undefined;
    });
    return asked;
  };

  const publishWorkspace = async (): Promise<WorkspaceInfo> => {
    const info = await current().workspace.info();
    topics.workspace.set(info);
    return info;
  };
  const warn = (error: unknown): void => log("warning", "engine", toErrorData(error).message);
  const republish = (): void => {
    if (session !== undefined) publishWorkspace().catch(warn);
  };
  const open = async (path: string): Promise<Session> => {
    const opened = await openSession(path, {
      cache,
      workers,
      settling,
      catalog: readCatalog,
      onLibrary: () => topics.library.set(libraryState()),
      onNotice: republish,
      onRuns: (runs) => topics.runs.set(runs),
      onModels: (models) => topics.models.set(models),
    });
    for (const notice of settings.notices) opened.workspace.notice(notice);
    return opened;
  };
  /** Makes it the one that is open. */
  const adopt = async (opened: Session): Promise<WorkspaceInfo> => {
    const before = session;
    await streams.closeAll();
    await settling.leave();
    session = opened;
    await before?.close();
    topics.library.set(libraryState());
    topics.runs.set(opened.runs.list());
    topics.models.set(opened.models.list());
    opened.settle().catch(warn);
    return publishWorkspace();
  };

  let switching: Promise<unknown> = Promise.resolve();
  /** One change of workspace at a time: two at once would each close what the other has just opened. */
  const inTurn = <T>(work: () => Promise<T>): Promise<T> => {
    const turn = switching.then(work, work);
    switching = turn.catch(() => undefined); // the caller of that turn is told
    return turn;
  };
  const openWorkspaceNow = async (path: string): Promise<WorkspaceInfo> => {
    const wanted = resolve(path);
    if (session !== undefined) {
      if (session.workspace.path === wanted) return publishWorkspace();
      if (session.runs.active || streams.recording() !== undefined) {
        throw new AppError("busy", `${session.runs.active ? "A run" : "A recording"} is under way in this workspace`, {
          hint: "Stop it, then open the other workspace.",
        });
      }
    }
    return adopt(await open(wanted));
  };
  const openDemoNow = async (): Promise<WorkspaceInfo> => {
    if (session?.workspace.path === demoPath) return publishWorkspace();
    if (!hasDemo(assets)) throw new AppError("not-found", "This installation has no demo", { hint: "Install Saccade again." });
    await copyDemo(demoPath, assets);
    const info = await openWorkspaceNow(demoPath);
    const { workspace, datasets, models } = current();
    await indexDemo(demoPath, workspace.library, datasets, (path) =>
      workers.files((api) => api.inspect(path, { digest: false })).then(({ codec }) => codec),
    );
    await models.refresh();
    return info;
  };

  const parts: EngineParts = {
    host,
    workers,
    streams,
    settling,
    devices: createDevices(workers, streams),
    thumbnails: createThumbnails(cache, workers),
    guard,
    settings,
    topics: topics as EngineParts["topics"], // a workspace is open before anybody can ask
    session: current,
    openWorkspace: (path) =>
      inTurn(async () => {
        const info = await openWorkspaceNow(path);
        await settings.set({ lastWorkspace: info.path });
        return info;
      }),
    openDemo: () =>
      inTurn(async () => {
        const info = await openDemoNow();
        await settings.set({ lastWorkspace: info.path });
        return info;
      }),
    catalog: readCatalog,
    backend: undefined,
  };

  /** The last workspace if it is still there, else the demo, else a new one of the user's own. */
  const openFirst = async (): Promise<void> => {
    if (options.workspace !== undefined) return void (await openWorkspaceNow(options.workspace));
    const last = settings.get().lastWorkspace;
    let lost: string | undefined;
    if (last !== undefined && last !== demoPath) {
      try {
        return void (await openWorkspaceNow(last));
      } catch (error) {
        const { code, message } = toErrorData(error);
        if (code === "workspace-locked") throw error;
        lost = message;
      }
    }
    await (hasDemo(assets) ? openDemoNow() : openWorkspaceNow(join(data, "workspace")));
    if (lost === undefined) return;
    current().workspace.notice(`The last workspace could not be opened: ${lost}`);
  };

  const close = async (): Promise<void> => {
    await inTurn(async () => {
      await streams.closeAll();
      await settling.leave();
      await session?.close();
      session = undefined;
      await workers.close();
      for (const topic of Object.values(topics)) topic.close();
    });
  };
  try {
    await inTurn(openFirst);
  } catch (error) {
    await close();
    throw error;
  }
  return { api: createApi(parts), close };
}
