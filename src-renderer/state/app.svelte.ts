import { createContext } from "svelte";
import type { AboutInfo, EngineApi, LibraryState, Settings, SystemStatus, WorkspaceInfo } from "#shared/api/engine-api.ts";
import { toAppError, type AppError } from "#shared/api/errors.ts";
import type { RunInfo } from "#shared/api/run.ts";
import type { DeviceInfo } from "#shared/api/devices.ts";
import type { RecordedCamera, StreamStatus } from "#shared/api/stream-api.ts";
import type { Remote } from "#shared/channel/channel.ts";
import type { Catalog } from "#shared/units/unit.ts";
import type { Client } from "#renderer/client.ts";
import { Commands } from "./commands.svelte.ts";
import { Importer } from "./import.svelte.ts";
import { Router } from "./route.svelte.ts";
import { Shortcuts } from "./shortcuts.svelte.ts";
import { Toasts } from "./toasts.svelte.ts";

export type Engine = Remote<EngineApi>;
export type Connection = "connecting" | "open" | "lost";

/** A fault that stays until it is dealt with. */
export type Fault = { readonly id: number; readonly title: string; readonly detail?: string; readonly details?: string };

/** What a page reports to the status bar about the stream it shows. */
export type StreamNote = {
  readonly label: string;
  readonly virtual: boolean;
  readonly mark?: string;
  readonly status: StreamStatus;
};

const RETRY_MS = [300, 600, 1_200, 2_500, 5_000] as const;

const defaultSettings: Settings = {
  version: 1,
  theme: "system",
  palette: "amber-blue",
  backend: "auto",
  singleKeys: true,
  reducedMotion: false,
  tourStep: 0,
  ui: {},
};

/** What every page knows: the line to the engine, what is going on, and the small services of the window. */
export class App {
  readonly client: Client;
  readonly router = new Router();
  readonly toasts = new Toasts();
  readonly commands = new Commands();
  readonly shortcuts = new Shortcuts();
  readonly importer = new Importer(this);

  /** Undefined until the first connection; replaced after a reconnect. Effects that use it run again then. */
  engine = $state.raw<Engine | undefined>();
  connection = $state<Connection>("connecting");
  connectionError = $state.raw<AppError | undefined>();
  about = $state.raw<AboutInfo | undefined>();
  catalog = $state.raw<Catalog | undefined>();
  workspace = $state.raw<WorkspaceInfo | undefined>();
  settings = $state.raw<Settings>(defaultSettings);
  status = $state.raw<SystemStatus | undefined>();
  devices = $state.raw<readonly DeviceInfo[]>([]);
  runs = $state.raw<readonly RunInfo[]>([]);
  library = $state.raw<LibraryState>({ revision: 0, canUndo: false, canRedo: false });
  faults = $state.raw<readonly Fault[]>([]);
  /** Set by the page that shows a stream. */
  stream = $state.raw<StreamNote | undefined>();
  /** Settings that a recording was made with, and that the camera is to get. */
  wantedSettings = $state.raw<{ readonly name: string; readonly camera: RecordedCamera } | undefined>();
  /** For presenting: brighter inks and a larger scale, for this window only. */
  projector = $state(false);
  /** What is open above the page. */
  overlay = $state<"palette" | "shortcuts" | "help" | "settings" | "cameras" | undefined>();

  readonly theme = $derived(this.projector ? "projector" : this.settings.theme);
  readonly running = $derived(this.runs.find((run) => run.state === "running"));
  readonly recording = $derived(this.status?.recording !== undefined || this.stream?.status.recording !== undefined);

  #closed = new AbortController();
  #nextFault = 1;

  constructor(client: Client) {
    this.client = client;
  }

  /** The engine, for what a user asks for; says so when there is none. */
  use(): Engine {
    if (this.engine === undefined || this.connection !== "open")
      throw toAppError(this.connectionError ?? new Error("Not connected"));
    return this.engine;
  }

  /** Connects and stays connected until `close`. */
  async run(): Promise<void> {
    for (let attempt = 0; !this.#closed.signal.aborted; attempt++) {
      try {
        const { api, onClose } = await this.client.openEngine();
        const ended = new Promise<string>((resolve) => onClose(resolve));
        await this.#begin(api);
        attempt = 0;
        const reason = await ended;
        this.connection = "lost";
        this.connectionError = toAppError(new Error(reason));
      } catch (error) {
        this.connectionError = toAppError(error);
        if (this.connection === "open") this.connection = "lost";
      }
      const pause = RETRY_MS[Math.min(attempt, RETRY_MS.length - 1)] ?? 5_000;
      await new Promise((resolve) => setTimeout(resolve, pause));
    }
  }

  async #begin(api: Engine): Promise<void> {
    const [about, workspace, settings] = await Promise.all([api.about(), api.workspace.info(), api.settings.get()]);
    this.about = about;
    this.workspace = workspace;
    this.#takeSettings(settings);
    this.connection = "open";
    this.connectionError = undefined;
    this.engine = api;
    api.catalog().then(
      (catalog) => (this.catalog = catalog),
      (error: unknown) => this.fail(error),
    );
    const watch = <T>(items: AsyncIterable<T>, take: (item: T) => void): void => void this.#watch(items, take);
    watch(api.settings.watch(), (item) => this.#takeSettings(item));
    watch(api.workspace.watch(), (item) => (this.workspace = item));
    watch(api.status(), (item) => (this.status = item));
    watch(api.devices.watch(), (item) => (this.devices = item));
    watch(api.runs.watchList(), (item) => (this.runs = item));
    watch(api.library.watch(), (item) => (this.library = item));
  }

  async #watch<T>(items: AsyncIterable<T>, take: (item: T) => void): Promise<void> {
    try {
      for await (const item of items) take(item);
    } catch (error) {
      // The end of the line is told once, by the connection.
      if (toAppError(error).code !== "closed") this.fail(error);
    }
  }

  #takeSettings(settings: Settings): void {
    this.settings = settings;
    this.shortcuts.singleKeys = settings.singleKeys;
  }

  /** Changes settings; shown at once, written by the engine. */
  async set(patch: Partial<Settings>): Promise<void> {
    this.#takeSettings({ ...this.settings, ...patch });
    try {
      this.#takeSettings(await this.use().settings.set(patch));
    } catch (error) {
      this.fail(error);
    }
  }

  /** A small thing a page remembers: a column width, a last choice. */
  remembered(key: string, fallback: string): string;
  remembered(key: string, fallback: number): number;
  remembered(key: string, fallback: boolean): boolean;
  remembered(key: string, fallback: string | number | boolean): string | number | boolean {
    const value = this.settings.ui[key];
    return typeof value === typeof fallback && value !== undefined ? value : fallback;
  }

  remember(key: string, value: string | number | boolean): void {
    void this.set({ ui: { ...this.settings.ui, [key]: value } });
  }

  /** Shows what went wrong where the user sees it. Aborted work is no fault. */
  fail(error: unknown): void {
    const { code, message, hint } = toAppError(error);
    if (code === "internal") console.error(error);
    if (code === "aborted" || this.faults.some((fault) => fault.title === message)) return;
    this.faults = [
      ...this.faults,
      { id: this.#nextFault++, title: message, ...(hint === undefined ? {} : { detail: hint }), details: `${code}: ${message}` },
    ].slice(-3);
  }

  dismissFault(id: number): void {
    this.faults = this.faults.filter((fault) => fault.id !== id);
  }

  /** Runs what a user asked for; a failure becomes a banner. The answer is undefined then. */
  async attempt<T>(action: (engine: Engine) => Promise<T>): Promise<T | undefined> {
    try {
      return await action(this.use());
    } catch (error) {
      this.fail(error);
      return undefined;
    }
  }

  /** Edits the library's labels and offers the way back. */
  async edit(edit: Parameters<EngineApi["library"]["edit"]>[0]): Promise<readonly string[] | undefined> {
    const result = await this.attempt((engine) => engine.library.edit(edit));
    if (result === undefined) return undefined;
    this.toasts.show(result.label, { label: "Undo", keys: ["Mod+Z"], run: () => void this.undo() });
    return result.created;
  }

  async undo(): Promise<void> {
    if (!this.library.canUndo) return void this.toasts.show("Nothing to undo");
    const result = await this.attempt((engine) => engine.library.undo());
    if (result !== undefined)
      this.toasts.show(`Undone: ${result.label}`, { label: "Redo", keys: ["Mod+Shift+Z"], run: () => void this.redo() });
  }

  async redo(): Promise<void> {
    if (!this.library.canRedo) return void this.toasts.show("Nothing to redo");
    const result = await this.attempt((engine) => engine.library.redo());
    if (result !== undefined)
      this.toasts.show(`Done again: ${result.label}`, { label: "Undo", keys: ["Mod+Z"], run: () => void this.undo() });
  }

  close(): void {
    this.#closed.abort();
    this.router.close();
  }
}

/** The application's state, for components below App. */
export const [useApp, provideApp] = createContext<App>();

/** Follows a feed of the engine while the component lives; begins again after a reconnect. */
export function follow<T>(
  app: App,
  open: (engine: Engine, signal: AbortSignal) => AsyncIterable<T> | undefined,
  take: (item: T) => void,
): void {
  $effect(() => {
    const { engine } = app;
    if (engine === undefined) return;
    const controller = new AbortController();
    const items = open(engine, controller.signal);
    if (items === undefined) return;
    const read = async (): Promise<void> => {
      for await (const item of items) {
        if (controller.signal.aborted) return;
        take(item);
      }
    };
    read().catch((error: unknown) => {
      if (!controller.signal.aborted && toAppError(error).code !== "closed") app.fail(error);
    });
    return () => controller.abort();
  });
}

/** Loads something and loads it again whenever what `load` reads has changed. Late answers of older loads are dropped. */
export function load<T>(
  app: App,
  fetch: (engine: Engine, signal: AbortSignal) => Promise<T> | undefined,
  take: (value: T) => void,
): void {
  $effect(() => {
    const { engine } = app;
    if (engine === undefined) return;
    const controller = new AbortController();
    fetch(engine, controller.signal)?.then(
      (value) => {
        if (!controller.signal.aborted) take(value);
      },
      (error: unknown) => {
        if (!controller.signal.aborted && toAppError(error).code !== "closed") app.fail(error);
      },
    );
    return () => controller.abort();
  });
}
