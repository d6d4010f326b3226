import { spawn } from "node:child_process";

/** A window that ends sooner than this has not really started. */
const START_MS = 10_000;
const KEPT_CHARS = 64 * 1024;

/** How a window ended. */
export type Outcome = { readonly kind: "ended"; readonly code: number } | { readonly kind: "no-window"; readonly reason: string };

/** Words of Electron that mean it cannot show a window here, and what they mean. */
const EXPLANATIONS: readonly (readonly [pattern: RegExp, reason: string])[] = [
  [
    /SUID sandbox helper|No usable sandbox/,
    "Electron's sandbox is not allowed here; an AppArmor profile for it, or chown root and chmod 4755 on chrome-sandbox, would change that",
  ],
  [/Missing X server|Unable to open X display|cannot open display|Failed to connect to Wayland/i, "there is no display"],
  [/cannot open shared object file/, "Electron misses a system library"],
  [/Running as root without --no-sandbox/, "Electron does not run as root"],
];

/** Why a window that ended so soon was none; undefined when its end was its own affair. */
export function explain(code: number | null, signal: NodeJS.Signals | null, ranMs: number, stderr: string): string | undefined {
  if (ranMs > START_MS) return undefined;
  const known = EXPLANATIONS.find(([pattern]) => pattern.test(stderr));
  const library = /([\w.+-]+): cannot open shared object file/.exec(stderr)?.[1];
  if (signal === "SIGTRAP" || (code !== 0 && known !== undefined)) {
    return known === undefined
      ? "Electron ended at once (SIGTRAP)"
      : library === undefined
        ? known[1]
        : `${known[1]}: ${library}`;
  }
  return undefined;
}

/** Why no window can be shown, known before trying. */
export function obstacle(env: NodeJS.ProcessEnv, platform: NodeJS.Platform, uid: number | undefined): string | undefined {
  if (platform !== "linux") return undefined;
  if (!env["WAYLAND_DISPLAY"] && !env["DISPLAY"]) return "there is no display";
  return uid === 0 ? "Electron does not run as root" : undefined;
}

/** Runs Electron's executable and tells a window that ended from one that never was. */
export function launch(executable: string, args: readonly string[], env: NodeJS.ProcessEnv): Promise<Outcome> {
  const began = performance.now();
  const child = spawn(executable, args, { stdio: ["inherit", "inherit", "pipe"], env });
  let stderr = "";
  child.stderr.on("data", (chunk: Buffer) => {
    process.stderr.write(chunk);
    stderr = (stderr + chunk.toString()).slice(-KEPT_CHARS);
  });
  const forward = (signal: NodeJS.Signals): void => void child.kill(signal);
  const ignore = (): void => undefined; // Ctrl-C reaches the window by itself; it asks before it ends
  process.on("SIGINT", ignore).on("SIGTERM", forward);
  return new Promise<Outcome>((resolve) => {
    child.once("error", (error) => resolve({ kind: "no-window", reason: `Electron could not be started: ${error.message}` }));
    child.once("close", (code, signal) => {
      const reason = explain(code, signal, performance.now() - began, stderr);
      resolve(reason === undefined ? { kind: "ended", code: code ?? 1 } : { kind: "no-window", reason });
    });
  }).finally(() => process.off("SIGINT", ignore).off("SIGTERM", forward));
}
