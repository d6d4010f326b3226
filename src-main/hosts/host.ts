import type { Port } from "#shared/channel/port.ts";

/** A running worker as its host knows it. */
export interface WorkerHandle {
  /** The engine's line to it (StreamWorkerApi with StreamApi under `stream`, or ComputeApi). */
  readonly port: Port;
  readonly pid: number | undefined;
  /** Why it ended; never rejects. */
  readonly exited: Promise<string>;
  kill(signal?: "SIGTERM" | "SIGKILL"): void;
}

/** What the engine runs inside. Hosts fork workers and connect people to them; nothing else differs. */
export interface Host {
  readonly kind: "electron" | "server" | "cli" | "test";
  /** Why this host and not Electron, in one plain line. */
  readonly reason?: string;
  readonly paths: { readonly data: string; readonly cache: string; readonly logs: string };
  /** Folders that pages may browse; empty where the host has a native dialog. */
  readonly roots: readonly string[];
  /** Starts a worker and waits for its hello. @throws AppError when it does not answer in time. */
  fork(role: "stream" | "compute"): Promise<WorkerHandle>;
  /** Names an endpoint under which a page gets a private port to this worker; see `client.ts`. */
  expose(worker: WorkerHandle, name: string): string;
  /** Takes an endpoint back. */
  conceal(endpoint: string): void;
}
