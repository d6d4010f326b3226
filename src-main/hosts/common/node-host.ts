import { randomBytes } from "node:crypto";
import { join } from "node:path";
import { AppError } from "#shared/api/errors.ts";
import type { Port } from "#shared/channel/port.ts";
import type { Host, WorkerHandle } from "#main/hosts/host.ts";
import { forkNode, type NodeWorker } from "./fork-node.ts";
import { userPaths } from "./user-paths.ts";

/** Where a host publishes private lines for pages; absent where there are no pages. */
export interface LineDesk {
  expose(open: () => Port): string;
  conceal(endpoint: string): void;
}

/** What differs between the hosts whose workers are all Node processes. */
export interface NodeHostOptions {
  readonly kind: "server" | "cli";
  readonly reason?: string;
  readonly roots: readonly string[];
  readonly desk?: LineDesk;
}

/** Endpoint where there are no pages that could ask for it. */
const NO_PAGES = "none";

/** What workers learn from their environment. */
export const workerEnv = (paths: Host["paths"]): NodeJS.ProcessEnv => ({
  SACCADE_CACHE: paths.cache,
  SACCADE_READINGS: join(paths.data, "readings"),
});

/** The host of the local server and of the command line. */
export function createNodeHost({ kind, reason, roots, desk }: NodeHostOptions): Host {
  const workers = new WeakMap<WorkerHandle, NodeWorker>();
  const paths = userPaths();
  return {
    kind,
    ...(reason === undefined ? {} : { reason }),
    paths,
    roots,
    fork: async (role) => {
      const worker = await forkNode(role, { env: workerEnv(paths) });
      workers.set(worker, worker);
      return worker;
    },
    expose: (handle, name) => {
      const worker = workers.get(handle);
      if (worker === undefined) throw new AppError("internal", `${name} is not run by a worker of this host`);
      if (desk === undefined) return NO_PAGES;
      // Every connection gets a line of its own: a reloaded page must not receive what the old one asked for.
      return desk.expose(() => worker.openLine(`${name}-${randomBytes(6).toString("hex")}`));
    },
    conceal: (endpoint) => desk?.conceal(endpoint),
  };
}
