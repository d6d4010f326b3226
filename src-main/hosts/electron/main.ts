import { app, BrowserWindow, dialog, ipcMain, protocol } from "electron";
import type { IpcMainEvent, IpcMainInvokeEvent, WebFrameMain } from "electron";
import { isAppErrorData } from "#shared/api/errors.ts";
import { openEngine, type OpenEngine } from "#main/hosts/common/open-engine.ts";
import { rendererDir } from "#main/lib/paths.ts";
import { prepare } from "./before-ready.ts";
import { choose } from "./dialogs.ts";
import { createElectronHost } from "./host.ts";
import { followStatus, guardQuit } from "./lifetime.ts";
import { setMenu } from "./menu.ts";
import { itemsOf, OpenQueue, ownStart, parseStart } from "./opened.ts";
import { SCHEME, serveUi } from "./scheme.ts";
import { isOurs, lockDown } from "./security.ts";
import { createWindow, loadPage } from "./window.ts";

/*
 * Electron's main process. Nothing here may wait at the top level for the app to be ready: Electron waits for this module
 * before it is.
 */

const CLOSE_TIMEOUT_MS = 3_000;

let window: BrowserWindow | undefined;
let engine: OpenEngine | undefined;
const queue = new OpenQueue();
let failing = false;

app.on("open-file", (event, path) => {
  event.preventDefault();
  queue.open(path);
});
app.on("open-url", (event, url) => {
  event.preventDefault();
  queue.open(url);
});
app.on("second-instance", (_event, _argv, _cwd, data) => {
  for (const item of itemsOf(parseStart(data))) queue.open(item); // `argv` may come reordered and extended
  if (window?.isMinimized() === true) window.restore();
  window?.focus();
});
app.on("window-all-closed", () => app.quit());
process.on("uncaughtException", fatal);
process.on("unhandledRejection", fatal);

prepare();
if (app.requestSingleInstanceLock({ ...ownStart() })) app.whenReady().then(start).catch(fatal);
else app.quit();

/** For the person in front of it: what happened and what to do, or for our own faults where it happened. */
function describe(error: unknown): string {
  if (isAppErrorData(error)) return [error.message, error.hint].filter(Boolean).join("\n\n");
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}

/** Tells what broke, lets the workers close their files, and ends. */
function fatal(error: unknown): void {
  const text = describe(error);
  console.error(error);
  if (failing) return;
  failing = true;
  const exit = (): void => app.exit(1);
  setTimeout(exit, CLOSE_TIMEOUT_MS);
  (engine?.close() ?? Promise.resolve())
    .catch((later: unknown) => console.error("closing:", later))
    .finally(() => {
      dialog.showErrorBox("Saccade", text);
      exit();
    });
}

/** The frame that sent a message, or undefined when it is not the page we serve. */
function senderOf(event: IpcMainEvent | IpcMainInvokeEvent): WebFrameMain | undefined {
  const frame = event.senderFrame; // null when the frame is already gone
  return frame !== null && frame === window?.webContents.mainFrame && isOurs(frame.url) ? frame : undefined;
}

async function start(): Promise<void> {
  protocol.handle(SCHEME, (request) => serveUi(rendererDir, request));
  lockDown();
  const desk = createElectronHost();
  engine = await openEngine(desk.host, app.commandLine.getSwitchValue("workspace") || undefined);
  const { api } = engine;

  ipcMain.on("saccade:connect", (event, id: unknown) => {
    const frame = senderOf(event);
    if (frame === undefined || typeof id !== "string") return;
    try {
      desk.connect(id, frame, api);
    } catch (error) {
      console.error("connect:", error); // the page gets no port and says so after its own limit
    }
  });
  ipcMain.on("saccade:ready", (event) => {
    const frame = senderOf(event);
    if (frame !== undefined) queue.listen((item) => window?.webContents.send("saccade:open", item));
  });
  ipcMain.handle("saccade:choose", (event, options: unknown) => {
    if (senderOf(event) === undefined || window === undefined) return { ok: true, paths: [] };
    return choose(window, options);
  });
  for (const item of itemsOf(ownStart())) queue.open(item);

  const opened = createWindow();
  window = opened;
  guardQuit(engine, followStatus(api).busy, () => window);
  opened.once("closed", () => {
    window = undefined;
    queue.pause();
  });
  opened.webContents.on("did-start-navigation", (details) => {
    if (details.isMainFrame && !details.isSameDocument) queue.pause();
  });
  setMenu(() => void openFromMenu(opened));
  await loadPage(opened);
}

async function openFromMenu(owner: BrowserWindow): Promise<void> {
  const chosen = await choose(owner, { kind: "files", title: "Open recordings" });
  if (chosen.ok) for (const path of chosen.paths) queue.open(path);
  else dialog.showErrorBox("Saccade", chosen.error.message);
}
