import { join } from "node:path";
import type { Host } from "#main/hosts/host.ts";
import { forkNode, type NodeWorker } from "#main/hosts/common/fork-node.ts";

/** A host in a temporary folder that forks the real workers. */
export interface RealHost extends Host {
  /** Every worker forked so far, oldest first, to be killed by tests. */
  readonly forked: readonly { readonly role: "stream" | "compute"; readonly worker: NodeWorker }[];
}

export function createRealHost(folder: string, options: { readonly roots?: readonly string[] } = {}): RealHost {
  const forked: { role: "stream" | "compute"; worker: NodeWorker }[] = [];
  return {
    kind: "test",
    paths: { data: join(folder, "data"), cache: join(folder, "cache"), logs: join(folder, "logs") },
    roots: options.roots ?? [],
    forked,
    fork: async (role) => {
      const worker = await forkNode(role, { env: { SACCADE_CACHE: join(folder, "cache") } });
      forked.push({ role, worker });
      return worker;
    },
    expose: (_, name) => `test:${name}`,
    conceal: () => undefined,
  };
}
