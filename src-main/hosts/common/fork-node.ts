import { spawn, type ChildProcess } from "node:child_process";
import type { Duplex, Readable } from "node:stream";
import { AppError } from "#shared/api/errors.ts";
import type { Port } from "#shared/channel/port.ts";
import type { WorkerHandle } from "#main/hosts/host.ts";
import { log } from "#main/lib/log.ts";
import { multiplex, type WorkerHello } from "#main/lib/multiplex.ts";
import { workerEntry } from "#main/lib/paths.ts";
import { fromStream } from "#main/lib/pipe-port.ts";

/** A cold start with a virus scanner, or TensorFlow from a slow disk, takes many seconds. */
const START_TIMEOUT_MS = 30_000;
/** Type stripping, node:sqlite without a flag and the add-ons are promised from here on. */
const OLDEST_NODE = 24;

/** A worker that is a Node process: its pipe carries the engine's line and any number of lines for pages. */
export interface NodeWorker extends WorkerHandle {
  readonly hello: WorkerHello;
  /** Begins a further line to the same worker, under a name that is not in use. */
  openLine(name: string): Port;
}

export interface ForkOptions {
  /** The Node binary; Electron's own cannot be used, its V8 refuses the buffers of the graphics add-on. */
  readonly node?: string;
  readonly entry?: string;
  readonly env?: NodeJS.ProcessEnv;
  readonly timeoutMs?: number;
}

/** The Node that workers run on: the one the start script named, else the one that runs this, else the one on the path. */
export function nodeBinary(): string {
  const named = process.env["SACCADE_NODE"];
  if (named !== undefined && named !== "") return named;
  return process.versions["electron"] === undefined ? process.execPath : process.platform === "win32" ? "node.exe" : "node";
}

/** A child sees the user's environment, not what an AppImage, Electron or a debugger added to it. */
export function cleanEnv(extra: NodeJS.ProcessEnv = {}): NodeJS.ProcessEnv {
  const env: NodeJS.ProcessEnv = { ...process.env, ...extra };
  for (const key of ["ELECTRON_RUN_AS_NODE", "ELECTRON_NO_ATTACH_CONSOLE", "NODE_OPTIONS", "NODE_CHANNEL_FD"]) delete env[key];
  const appDir = env["APPDIR"]; // an AppImage puts itself in front of these lists
  if (appDir === undefined) return env;
  for (const key of ["LD_LIBRARY_PATH", "PATH", "XDG_DATA_DIRS", "GSETTINGS_SCHEMA_DIR"]) {
    const rest = env[key]
      ?.split(":")
      .filter((part) => part !== "" && !part.startsWith(appDir))
      .join(":");
    if (rest !== undefined && rest !== "")
      env[key] = rest; // the user's own entries stay: CUDA may be found by them
    else delete env[key];
  }
  for (const key of ["APPDIR", "APPIMAGE", "ARGV0"]) delete env[key];
  return env;
}

/** Passes a worker's output on to the log and remembers its last line, which often says why it died. */
function readLines(stream: Readable | null, scope: string): () => string {
  let last = "";
  stream?.setEncoding("utf8");
  stream?.on("data", (text: string) => {
    for (const line of text.split("\n")) {
      if (line.trim() === "") continue;
      last = line.trim();
      log("info", scope, line);
    }
  });
  return () => last;
}

function exitOf(child: ChildProcess, lastWords: () => string): Promise<string> {
  return new Promise((resolve) => {
    child.once("error", (error) => resolve(`it could not be started: ${error.message}`));
    // "close" and not "exit": only then has everything it printed been read.
    child.once("close", (code, signal) => {
      const how = signal !== null ? `it was ended by ${signal}` : `it ended with code ${code}`;
      resolve(code === 0 || lastWords() === "" ? how : `${how} (${lastWords()})`);
    });
  });
}

/**
 * Starts a worker as a Node process and waits for its hello.
 * @throws AppError when it ends before that, says nothing in time, or runs on a Node that is too old.
 */
export async function forkNode(role: "stream" | "compute", options: ForkOptions = {}): Promise<NodeWorker> {
  const node = options.node ?? nodeBinary();
  const child = spawn(node, [options.entry ?? workerEntry(role)], {
    env: cleanEnv(options.env),
    stdio: ["ignore", "pipe", "pipe", "overlapped"], // overlapped is pipe, but both ways at once on Windows too
    windowsHide: true,
    // Out of the terminal's group: Ctrl-C is for the host, which lets workers finish, and would kill what they have started.
    detached: process.platform !== "win32",
  });
  readLines(child.stdout, role);
  const exited = exitOf(child, readLines(child.stderr, role));
  const lines = multiplex(fromStream(child.stdio[3] as unknown as Duplex));
  const failed = (why: string): AppError =>
    new AppError("internal", `The ${role} worker did not start: ${why}`, {
      hint: `It runs on ${node}. Set SACCADE_LOG=info to see what it prints.`,
    });

  const timeoutMs = options.timeoutMs ?? START_TIMEOUT_MS;
  let timer: NodeJS.Timeout | undefined;
  try {
    const hello = await Promise.race([
      lines.hello().catch(() => exited.then((why) => Promise.reject(failed(why)))), // a closed pipe says less than the exit
      exited.then((why) => Promise.reject(failed(why))),
      new Promise<never>((_, reject) => {
        timer = setTimeout(() => reject(failed(`no sign of life after ${timeoutMs / 1000} s`)), timeoutMs);
      }),
    ]);
    if (Number.parseInt(hello.node.slice(1), 10) < OLDEST_NODE) {
      throw new AppError("unsupported", `The ${role} worker runs on Node ${hello.node}, which is too old`, {
        hint: `Install Node ${OLDEST_NODE} or newer, or point SACCADE_NODE at one.`,
      });
    }
    return {
      hello,
      port: lines.main,
      pid: child.pid,
      exited,
      kill: (signal = "SIGTERM") => void child.kill(signal),
      openLine: (name) => lines.open(name),
    };
  } catch (error) {
    child.kill("SIGKILL");
    throw error;
  } finally {
    clearTimeout(timer);
  }
}
