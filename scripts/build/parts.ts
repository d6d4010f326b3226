import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { rootDir } from "#main/lib/paths.ts";
import { fingerprintOf, type Inputs } from "./fingerprint.ts";

/** The parts a build is made of, in the order in which they are built. */
export const partNames = ["kernels", "renderer", "main"] as const;
export type PartName = (typeof partNames)[number];

interface Part {
  readonly inputs: Inputs;
  /** Files that must exist afterwards, relative to the root. */
  readonly outputs: readonly string[];
  build(): Promise<void>;
}

const tests = /\.(test|bench)\.ts$|\/(testing|fakes)\//;
/** Versions of everything that takes part in a build. */
const tools = ["package-lock.json", "scripts/build"];

const parts: Readonly<Record<PartName, Part>> = {
  kernels: {
    inputs: { paths: ["src-main/kernels", "scripts/build-kernels.ts"], except: tests },
    outputs: ["events", "tensor", "tensor-relaxed"].map((name) => `dist/kernels/${name}.wasm`),
    build: async () => {
      const { buildKernels } = await import("../build-kernels.ts");
      await buildKernels({ force: true });
    },
  },
  renderer: {
    inputs: { paths: ["src-renderer", "src-shared", ...tools], except: tests },
    outputs: ["dist/renderer/index.html"],
    build: async () => {
      const [{ build }, { rendererConfig }] = await Promise.all([import("vite"), import("./vite-renderer.ts")]);
      await build(rendererConfig);
    },
  },
  main: {
    inputs: { paths: ["src-main", "src-shared", ...tools], except: tests },
    outputs: [
      "dist/main/electron.mjs",
      "dist/main/cli.mjs",
      "dist/main/stream.mjs",
      "dist/preload/preload.cjs",
      "dist/compute/compute.mjs",
    ],
    build: async () => {
      const [{ build }, { computeConfig, mainConfig, preloadConfig }] = await Promise.all([
        import("vite"),
        import("./vite-main.ts"),
      ]);
      for (const config of [mainConfig, preloadConfig, computeConfig]) await build(config);
    },
  },
};

const stampOf = (name: PartName): string => join(rootDir, "dist", ".built", name);

/** Whether a part has been built from exactly the sources that lie here now. */
export function isFresh(name: PartName): boolean {
  const { inputs, outputs } = parts[name];
  if (!existsSync(stampOf(name)) || !outputs.every((path) => existsSync(join(rootDir, path)))) return false;
  return readFileSync(stampOf(name), "utf8") === fingerprintOf(rootDir, inputs);
}

/** Builds a part unless it is fresh. True when there was something to do. */
export async function buildPart(name: PartName, say: (line: string) => void, force = false): Promise<boolean> {
  if (!force && isFresh(name)) return false;
  const part = parts[name];
  const fingerprint = fingerprintOf(rootDir, part.inputs); // before the build: an edit meanwhile must not look built
  const began = performance.now();
  say(`building ${name} …`);
  await part.build();
  const missing = part.outputs.find((path) => !existsSync(join(rootDir, path)));
  if (missing !== undefined) throw new Error(`The build of ${name} has not made ${missing}`);
  mkdirSync(dirname(stampOf(name)), { recursive: true });
  writeFileSync(stampOf(name), fingerprint);
  say(`built ${name} in ${((performance.now() - began) / 1000).toFixed(1)} s`);
  return true;
}
