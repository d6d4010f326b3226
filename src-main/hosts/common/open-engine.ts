import type { EngineApi } from "#shared/api/engine-api.ts";
import type { Host } from "#main/hosts/host.ts";

/** An engine with its workspace open. */
export interface OpenEngine {
  readonly api: EngineApi;
  /** Stops runs and recordings in a way that keeps them, ends every worker, closes the workspace. */
  close(): Promise<void>;
}

/**
 * Starts the engine. It is loaded here and not by the modules that need it, since the commands that do without it
 * should not wait for it.
 * @param workspace folder to open; undefined: the one used last, or the user's own.
 */
export async function openEngine(host: Host, workspace: string | undefined): Promise<OpenEngine> {
  const { createEngine } = await import("#main/engine/engine.ts");
  return createEngine({ host, ...(workspace === undefined ? {} : { workspace }) });
}
