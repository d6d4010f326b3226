import { join } from "node:path";
import { BrowserWindow } from "electron";
import { rootDir } from "#main/lib/paths.ts";
import { PAGE_URL } from "./scheme.ts";
import { devUrl } from "./security.ts";

/** Background before the page is painted: the darkest surface of the dark theme. */
const BACKGROUND = "#101418";
const SMALLEST = { width: 960, height: 600 };

/** A window on the page, without Node in it. Shown when it has something to show. */
export function createWindow(): BrowserWindow {
  const window = new BrowserWindow({
    name: "main",
    windowStatePersistence: true,
    width: 1440,
    height: 900,
    minWidth: SMALLEST.width,
    minHeight: SMALLEST.height,
    show: false,
    backgroundColor: BACKGROUND,
    webPreferences: {
      preload: join(rootDir, "dist", "preload", "preload.cjs"),
      sandbox: true,
      contextIsolation: true,
      nodeIntegration: false,
      webviewTag: false,
      spellcheck: false, // would fetch dictionaries from the network
      navigateOnDragDrop: false,
    },
  });
  window.once("ready-to-show", () => window.show());
  return window;
}

/** Loads the page. Never rejects: a reload that overtakes the first load is no failure, and the window is shown in any case. */
export async function loadPage(window: BrowserWindow): Promise<void> {
  await window.loadURL(devUrl() ?? PAGE_URL).catch((error: unknown) => console.error("page:", error));
  if (!window.isDestroyed()) window.show(); // after a failure "ready-to-show" need not come
}
