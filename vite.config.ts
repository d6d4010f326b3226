import { defineConfig } from "vite";
import { rendererConfig } from "./scripts/build/vite-renderer.ts";

/** For tools that look for it here (`vite`, `svelte-check`, editors); `scripts/build.ts` builds with the same object. */
export default defineConfig(rendererConfig);
