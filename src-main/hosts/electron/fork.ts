import { join } from "node:path";
import { app, MessageChannelMain, utilityProcess, type MessagePortMain, type UtilityProcess } from "electron";
import { AppError } from "#shared/api/errors.ts";
import { fromMessagePort } from "#shared/channel/message-port.ts";
import { forkNode } from "#main/hosts/common/fork-node.ts";
import type { WorkerHandle } from "#main/hosts/host.ts";
import { MAIN_LINE } from "#main/lib/multiplex.ts";
import { workerEntry } from "#main/lib/paths.ts";

/** A cold start with a virus scanner takes seconds. */
const START_TIMEOUT_MS = 20_000;
/** How long a worker may take to close its files before it is made to end. */
const STOP_TIMEOUT_MS = 3_000;

/** A stream worker: a utility process, which gets a message port for every line. */
export interface StreamProcess extends WorkerHandle {
  /** Hands one end of a new channel to the worker. @throws AppError `closed` when the worker is gone. */
  give(name: string, port: MessagePortMain): void;
}

let count = 0;

/** Follows how a process ends; `exit` decides, `child-process-gone` explains, and after a failed launch stands alone. */
function watchEnd(child: UtilityProcess, name: string): { readonly exited: Promise<string>; readonly alive: () => boolean } {
  const { promise: exited, resolve } = Promise.withResolvers<string>();
  let alive = true;
  let why = "";
  const end = (reason: string): void => {
    alive = false;
    app.off("child-process-gone", gone);
    resolve(reason);
  };
  function gone(_event: unknown, details: Electron.Details): void {
    if (details.name !== name) return;
    why = details.reason;
    if (details.reason === "launch-failed") end("it could not be started");
  }
  app.on("child-process-gone", gone);
  child.on("error", (_type, location) => {
    why = `fatal error in ${location}`;
  });
  child.once("exit", (code) => end(why === "" ? `it ended with code ${code}` : `${why} (code ${code})`));
  return { exited, alive: () => alive };
}

async function waitForHello(child: UtilityProcess, exited: Promise<string>, name: string): Promise<void> {
  const failed = (why: string): AppError => new AppError("internal", `The ${name} did not start: ${why}`);
  let timer: NodeJS.Timeout | undefined;
  try {
    await Promise.race([
      new Promise((hello) => child.once("message", hello)), // the worker says hello first
      exited.then((reason) => Promise.reject(failed(reason))),
      new Promise((_, reject) => {
        timer = setTimeout(() => reject(failed(`no sign of life after ${START_TIMEOUT_MS / 1000} s`)), START_TIMEOUT_MS);
      }),
    ]);
  } catch (error) {
    if (!child.kill()) child.once("spawn", () => child.kill()); // before "spawn" kill does nothing
    throw error;
  } finally {
    clearTimeout(timer);
  }
}

/** Starts a stream worker and waits for its hello. @throws AppError when it ends before that or says nothing. */
export async function forkStream(env: NodeJS.ProcessEnv = {}): Promise<StreamProcess> {
  count += 1;
  const name = `stream worker ${count}`;
  const child = utilityProcess.fork(workerEntry("stream"), [], {
    serviceName: name,
    stdio: ["ignore", "pipe", "pipe"],
    env: { ...process.env, ...env }, // given as a whole: what is left out would be missing
  });
  const print = (chunk: Buffer): void => console.log(`${name}: ${chunk.toString().trimEnd()}`);
  child.stdout?.on("data", print); // an unread pipe stops the worker
  child.stderr?.on("data", print);
  const { exited, alive } = watchEnd(child, name);
  await waitForHello(child, exited, name);

  const give = (line: string, port: MessagePortMain): void => {
    if (!alive()) {
      port.close(); // posting it to the dead would leave it open for ever
      throw new AppError("closed", `The ${name} has ended`);
    }
    child.postMessage({ kind: "port", id: line }, [port]);
  };
  const { port1, port2 } = new MessageChannelMain();
  const port = fromMessagePort(port1);
  give(MAIN_LINE, port2);
  return {
    port,
    pid: child.pid,
    exited,
    give,
    kill: (signal = "SIGTERM") => {
      if (!alive()) return;
      if (signal === "SIGKILL") {
        child.kill();
        return;
      }
      child.postMessage({ kind: "stop" });
      const late = setTimeout(() => child.kill(), STOP_TIMEOUT_MS);
      void exited.then(() => clearTimeout(late));
    },
  };
}

/** Starts the compute worker: a real Node, since Electron's V8 refuses the buffers of the graphics add-on. */
export function forkCompute(env: NodeJS.ProcessEnv = {}): Promise<WorkerHandle> {
  if (!app.isPackaged) return forkNode("compute", { env });
  const node = join(process.resourcesPath, "node", process.platform === "win32" ? "node.exe" : "node");
  return forkNode("compute", { node, env });
}
