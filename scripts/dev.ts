import { parseArgs } from "node:util";
import { createServer, mergeConfig, type InlineConfig, type ViteDevServer } from "vite";
import { runServer } from "#main/hosts/server/run-server.ts";
import { rootDir } from "#main/lib/paths.ts";
import { buildPart } from "./build/parts.ts";
import { rendererConfig } from "./build/vite-renderer.ts";
import { findElectron } from "./start/electron-binary.ts";
import { launch, obstacle } from "./start/launch.ts";

/*
 * Development: the page comes from Vite and updates itself, everything else is as in `npm start`.
 *   node scripts/dev.ts            in Electron's window where it can be had, else as with --browser
 *   node scripts/dev.ts --browser  in the browser
 */

const say = (line: string): void => console.error(`saccade: ${line}`);

async function pageServer(extra: InlineConfig): Promise<ViteDevServer> {
  const common: InlineConfig = { server: { host: "127.0.0.1" }, logLevel: "info" };
  const server = await createServer(mergeConfig(mergeConfig(rendererConfig, common), extra));
  return server.listen();
}

const addressOf = (server: ViteDevServer): string => server.resolvedUrls?.local[0] ?? "http://127.0.0.1:5173/";

/** Everything but the page goes on to our server, which insists on its own origin. */
function passOn(target: string): InlineConfig {
  const rule = {
    target,
    ws: true,
    changeOrigin: true,
    rewriteWsOrigin: true,
    headers: { origin: target },
  };
  return { server: { proxy: { "/api": rule, "/stream": rule, "/upload": rule, "^/\\?token=": { target, changeOrigin: true } } } };
}

async function inBrowser(): Promise<void> {
  const interrupt = new AbortController();
  for (const name of ["SIGINT", "SIGTERM"] as const) process.once(name, () => interrupt.abort(name));
  let page: ViteDevServer | undefined;
  try {
    await runServer({
      port: 0,
      open: false,
      roots: [],
      workspace: undefined,
      signal: interrupt.signal,
      ready: async (url) => {
        const { origin, search } = new URL(url);
        page = await pageServer(passOn(origin));
        console.log(new URL(search, addressOf(page)).href);
      },
      say,
    });
  } finally {
    await page?.close();
  }
}

async function inWindow(executable: string): Promise<number> {
  await buildPart("main", say);
  const page = await pageServer({});
  try {
    const env = { ...process.env, SACCADE_NODE: process.execPath, SACCADE_DEV_URL: addressOf(page) };
    const outcome = await launch(executable, [rootDir], env);
    if (outcome.kind === "ended") return outcome.code;
    say(`no window: ${outcome.reason}`);
    return 1;
  } finally {
    await page.close();
  }
}

async function dev(): Promise<number> {
  const { values } = parseArgs({ options: { browser: { type: "boolean", default: false } } });
  await buildPart("kernels", say);
  const executable = values.browser || obstacle(process.env, process.platform, process.getuid?.()) ? undefined : findElectron();
  if (executable !== undefined) return inWindow(executable);
  await buildPart("renderer", say); // the server looks for it; the page itself comes from Vite
  await inBrowser();
  return 0;
}

dev()
  .then((code) => process.exit(code))
  .catch((error: unknown) => {
    console.error(error);
    process.exit(1);
  });
