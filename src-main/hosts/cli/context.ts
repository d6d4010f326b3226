import type { EngineApi } from "#shared/api/engine-api.ts";
import type { StreamApi, StreamWorkerApi } from "#shared/api/stream-api.ts";
import { connect } from "#shared/channel/channel.ts";
import { forkNode, type NodeWorker } from "#main/hosts/common/fork-node.ts";
import { createNodeHost, workerEnv } from "#main/hosts/common/node-host.ts";
import { openEngine, type OpenEngine } from "#main/hosts/common/open-engine.ts";
import { userPaths } from "#main/hosts/common/user-paths.ts";
import type { Context, StreamWorker } from "./command.ts";
import type { Output } from "./output.ts";

/** A worker that does not end in this time when asked is made to: it would outlive the command. */
const STOP_TIMEOUT_MS = 3000;

async function end(worker: NodeWorker): Promise<void> {
  worker.kill("SIGTERM");
  const late = setTimeout(() => worker.kill("SIGKILL"), STOP_TIMEOUT_MS);
  await worker.exited;
  clearTimeout(late);
}

/** The context of one command. What is started when first asked for ends with `close`. */
export function openContext(
  out: Output,
  signal: AbortSignal,
  workspace: string | undefined,
): Context & { close(): Promise<void> } {
  let worker: Promise<NodeWorker> | undefined;
  let api: StreamWorker | undefined;
  let engine: Promise<OpenEngine> | undefined;
  const others: Promise<NodeWorker>[] = [];
  const fork = (): Promise<NodeWorker> => forkNode("stream", { env: workerEnv(userPaths()) });
  return {
    out,
    signal,
    workspace,
    worker: async () => {
      worker ??= fork();
      const { port } = await worker;
      // The proxy answers to every name but "then", so it may be handed through promises.
      return (api ??= connect<StreamWorkerApi & { readonly stream: StreamApi }>(port));
    },
    anotherWorker: async () => {
      const another = fork();
      others.push(another);
      return connect<StreamWorkerApi & { readonly stream: StreamApi }>((await another).port);
    },
    engine: async (): Promise<EngineApi> => {
      engine ??= openEngine(createNodeHost({ kind: "cli", roots: [] }), workspace);
      return (await engine).api;
    },
    close: async () => {
      const workers = await Promise.allSettled([...(worker === undefined ? [] : [worker]), ...others]);
      const [opened] = await Promise.allSettled([engine]);
      // A start that failed has been reported by whoever asked for it.
      await Promise.all(workers.map(async (running) => (running.status === "fulfilled" ? end(running.value) : undefined)));
      if (opened.status === "fulfilled") await opened.value?.close();
    },
  };
}
