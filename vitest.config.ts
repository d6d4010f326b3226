import { resolve } from "node:path";
import { svelte } from "@sveltejs/vite-plugin-svelte";
import { defineConfig } from "vitest/config";

export default defineConfig({
  plugins: [svelte({ configFile: false })],
  resolve: {
    conditions: ["browser"],
    // The real package downloads its binary when it is loaded.
    alias: { electron: resolve(import.meta.dirname, "src-main/hosts/electron/fakes/electron.ts") },
  },
  test: {
    include: ["src-*/**/*.test.ts", "lint/**/*.test.{ts,js}", "scripts/**/*.test.ts"],
    // Many tests start workers or train, which takes its time on a busy machine; on a quiet one none without a limit of its own needs 30 s.
    testTimeout: 180_000,
    hookTimeout: 180_000,
    pool: "forks",
    maxWorkers: 2,
    reporters: ["default"],
  },
});
