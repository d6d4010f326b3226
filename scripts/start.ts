import { join, resolve } from "node:path";
import { parseArgs } from "node:util";
import { toErrorData } from "#shared/api/errors.ts";
import { userPaths } from "#main/hosts/common/user-paths.ts";
import { runServer } from "#main/hosts/server/run-server.ts";
import { rootDir } from "#main/lib/paths.ts";
import { buildPart } from "./build/parts.ts";
import { noteFailure, recentFailure } from "./start/attempts.ts";
import { electronPackage, fetchElectron, findElectron } from "./start/electron-binary.ts";
import { launch, obstacle } from "./start/launch.ts";

/*
 * npm start: the app in a window of its own, or in the browser where that cannot be, with one plain line why.
 *   --browser    the browser at once        --electron   the window or nothing
 *   --workspace DIR; for the browser --port N, --no-open, --root DIR; everything else are files to open
 */

const say = (line: string): void => console.error(`saccade: ${line}`);
const interrupt = new AbortController();

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    browser: { type: "boolean", default: process.env["SACCADE_HOST"] === "browser" },
    electron: { type: "boolean", default: false },
    port: { type: "string", default: "0" },
    "no-open": { type: "boolean", default: false },
    workspace: { type: "string" },
    root: { type: "string", multiple: true, default: [] },
  },
});

async function inBrowser(reason: string | undefined): Promise<void> {
  if (reason !== undefined) say(`using the browser: ${reason}`);
  for (const part of ["kernels", "renderer"] as const) await buildPart(part, say);
  for (const name of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
    process.on(name, () => {
      if (interrupt.signal.aborted) process.exit(130);
      interrupt.abort(name);
    });
  }
  await runServer({
    port: Number(values.port),
    open: !values["no-open"],
    ...(reason === undefined ? {} : { reason }),
    roots: values.root,
    files: positionals,
    workspace: values.workspace,
    signal: interrupt.signal,
    ready: (url) => console.log(url),
    say,
  });
}

/** The executable, or why there is none. */
async function electron(): Promise<{ readonly path: string } | { readonly reason: string }> {
  const here = findElectron();
  if (here !== undefined) return { path: here };
  const installed = electronPackage();
  if (installed === undefined) return { reason: "Electron is not among the installed packages" };
  const notes = join(userPaths().cache, "electron-download.json");
  if (!values.electron) {
    const earlier = recentFailure(notes, installed.version);
    if (earlier !== undefined)
      return { reason: `Electron could not be downloaded (${earlier}); npm start -- --electron tries again` };
    if (!process.stderr.isTTY && process.env["CI"]) return { reason: "Electron is not downloaded in a CI job" };
  }
  say(`downloading Electron ${installed.version} …`);
  const stop = (): never => process.exit(130);
  process.once("SIGINT", stop);
  const reason = await fetchElectron(installed, (fraction) => {
    if (process.stderr.isTTY) process.stderr.write(`\r${Math.round(fraction * 100)} % `);
  });
  process.off("SIGINT", stop);
  if (process.stderr.isTTY) process.stderr.write("\r");
  noteFailure(notes, installed.version, reason);
  const path = findElectron();
  if (path !== undefined) return { path };
  return { reason: `Electron could not be downloaded (${reason ?? "the binary is not where it should be"})` };
}

async function start(): Promise<number> {
  if (values.browser && !values.electron) {
    await inBrowser(undefined);
    return 0;
  }
  let reason = obstacle(process.env, process.platform, process.getuid?.());
  if (reason === undefined) {
    const found = await electron();
    if ("path" in found) {
      for (const part of ["kernels", "renderer", "main"] as const) await buildPart(part, say);
      const own = values.workspace === undefined ? [] : [`--workspace=${resolve(values.workspace)}`];
      const args = [rootDir, ...own, ...positionals.map((file) => (file.startsWith("saccade:") ? file : resolve(file)))];
      const outcome = await launch(found.path, args, { ...process.env, SACCADE_NODE: process.execPath });
      if (outcome.kind === "ended") return outcome.code;
      reason = outcome.reason;
    } else reason = found.reason;
  }
  if (values.electron) {
    say(`no window: ${reason}`);
    return 1;
  }
  await inBrowser(reason);
  return 0;
}

start()
  .then((code) => process.exit(code))
  .catch((error: unknown) => {
    const { message, hint } = toErrorData(error);
    say(hint === undefined ? message : `${message}\n${hint}`);
    process.exit(1);
  });
