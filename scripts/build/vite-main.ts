import { join } from "node:path";
import type { InlineConfig } from "vite";
import { rootDir } from "#main/lib/paths.ts";

const source = (path: string): string => join(rootDir, "src-main", path);
const common = { configFile: false, root: rootDir, logLevel: "warn", clearScreen: false } as const;

/** Never bundled: the runtime itself, native add-ons, what loads them, and a library with its program inside. */
const external = [/^electron($|\/)/, "usb", "webgpu", "ws", "h5wasm", /^@tensorflow\//];

/** Main processes and stream worker: ES modules for Node and Electron. */
export const mainConfig: InlineConfig = {
  ...common,
  build: {
    ssr: true,
    target: "node24",
    outDir: join(rootDir, "dist", "main"),
    emptyOutDir: true,
    minify: false,
    rolldownOptions: {
      input: {
        electron: source("hosts/electron/main.ts"),
        cli: source("hosts/cli/main.ts"),
        stream: source("workers/stream/entry.ts"),
      },
      external,
      output: { format: "es", entryFileNames: "[name].mjs", chunkFileNames: "chunks/[name]-[hash].mjs" },
    },
  },
  ssr: { noExternal: true, target: "node" },
};

/** The sandboxed preload: one CommonJS file that requires nothing but electron. */
export const preloadConfig: InlineConfig = {
  ...common,
  build: {
    ssr: true,
    target: "chrome140",
    outDir: join(rootDir, "dist", "preload"),
    emptyOutDir: true,
    minify: false,
    rolldownOptions: {
      input: { preload: source("hosts/electron/preload.ts") },
      external: ["electron"],
      output: { format: "cjs", entryFileNames: "[name].cjs", codeSplitting: false },
    },
  },
  ssr: { noExternal: true },
};

/** The compute worker: outside the archive, run by a real Node, tfjs beside it in node_modules. */
export const computeConfig: InlineConfig = {
  ...common,
  build: {
    ssr: true,
    target: "node24",
    outDir: join(rootDir, "dist", "compute"),
    emptyOutDir: true,
    minify: false,
    rolldownOptions: {
      input: {
        compute: source("workers/compute/entry.ts"),
        "hdf5-library": source("units/codecs/hdf5/library-thread.ts"),
      },
      external,
      output: { format: "es", entryFileNames: "[name].mjs", chunkFileNames: "chunks/[name]-[hash].mjs" },
    },
  },
  ssr: { noExternal: true, target: "node" },
};
