import { Socket } from "node:net";
import type { ComputeApi } from "#shared/api/compute-api.ts";
import { serve } from "#shared/channel/channel.ts";
import { log } from "#main/lib/log.ts";
import { multiplex } from "#main/lib/multiplex.ts";
import { fromStream } from "#main/lib/pipe-port.ts";
import { rememberIn } from "#main/units/codecs/answers.ts";
import { createCompute } from "./api.ts";

/*
 * The compute worker's process: a real Node with the engine's line on file descriptor 3. It lives as long as that
 * line. A training that outlives its app would be the worst outcome, so the end of the line ends the process, at once
 * and without waiting: checkpoints are on disk after every epoch.
 */

/** Time to close sockets and remove the socket's folder before the process ends anyway. */
const FAREWELL_MS = 1000;

rememberIn(process.env["SACCADE_READINGS"]);
const { api, close } = createCompute();
const wire = new Socket({ fd: 3, readable: true, writable: true });
const lines = multiplex(fromStream(wire), { kind: "hello", role: "compute", node: process.version, pid: process.pid });

let ending = false;
lines.onClose((reason) => {
  if (ending) return;
  ending = true;
  log("info", "compute", `the engine's line has ended (${reason})`);
  setTimeout(() => process.exit(0), FAREWELL_MS).unref();
  close().then(
    () => process.exit(0),
    () => process.exit(1),
  );
});
process.on("unhandledRejection", (reason) => {
  throw reason instanceof Error ? reason : new Error(String(reason));
});

// Ctrl-C or a closed terminal reaches the whole group: the host decides when its workers end, and a run keeps its best.
for (const signal of ["SIGINT", "SIGHUP"] as const) process.on(signal, () => undefined);

serve<ComputeApi>(lines.main, api);
