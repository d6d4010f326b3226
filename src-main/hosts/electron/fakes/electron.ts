import { EventEmitter } from "node:events";
import { app, calls, needEarly, needReady, windowList } from "./app.ts";
import { decode, encode, MessagePortMain, takePorts, type End } from "./ports.ts";

/*
 * A stand-in for the module "electron". It is worth something where it refuses what the real one refuses: too early,
 * too late, not cloneable, dead.
 */

export { app } from "./app.ts";
export { MessageChannelMain } from "./ports.ts";
export { utilityProcess } from "./utility-process.ts";

type Handler = (request: Request) => Promise<Response>;
const handlers = new Map<string, Handler>();
/** Schemes as they were registered. */
export const privileged: { scheme: string; privileges?: Record<string, boolean> }[] = [];

export const protocol = {
  registerSchemesAsPrivileged: (schemes: typeof privileged): void => {
    needEarly("protocol.registerSchemesAsPrivileged");
    if (privileged.length > 0) throw new Error("registerSchemesAsPrivileged may be called once");
    calls.push("schemes");
    privileged.push(...schemes);
  },
  handle: (scheme: string, handler: Handler): void => {
    needReady("Session can only be received when app is ready");
    if (handlers.has(scheme)) throw new Error(`The scheme has been registered: ${scheme}`);
    handlers.set(scheme, handler);
  },
};

/** What a page would get for an address of ours. */
export function fetchPage(url: string, init?: RequestInit): Promise<Response> {
  const handler = handlers.get(new URL(url).protocol.slice(0, -1));
  if (handler === undefined) throw new Error("net::ERR_UNKNOWN_URL_SCHEME");
  return handler(new Request(url, init));
}

type PermissionRequest = (contents: unknown, permission: string, callback: (ok: boolean) => void, details: object) => void;

class Session extends EventEmitter {
  request: PermissionRequest | undefined;
  check: ((contents: unknown, permission: string, origin: string) => boolean) | undefined;
  device: (() => boolean) | undefined;
  setPermissionRequestHandler(handler: PermissionRequest): void {
    this.request = handler;
  }
  setPermissionCheckHandler(handler: Session["check"]): void {
    this.check = handler;
  }
  setDevicePermissionHandler(handler: Session["device"]): void {
    this.device = handler;
  }
}
let defaultSession = new Session();
export const session = {
  get defaultSession(): Session {
    needReady("Session can only be received when app is ready");
    return defaultSession;
  },
};

/** A frame of the page: what it is sent arrives in `received`, when somebody there listens. */
export class WebFrameMain {
  readonly received: { channel: string; message: unknown; ports: MessagePortMain[] }[] = [];
  readonly listening = new Set<string>(["saccade:port"]);
  readonly url: string;
  constructor(url: string) {
    this.url = url;
  }
  postMessage(channel: string, message: unknown, transfer?: unknown): void {
    let ends: End[];
    try {
      ends = takePorts(transfer);
    } catch (cause) {
      throw new TypeError("Invalid value for transfer", { cause });
    }
    const data = decode(encode(message));
    if (!this.listening.has(channel)) {
      for (const end of ends) end.drop();
      return;
    }
    this.received.push({ channel, message: data, ports: ends.map((end) => new MessagePortMain(end)) });
  }
}

class WebContents extends EventEmitter {
  mainFrame = new WebFrameMain("about:blank");
  readonly sent: { channel: string; args: unknown[] }[] = [];
  windowOpen: (() => { action: string }) | undefined;
  setWindowOpenHandler(handler: () => { action: string }): void {
    this.windowOpen = handler;
  }
  send(channel: string, ...args: unknown[]): void {
    this.sent.push({ channel, args: decode(encode(args)) as unknown[] });
  }
}

/** The next `loadURL` fails with this. */
export const nextLoad: { error: Error | undefined } = { error: undefined };

export class BrowserWindow extends EventEmitter {
  readonly options: { webPreferences: Record<string, unknown> } & Record<string, unknown>;
  readonly webContents = new WebContents();
  loaded: string | undefined;
  shown = false;
  destroyed = false;

  constructor(options: BrowserWindow["options"]) {
    super();
    needReady("Cannot create BrowserWindow before app is ready");
    this.options = options;
    windowList.push(this);
    app.emit("web-contents-created", {}, this.webContents);
  }
  loadURL(url: string): Promise<void> {
    this.loaded = url;
    const { error } = nextLoad;
    nextLoad.error = undefined;
    this.webContents.mainFrame = new WebFrameMain(url);
    return error === undefined ? Promise.resolve() : Promise.reject(error);
  }
  show(): void {
    this.shown = true;
  }
  hide(): void {
    this.shown = false;
  }
  focus(): void {
    calls.push("focus");
  }
  restore(): void {
    calls.push("restore");
  }
  isMinimized(): boolean {
    return false;
  }
  isDestroyed(): boolean {
    return this.destroyed;
  }
  /** The user reloads: a new frame, and the old one is nobody's. */
  reload(): void {
    const { url } = this.webContents.mainFrame;
    this.webContents.emit("did-start-navigation", { isMainFrame: true, isSameDocument: false, url });
    this.webContents.mainFrame = new WebFrameMain(url);
  }
  /** The user closes it. False when a listener prevented it. */
  emitClose(): boolean {
    if (this.destroyed) return true;
    let prevented = false;
    this.emit("close", { preventDefault: () => (prevented = true) });
    if (prevented) return false;
    this.destroyed = true;
    this.emit("closed");
    if (windowList.every((window) => (window as unknown as BrowserWindow).destroyed)) app.emit("window-all-closed");
    return true;
  }
}

const invokable = new Map<string, (event: unknown, ...args: unknown[]) => unknown>();
class IpcMain extends EventEmitter {
  handle(channel: string, handler: (event: unknown, ...args: unknown[]) => unknown): void {
    if (invokable.has(channel)) throw new Error(`Attempted to register a second handler for '${channel}'`);
    invokable.set(channel, handler);
  }
}
export const ipcMain = new IpcMain();

/** `ipcRenderer.send` of a frame. */
export const sendFrom = (senderFrame: WebFrameMain | null, channel: string, ...args: unknown[]): void => {
  ipcMain.emit(channel, { senderFrame }, ...(decode(encode(args)) as unknown[]));
};

/** `ipcRenderer.invoke` of a frame. */
export async function invokeFrom(senderFrame: WebFrameMain | null, channel: string, ...args: unknown[]): Promise<unknown> {
  const handler = invokable.get(channel);
  if (handler === undefined) throw new Error(`No handler registered for '${channel}'`);
  try {
    return decode(encode(await handler({ senderFrame }, ...(decode(encode(args)) as unknown[]))));
  } catch (error) {
    throw new Error(`Error invoking remote method '${channel}': ${String(error)}`, { cause: error });
  }
}

/** What dialogs were asked and what they answer. */
export const scripted = {
  asked: [] as unknown[],
  open: { canceled: false, filePaths: [] as string[] },
  save: { canceled: false, filePath: "" },
  box: { response: 0 },
  errors: [] as string[],
};
const ask =
  <T>(answer: () => T) =>
  (...args: unknown[]): Promise<T> => {
    scripted.asked.push(args.at(-1));
    return Promise.resolve(answer());
  };
export const dialog = {
  showOpenDialog: ask(() => scripted.open),
  showSaveDialog: ask(() => scripted.save),
  showMessageBox: ask(() => scripted.box),
  showErrorBox: (_title: string, text: string): void => void scripted.errors.push(text),
};

export const blockers = new Set<number>();
let nextBlocker = 1;
export const powerSaveBlocker = {
  start: (): number => {
    blockers.add(nextBlocker);
    return nextBlocker++;
  },
  stop: (id: number): void => void blockers.delete(id),
};

/** The menu as it was set. */
export const menu: { template: { label?: string; role?: string }[] } = { template: [] };
export const Menu = {
  buildFromTemplate: (template: (typeof menu)["template"]): unknown => template,
  setApplicationMenu: (template: (typeof menu)["template"]): void => {
    menu.template = template;
  },
};

/** A fresh Electron for the next test. */
export function reset(folder: string): void {
  app.reset(folder);
  handlers.clear();
  privileged.length = 0;
  defaultSession = new Session();
  ipcMain.removeAllListeners();
  invokable.clear();
  blockers.clear();
  nextLoad.error = undefined;
  scripted.asked = [];
  scripted.errors = [];
  scripted.box = { response: 0 };
}
