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
    testTimeout: 60_000,
    hookTimeout: 60_000,
    pool: "forks",
    maxWorkers: 2,
    reporters: ["default"],
  },
});
