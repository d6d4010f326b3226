import { spawnSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";

/*
 * Finding and fetching Electron's executable. The npm package itself is never loaded: loading it downloads, without a
 * limit in time, and its start script takes an old binary for the right one.
 */

const require = createRequire(import.meta.url);

/** Nothing received for so long: the network is closed, however politely. */
const IDLE_MS = 8_000;
const TOTAL_MS = 600_000;
const UNPACK_MS = 120_000;

/** Where the package lies and which version of the binary belongs to it. */
export interface ElectronPackage {
  readonly home: string;
  readonly version: string;
}

/** The installed package; undefined when only the production dependencies are there. */
export function electronPackage(): ElectronPackage | undefined {
  try {
    const path = require.resolve("electron/package.json");
    const { version } = JSON.parse(readFileSync(path, "utf8")) as { version: string };
    return { home: dirname(path), version };
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "MODULE_NOT_FOUND") return undefined;
    throw error;
  }
}

/** The executable's place below the folder of the binary. */
export function executableName(platform: NodeJS.Platform = process.platform): string {
  if (platform === "darwin") return "Electron.app/Contents/MacOS/Electron";
  return platform === "win32" ? "electron.exe" : "electron";
}

const read = (path: string): string | undefined => (existsSync(path) ? readFileSync(path, "utf8").trim() : undefined);

/** The executable, if this version of it is completely there. */
export function findElectron(
  found: ElectronPackage | undefined = electronPackage(),
  env: NodeJS.ProcessEnv = process.env,
): string | undefined {
  const override = env["ELECTRON_OVERRIDE_DIST_PATH"];
  const name = executableName();
  if (override !== undefined && override !== "") {
    const path = join(override, name);
    return existsSync(path) ? path : undefined;
  }
  if (found === undefined) return undefined;
  if (read(join(found.home, "path.txt")) !== name) return undefined; // written last by the unpacker
  if (read(join(found.home, "dist", "version"))?.replace(/^v/, "") !== found.version) return undefined; // of an older package
  const path = join(found.home, "dist", name);
  return existsSync(path) ? path : undefined;
}

/** Limits of a download. */
export interface FetchLimits {
  readonly idleMs?: number;
  readonly totalMs?: number;
  readonly signal?: AbortSignal;
}

interface Getter {
  readonly downloadArtifact: (options: object) => Promise<string>;
}

/** "fetch failed" hides the reason in its cause. */
function reasonOf(error: unknown): string {
  for (let at = error; at instanceof Error; at = at.cause) {
    if (!(at.cause instanceof Error)) return at.message.split("\n")[0] ?? at.message;
  }
  return String(error);
}

/** Downloads the binary within limits. The answer is the reason it did not work, or undefined. */
export async function fetchElectron(
  { home, version }: ElectronPackage,
  onProgress: (fraction: number) => void,
  { idleMs = IDLE_MS, totalMs = TOTAL_MS, signal }: FetchLimits = {},
): Promise<string | undefined> {
  const fromElectron = createRequire(join(home, "package.json")); // @electron/get is electron's dependency, not ours
  const { downloadArtifact } = (await import(fromElectron.resolve("@electron/get"))) as Getter;
  const idle = new AbortController();
  let timer: NodeJS.Timeout | undefined;
  const alive = (): void => {
    clearTimeout(timer);
    timer = setTimeout(() => idle.abort(new Error(`nothing received for ${idleMs / 1000} s`)), idleMs);
  };
  alive();
  try {
    await downloadArtifact({
      version,
      artifactName: "electron",
      platform: process.platform,
      arch: process.arch,
      checksums: JSON.parse(readFileSync(join(home, "checksums.json"), "utf8")) as Record<string, string>,
      downloadOptions: {
        quiet: true,
        signal: AbortSignal.any([idle.signal, AbortSignal.timeout(totalMs), ...(signal === undefined ? [] : [signal])]),
        getProgressCallback: ({ percent }: { percent: number }) => {
          alive();
          onProgress(percent);
          return Promise.resolve();
        },
      },
    });
  } catch (error) {
    return reasonOf(idle.signal.aborted ? idle.signal.reason : error);
  } finally {
    clearTimeout(timer);
  }
  const unpack = spawnSync(process.execPath, [join(home, "install.js")], { stdio: "inherit", timeout: UNPACK_MS }); // from the cache now
  return unpack.status === 0 ? undefined : "the archive could not be unpacked";
}
