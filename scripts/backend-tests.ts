import { spawnSync } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { rootDir } from "#main/lib/paths.ts";

/** Test files that run something on every backend, and those in folders of that name. */
const filesOf = (folder: string): string[] =>
  readdirSync(join(rootDir, "src-main"), { recursive: true, encoding: "utf8" })
    .filter((name) => name.endsWith(".test.ts"))
    .map((name) => join("src-main", name))
    .filter(
      (name) => name.includes(join("backends", folder)) || readFileSync(join(rootDir, name), "utf8").includes("onEachBackend("),
    );

/**
 * Runs on one backend what the suite runs on every backend, and sets the exit code.
 * @param folder beginning of its folder's name among the backends.
 * @param pattern of the names that its tests have.
 */
export function testBackend(folder: string, pattern: string): void {
  const vitest = join(rootDir, "node_modules", "vitest", "vitest.mjs");
  const options = ["run", "--testNamePattern", pattern, ...process.argv.slice(2)];
  const { status } = spawnSync(process.execPath, [vitest, ...options, ...filesOf(folder)], { cwd: rootDir, stdio: "inherit" });
  process.exitCode = status ?? 1;
}
