#!/usr/bin/env node
// Runs under the Node that is at hand, which may be an old one: hands over to the Node of this project then.
import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const OLDEST_NODE = 24;
const root = dirname(dirname(fileURLToPath(import.meta.url)));

if (Number.parseInt(process.versions.node, 10) < OLDEST_NODE) {
  const windows = process.platform === "win32";
  const node = join(root, "node_modules", "node", "bin", windows ? "node.exe" : "node");
  if (!existsSync(node)) {
    console.error(
      `saccade: Node ${OLDEST_NODE} or newer is needed, this is ${process.version}\nRun npm install in ${root}; it brings one.`,
    );
    process.exit(1);
  }
  const child = spawn(node, [fileURLToPath(import.meta.url), ...process.argv.slice(2)], { stdio: "inherit" });
  // Ctrl-C reaches the child by itself (one process group); it decides when to end.
  process.on("SIGINT", () => {});
  for (const signal of ["SIGTERM", "SIGHUP"]) process.on(signal, () => child.kill(signal));
  child.on("error", (error) => {
    console.error(`saccade: ${node} could not be started: ${error.message}`);
    process.exit(1);
  });
  child.on("exit", (code, signal) => process.exit(code ?? (signal === "SIGINT" ? 130 : 1)));
} else {
  const { enableCompileCache } = await import("node:module");
  const { directory } = enableCompileCache();
  if (directory !== undefined) process.env.NODE_COMPILE_CACHE ??= directory; // workers start faster with it, too
  if (existsSync(join(root, "scripts", "build", "parts.ts"))) {
    const { buildPart } = await import("../scripts/build/parts.ts");
    try {
      await buildPart("kernels", (line) => console.error(`saccade: ${line}`));
    } catch (error) {
      console.error(`saccade: the kernels could not be built: ${error instanceof Error ? error.message : error}`);
      process.exit(1);
    }
    await import("../src-main/hosts/cli/main.ts");
  } else {
    await import("../dist/main/cli.mjs");
  }
}
