import { Socket } from "node:net";
import { serve } from "#shared/channel/channel.ts";
import { fromMessagePort, type EmitterMessagePort } from "#shared/channel/message-port.ts";
import type { Port } from "#shared/channel/port.ts";
import { log } from "#main/lib/log.ts";
import { MAIN_LINE, multiplex, type WorkerHello } from "#main/lib/multiplex.ts";
import { fromStream } from "#main/lib/pipe-port.ts";
import { rememberIn } from "#main/units/codecs/answers.ts";
import { createStreamWorker } from "./worker.ts";

/*
 * A stream worker as a process, under Electron (utility process, ports from main) or plain Node (one framed pipe on file
 * descriptor 3; see lib/multiplex.ts). It ends when its host does, after closing what is open.
 */

/** Electron's way home, as far as we use it; plain Node has none. */
interface ParentPort {
  on(event: "message", listener: (event: { data: unknown; ports: EmitterMessagePort[] }) => void): unknown;
  postMessage(message: unknown): void;
}

/** Files that do not close in this time are left as they are: valid up to the last flush. */
const CLOSE_TIMEOUT_MS = 5000;

rememberIn(process.env["SACCADE_READINGS"]);
const worker = createStreamWorker({ cacheDir: process.env["SACCADE_CACHE"] });
const hello: WorkerHello = { kind: "hello", role: "stream", node: process.version, pid: process.pid };

let ending = false;
function end(code: number): void {
  if (ending) return;
  ending = true;
  setTimeout(() => process.exit(code), CLOSE_TIMEOUT_MS).unref();
  worker.close().then(
    () => process.exit(code),
    (error: unknown) => {
      log("error", "stream", error instanceof Error ? error.message : String(error));
      process.exit(1);
    },
  );
}

/** The engine gets everything, a page the stream alone. */
const accept = (name: string, port: Port): void => {
  if (name === MAIN_LINE) serve(port, worker.api);
  else serve(port, worker.api.stream);
};

process.on("unhandledRejection", (reason) => {
  throw reason;
});
process.on("SIGTERM", () => end(0));
// Ctrl-C or a closed terminal reaches the whole group: the host decides when its workers end.
for (const signal of ["SIGINT", "SIGHUP"] as const) process.on(signal, () => undefined);

const parent = (process as { readonly parentPort?: ParentPort }).parentPort;
if (parent === undefined) {
  const lines = multiplex(fromStream(new Socket({ fd: 3, readable: true, writable: true })), hello);
  accept(MAIN_LINE, lines.main);
  lines.accept(accept);
  lines.onClose(() => end(0));
} else {
  parent.on("message", ({ data, ports }) => {
    const message = data as { readonly kind?: unknown; readonly id?: unknown };
    const port = ports[0];
    if (message.kind === "stop") end(0);
    else if (message.kind === "port" && typeof message.id === "string" && port !== undefined) {
      accept(message.id, fromMessagePort(port));
    }
  });
  parent.postMessage(hello);
}
