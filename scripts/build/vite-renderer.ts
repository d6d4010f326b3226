import { join } from "node:path";
import { svelte, vitePreprocess } from "@sveltejs/vite-plugin-svelte";
import type { InlineConfig } from "vite";
import { rootDir } from "#main/lib/paths.ts";

/** The page: one build for every host. */
export const rendererConfig: InlineConfig = {
  configFile: false,
  root: join(rootDir, "src-renderer"),
  base: "./",
  logLevel: "warn",
  clearScreen: false,
  plugins: [svelte({ configFile: false, preprocess: vitePreprocess() })],
  build: {
    outDir: join(rootDir, "dist", "renderer"),
    emptyOutDir: true,
    chunkSizeWarningLimit: 5000, // loaded from this machine, not over a network
    // The policy of the hosts allows no inline script, and a data: font or picture saves nothing here.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
  },
};
