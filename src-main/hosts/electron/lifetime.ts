import { app, powerSaveBlocker, type BrowserWindow } from "electron";
import type { EngineApi, SystemStatus } from "#shared/api/engine-api.ts";
import type { OpenEngine } from "#main/hosts/common/open-engine.ts";
import { confirmEnd } from "./dialogs.ts";

/** How long closing may take before the app ends without it: what is on disk is valid at any moment. */
const CLOSE_TIMEOUT_MS = 8_000;

/** What would be cut short by quitting, for the question; undefined: nothing. */
export function busyWith(status: SystemStatus | undefined): string | undefined {
  if (status?.recording !== undefined) return "A recording is running.";
  return status?.run === undefined ? undefined : `The run "${status.run.name}" is training.`;
}

/** Follows what the engine does: the machine must not fall asleep over it, and quitting asks first. */
export function followStatus(engine: EngineApi): { readonly busy: () => string | undefined } {
  let latest: SystemStatus | undefined;
  let blocker: number | undefined;
  const follow = async (): Promise<void> => {
    for await (const status of engine.status()) {
      latest = status;
      const busy = busyWith(status) !== undefined;
      if (busy && blocker === undefined) blocker = powerSaveBlocker.start("prevent-app-suspension");
      if (!busy && blocker !== undefined) {
        powerSaveBlocker.stop(blocker);
        blocker = undefined;
      }
    }
  };
  follow().catch((error: unknown) => console.error("status:", error));
  return { busy: () => busyWith(latest) };
}

function withinLimit(work: Promise<void>): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, CLOSE_TIMEOUT_MS);
  });
  return Promise.race([work, late]).finally(() => clearTimeout(timer));
}

/**
 * Makes quitting wait: Electron waits for nothing asynchronous, so the first attempt is held back, the engine closes,
 * and the second attempt goes through. Called when the window exists.
 */
export function guardQuit(engine: OpenEngine, busy: () => string | undefined, window: () => BrowserWindow | undefined): void {
  let phase: "running" | "asking" | "stopping" | "stopped" = "running";
  const stop = async (): Promise<void> => {
    const reason = busy();
    if (reason !== undefined) {
      phase = "asking";
      if (!(await confirmEnd(window(), reason))) {
        phase = "running";
        return;
      }
    }
    phase = "stopping";
    window()?.hide(); // its lines are about to end, which is nothing to report
    await withinLimit(engine.close()).catch((error: unknown) => console.error("closing:", error));
    phase = "stopped";
    app.quit();
  };
  app.on("before-quit", (event) => {
    if (phase === "stopped") return;
    event.preventDefault();
    if (phase === "running") stop().catch((error: unknown) => console.error("quitting:", error));
  });
  // Closing the last window is quitting. It stays until the question is answered, or "Go on" would leave no window.
  window()?.on("close", (event) => {
    if (phase === "stopped") return;
    event.preventDefault();
    app.quit();
  });
}
