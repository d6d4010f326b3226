import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { join, resolve } from "node:path";
import { AppError } from "#shared/api/errors.ts";
import { rootDir } from "#main/lib/paths.ts";
import { command, PartialFailure } from "../command.ts";

export const open = command({
  path: ["open"],
  summary: "Starts the app: in a window, or in the browser where Electron cannot be had.",
  positionals: [{ name: "FILE", summary: "Recordings to open", optional: true, many: true }],
  options: {},
  run: async ({ workspace, signal }, files) => {
    const script = join(rootDir, "scripts", "start.ts");
    if (!existsSync(script)) throw new AppError("unsupported", "The app is started by its own icon or by saccade serve");
    const args = [
      ...(workspace === undefined ? [] : ["--workspace", resolve(workspace)]),
      "--",
      ...files.map((file) => resolve(file)),
    ];
    const child = spawn(process.execPath, [script, ...args], { stdio: "inherit" });
    signal.addEventListener("abort", () => child.kill("SIGTERM"), { once: true });
    const code = await new Promise<number | null>((done, fail) => child.once("error", fail).once("exit", done));
    if (code !== 0 && !signal.aborted) throw new PartialFailure();
  },
});
