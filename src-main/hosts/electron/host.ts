import { randomBytes } from "node:crypto";
import { join } from "node:path";
import { app, MessageChannelMain, type MessagePortMain, type WebFrameMain } from "electron";
import { AppError } from "#shared/api/errors.ts";
import type { EngineApi } from "#shared/api/engine-api.ts";
import { serve } from "#shared/channel/channel.ts";
import { fromMessagePort } from "#shared/channel/message-port.ts";
import { workerEnv } from "#main/hosts/common/node-host.ts";
import { userPaths } from "#main/hosts/common/user-paths.ts";
import type { Host, WorkerHandle } from "#main/hosts/host.ts";
import { forkCompute, forkStream, type StreamProcess } from "./fork.ts";

/** Endpoint of the engine, see `client.ts`. */
const ENGINE_ENDPOINT = "engine";

/** Ports for pages. */
export interface Desk {
  readonly host: Host;
  /** Answers a page that asks for an endpoint: hands a port to its frame. @throws AppError `not-found`, `closed`. */
  connect(endpoint: string, frame: WebFrameMain, engine: EngineApi): void;
}

/** A test or a second profile names its own folder for everything; else all hosts share the user's. */
function ownPaths(): Host["paths"] {
  if (!app.commandLine.hasSwitch("user-data-dir")) return userPaths();
  const own = join(app.getPath("userData"), "saccade"); // a folder of ours: Chromium fills the one above
  return { data: join(own, "data"), cache: join(own, "cache"), logs: join(own, "logs") };
}

/** The host inside Electron's main process. */
export function createElectronHost(): Desk {
  const streams = new WeakMap<WorkerHandle, StreamProcess>();
  const endpoints = new Map<string, (port: MessagePortMain) => void>();
  const paths = ownPaths();
  const host: Host = {
    kind: "electron",
    paths,
    roots: [], // the native dialog is used
    fork: async (role) => {
      if (role === "compute") return forkCompute(workerEnv(paths));
      const worker = await forkStream(workerEnv(paths));
      streams.set(worker, worker);
      return worker;
    },
    expose: (handle, name) => {
      const worker = streams.get(handle);
      if (worker === undefined) throw new AppError("internal", `${name} is not run by a worker of this host`);
      const endpoint = randomBytes(18).toString("base64url");
      endpoints.set(endpoint, (port) => worker.give(`${name}-${randomBytes(6).toString("hex")}`, port));
      return endpoint;
    },
    conceal: (endpoint) => void endpoints.delete(endpoint),
  };
  return {
    host,
    connect: (endpoint, frame, engine) => {
      const give = endpoint === ENGINE_ENDPOINT ? undefined : endpoints.get(endpoint);
      if (give === undefined && endpoint !== ENGINE_ENDPOINT) throw new AppError("not-found", `There is no line "${endpoint}"`);
      const { port1, port2 } = new MessageChannelMain();
      if (give === undefined) serve(fromMessagePort(port1), engine);
      else give(port1);
      frame.postMessage("saccade:port", { id: endpoint }, [port2]);
    },
  };
}
