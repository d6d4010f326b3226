import { app, session } from "electron";
import { isPageUrl } from "./scheme.ts";

/** Everything the page may ask the browser for; cameras are opened by a worker, not by the page. */
const ALLOWED: ReadonlySet<string> = new Set(["clipboard-sanitized-write", "fullscreen"]);

/** Address of the development server; never looked at in a package, whatever the environment says. */
export const devUrl = (): string | undefined => (app.isPackaged ? undefined : process.env["SACCADE_DEV_URL"]);

/** True for pages this app serves itself. Works for full addresses and for origins. */
export function isOurs(url: string): boolean {
  if (isPageUrl(url)) return true;
  const dev = devUrl();
  if (dev === undefined || !URL.canParse(dev) || !URL.canParse(url)) return false;
  const { protocol, host } = new URL(url);
  return protocol === "http:" && host === new URL(dev).host;
}

/** Pictures and films that the page has made itself and offers for saving. */
const isOwnBlob = (url: string): boolean => url.startsWith("blob:") && isOurs(url.slice("blob:".length));

const isDevTools = (url: string): boolean => !app.isPackaged && url.startsWith("devtools:");

/** Closes the session and every page to come. Called once, after ready and before the first window. */
export function lockDown(): void {
  const { defaultSession } = session;
  defaultSession.setPermissionRequestHandler((_contents, permission, callback, details) => {
    callback(ALLOWED.has(permission) && details.isMainFrame && isOurs(details.requestingUrl));
  });
  defaultSession.setPermissionCheckHandler((_contents, permission, origin) => ALLOWED.has(permission) && isOurs(origin));
  defaultSession.setDevicePermissionHandler(() => false);
  defaultSession.on("select-usb-device", (event, _details, callback) => {
    event.preventDefault();
    callback();
  });
  defaultSession.on("will-download", (event, item) => {
    if (!isOwnBlob(item.getURL())) event.preventDefault();
  });

  app.on("web-contents-created", (_event, contents) => {
    contents.on("will-frame-navigate", (details) => {
      if (isDevTools(details.url)) return;
      if (!isOurs(details.url) || !details.isMainFrame) details.preventDefault();
    });
    contents.on("will-redirect", (details) => {
      if (!isOurs(details.url)) details.preventDefault();
    });
    contents.on("will-attach-webview", (event) => event.preventDefault());
    contents.setWindowOpenHandler(() => ({ action: "deny" }));
    contents.on("preload-error", (_event, path, error) => console.error(`preload ${path} failed:`, error));
    contents.on("did-fail-load", (_event, code, description, url) => console.error(`page ${url}: ${description} (${code})`));
    contents.on("render-process-gone", (_event, details) =>
      console.error(`page process gone: ${details.reason} (${details.exitCode})`),
    );
  });
}
