import { mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { app, protocol } from "electron";
import { userPaths } from "#main/hosts/common/user-paths.ts";
import { SCHEME } from "./scheme.ts";

/** Same id as in electron-builder.yml, or notifications and taskbar groups fall apart. */
const APP_ID = "io.github.saccade.Saccade";

/** The setting for machines whose graphics Chromium does not trust; read synchronously, since switches come before ready. */
export function graphicsSwitch(settings: string | undefined): "ignore-gpu-blocklist" | "enable-unsafe-swiftshader" | undefined {
  if (settings === undefined) return undefined;
  let parsed: unknown;
  try {
    parsed = JSON.parse(settings);
  } catch {
    return undefined; // the engine reports damaged settings; the window starts without them
  }
  const ui: unknown = typeof parsed === "object" && parsed !== null && "ui" in parsed ? parsed.ui : undefined;
  const graphics: unknown = typeof ui === "object" && ui !== null && "graphics" in ui ? ui.graphics : undefined;
  if (graphics === "force") return "ignore-gpu-blocklist";
  return graphics === "software" ? "enable-unsafe-swiftshader" : undefined;
}

function readSettings(): string | undefined {
  try {
    return readFileSync(join(userPaths().data, "settings.json"), "utf8");
  } catch {
    return undefined; // the first start has none
  }
}

/** Everything that Electron wants to know before it is ready. Synchronous, in this order. */
export function prepare(): void {
  protocol.registerSchemesAsPrivileged([
    { scheme: SCHEME, privileges: { standard: true, secure: true, supportFetchAPI: true, codeCache: true } },
  ]);
  app.enableSandbox();
  const graphics = graphicsSwitch(readSettings());
  if (graphics !== undefined) app.commandLine.appendSwitch(graphics);
  if (!app.isPackaged && !app.commandLine.hasSwitch("user-data-dir")) {
    const folder = `${app.getPath("userData")}-dev`; // development and release never share the lock
    mkdirSync(folder, { recursive: true });
    app.setPath("userData", folder);
  }
  if (process.platform === "win32") app.setAppUserModelId(APP_ID);
}
