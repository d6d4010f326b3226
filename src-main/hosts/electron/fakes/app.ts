import { EventEmitter } from "node:events";
import { join } from "node:path";

/** What has been asked of the fake, in order. */
export const calls: string[] = [];
export const windowList: { emitClose(): boolean }[] = [];

const NAMES = new Set(["home", "appData", "assets", "userData", "sessionData", "temp", "exe", "module", "desktop", "documents", "downloads", "music", "pictures", "videos", "recent", "logs", "crashDumps"]); // prettier-ignore

class App extends EventEmitter {
  isPackaged = false;
  hasLock = true;
  ready = false;
  lockData: unknown;
  exitCode: number | undefined;
  quitDone = false;
  folder = "/nowhere";
  readonly switches = new Map<string, string>();
  readonly paths = new Map<string, string>();
  #whenReady = Promise.withResolvers<void>();

  readonly commandLine = {
    appendSwitch: (name: string, value = ""): void => {
      needEarly("commandLine.appendSwitch");
      calls.push(`switch ${name}`);
      this.switches.set(name, value);
    },
    getSwitchValue: (name: string): string => this.switches.get(name) ?? "",
    hasSwitch: (name: string): boolean => this.switches.has(name),
  };

  whenReady(): Promise<void> {
    return this.#whenReady.promise;
  }
  isReady(): boolean {
    return this.ready;
  }
  becomeReady(): void {
    this.ready = true;
    this.#whenReady.resolve();
  }
  enableSandbox(): void {
    needEarly("enableSandbox");
    calls.push("enableSandbox");
  }
  getPath(name: string): string {
    if (!NAMES.has(name)) throw new Error(`Failed to get '${name}' path`);
    return this.paths.get(name) ?? join(this.folder, name);
  }
  setPath(name: string, path: string): void {
    if (!path.startsWith("/")) throw new Error("Path must be absolute");
    calls.push(`setPath ${name}`);
    this.paths.set(name, path);
  }
  setAppUserModelId(): void {
    calls.push("setAppUserModelId");
  }
  requestSingleInstanceLock(data: unknown): boolean {
    calls.push("lock");
    this.lockData = data;
    return this.hasLock;
  }
  quit(): void {
    calls.push("quit");
    if (!this.#ask("before-quit")) return;
    for (const window of windowList) if (!window.emitClose()) return;
    if (!this.#ask("will-quit")) return;
    this.quitDone = true;
    this.emit("quit", {}, 0);
  }
  exit(code: number): void {
    calls.push(`exit ${code}`);
    this.exitCode = code;
    this.emit("quit", {}, code);
  }
  /** A fresh one for the next test. */
  reset(folder: string): void {
    this.removeAllListeners();
    this.#whenReady = Promise.withResolvers<void>();
    this.switches.clear();
    this.paths.clear();
    Object.assign(this, { isPackaged: false, hasLock: true, ready: false, quitDone: false, folder });
    this.exitCode = undefined;
    calls.length = 0;
    windowList.length = 0;
  }
  #ask(name: string): boolean {
    let prevented = false;
    this.emit(name, { preventDefault: () => (prevented = true) });
    return !prevented;
  }
}

export const app = new App();

/** Throws as Electron does for what exists only after ready. */
export function needReady(message: string): void {
  if (!app.ready) throw new Error(message);
}

/** Throws for what only works before. */
export function needEarly(what: string): void {
  if (app.ready) throw new Error(`${what} must be called before the app is ready`);
}
