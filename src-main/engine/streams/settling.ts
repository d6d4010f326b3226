import { basename } from "node:path";
import type { SystemStatus } from "#shared/api/engine-api.ts";
import { toErrorData } from "#shared/api/errors.ts";
import { log } from "#main/lib/log.ts";
import type { Workspace } from "#main/engine/workspace/workspace.ts";
import type { Workers } from "#main/engine/workers.ts";

/** Rewrites takes in the format they are meant for, one after the other, while everything else goes on. */
export interface Settling {
  /** A recording in the library of this workspace whose file holds a camera's bytes as they came. */
  add(workspace: Workspace, id: string, path: string): void;
  /** The one that is under way, for the status bar. */
  status(): SystemStatus["settling"];
  /** When nothing is under way any more. */
  idle(): Promise<void>;
  /** Leaves off: what is not rewritten yet is at the next start. */
  leave(): Promise<void>;
}

export function createSettling(workers: Workers): Settling {
  let last: Promise<void> = Promise.resolve();
  let current: SystemStatus["settling"];
  let waiting = 0;
  let leaving = new AbortController();

  const settle = async ({ library }: Workspace, id: string, path: string, signal: AbortSignal): Promise<void> => {
    const kept = await workers.files(async (api) => {
      for await (const step of api.settling(path, signal)) {
        if (step.kind === "done") return step;
        current = { name: basename(path), fraction: step.fraction, waiting };
      }
      return undefined;
    });
    if (kept === undefined || kept.path === path) return;
    const found = await workers.files((api) => api.inspect(kept.path, { digest: false }));
    library.relocate(id, { path: kept.path, codec: found.codec, bytes: kept.bytes });
  };

  return {
    add: (workspace, id, path) => {
      waiting += 1;
      const { signal } = leaving;
      last = last.then(async () => {
        waiting -= 1;
        if (signal.aborted) return;
        current = { name: basename(path), fraction: 0, waiting };
        try {
          await settle(workspace, id, path, signal);
        } catch (error) {
          // The camera's bytes are a recording too, and are rewritten at the next start.
          log("warning", "streams", `${path} is kept as it came: ${toErrorData(error).message}`);
        } finally {
          current = undefined;
        }
      });
    },
    status: () => current,
    idle: () => last,
    leave: () => {
      leaving.abort();
      leaving = new AbortController();
      return last;
    },
  };
}
