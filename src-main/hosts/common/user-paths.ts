import { homedir } from "node:os";
import { join } from "node:path";
import type { Host } from "#main/hosts/host.ts";

type Environment = Readonly<Record<string, string | undefined>>;

/**
 * Where the user's things are kept, by each system's own custom; the same for window, browser and command line, so that
 * they show the same workspace. `SACCADE_HOME` puts everything into one folder.
 */
export function userPaths(
  env: Environment = process.env,
  platform: NodeJS.Platform = process.platform,
  home: string = homedir(),
): Host["paths"] {
  const own = env["SACCADE_HOME"];
  if (own) return { data: join(own, "data"), cache: join(own, "cache"), logs: join(own, "logs") };
  if (platform === "darwin") {
    const library = join(home, "Library");
    return {
      data: join(library, "Application Support", "Saccade"),
      cache: join(library, "Caches", "Saccade"),
      logs: join(library, "Logs", "Saccade"),
    };
  }
  if (platform === "win32") {
    const roaming = env["APPDATA"] ?? join(home, "AppData", "Roaming");
    const local = env["LOCALAPPDATA"] ?? join(home, "AppData", "Local");
    return { data: join(roaming, "Saccade"), cache: join(local, "Saccade", "Cache"), logs: join(local, "Saccade", "Logs") };
  }
  return {
    data: join(env["XDG_DATA_HOME"] || join(home, ".local", "share"), "saccade"),
    cache: join(env["XDG_CACHE_HOME"] || join(home, ".cache"), "saccade"),
    logs: join(env["XDG_STATE_HOME"] || join(home, ".local", "state"), "saccade", "logs"),
  };
}
