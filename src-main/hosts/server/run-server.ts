import { existsSync } from "node:fs";
import { homedir } from "node:os";
import { dirname, join, resolve } from "node:path";
import type { EngineApi } from "#shared/api/engine-api.ts";
import { AppError, toErrorData } from "#shared/api/errors.ts";
import { createNodeHost } from "#main/hosts/common/node-host.ts";
import { openEngine } from "#main/hosts/common/open-engine.ts";
import { rendererDir } from "#main/lib/paths.ts";
import { openBrowser } from "./open-browser.ts";
import { Endpoints, startServer } from "./server.ts";

export interface ServerOptions {
  /** 0: any free one. */
  readonly port: number;
  /** Whether to open the user's browser. */
  readonly open: boolean;
  /** Why the browser is used, when the window was wanted. */
  readonly reason?: string;
  /** Folders that pages may browse; empty: the home folder and the current one. */
  readonly roots: readonly string[];
  readonly workspace: string | undefined;
  /** Recordings to put into the library: a page has no other way to be handed files. */
  readonly files?: readonly string[];
  /** Ends the server. */
  readonly signal: AbortSignal;
  /** Told once, when the first request can be answered. */
  ready(url: string): void | Promise<void>;
  /** Remarks for people. */
  readonly say: (line: string) => void;
}

/** Gives a new address for every Enter, since the first one opens only once. */
function onEnter(handler: () => void): () => void {
  const { stdin } = process;
  if (!stdin.isTTY) return () => undefined;
  stdin.on("data", handler).resume();
  return () => {
    stdin.off("data", handler).pause();
  };
}

async function addFiles(engine: EngineApi, files: readonly string[], say: (line: string) => void): Promise<void> {
  if (files.length === 0) return;
  try {
    for await (const step of engine.library.add(files)) if (step.kind === "done") say(step.text);
  } catch (error) {
    say(toErrorData(error).message); // the app starts all the same
  }
}

/**
 * Runs engine and server until the signal ends them; then closes what is open and returns.
 * @throws AppError when the page has not been built, the port is taken, or the workspace cannot be opened.
 */
export async function runServer(options: ServerOptions): Promise<void> {
  const { signal, say } = options;
  if (!existsSync(join(rendererDir, "index.html"))) {
    throw new AppError("not-found", `The page has not been built: ${rendererDir} is empty`, { hint: "Run: npm run build" });
  }
  const files = (options.files ?? []).map((file) => resolve(file));
  const chosen = options.roots.length > 0 ? options.roots : [homedir(), process.cwd()];
  const roots = [...new Set([...chosen, ...files.map(dirname)])];
  const endpoints = new Endpoints();
  const { reason } = options;
  const host = createNodeHost({ kind: "server", roots, desk: endpoints, ...(reason === undefined ? {} : { reason }) });
  const engine = await openEngine(host, options.workspace);
  try {
    const uploads = async (): Promise<string> => join((await engine.api.workspace.info()).path, "recordings");
    const server = await startServer({ engine: engine.api, endpoints, page: rendererDir, uploads }, options.port);
    await addFiles(engine.api, files, say);
    const forget = onEnter(() => say(server.address()));
    try {
      const url = server.address();
      await options.ready(url);
      if (options.open && !(await openBrowser(url)))
        say("There is no program here that opens a browser; open the address yourself.");
      await new Promise<void>((resolve) => {
        if (signal.aborted) resolve();
        else signal.addEventListener("abort", () => resolve(), { once: true });
      });
      say("closing …");
    } finally {
      forget();
      await server.close();
    }
  } finally {
    await engine.close();
  }
}
