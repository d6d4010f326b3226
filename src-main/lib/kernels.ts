import { existsSync, readFileSync } from "node:fs";
import type { EventKernels } from "#main/kernels/event-kernels.ts";
import { MEMORY_PAGES } from "#main/kernels/layout.ts";
import { createPlainEventKernels } from "#main/kernels/plain-events.ts";
import { log } from "./log.ts";
import { kernelPath } from "./paths.ts";

/** A compiled kernel module from the build, or `undefined` when it has not been built or this machine cannot run it. */
export function loadKernelModule(name: Parameters<typeof kernelPath>[0]): WebAssembly.Module | undefined {
  const path = kernelPath(name);
  if (!existsSync(path)) return undefined;
  try {
    return new WebAssembly.Module(readFileSync(path));
  } catch (error) {
    log("warning", "kernels", `${path} cannot be used here: ${error instanceof Error ? error.message : String(error)}`);
    return undefined;
  }
}

/** The functions of the module; one that lacks any of them is of another version. */
const KERNELS = ["evt3Decode", "atisDecode", "evt2Decode", "evt21Decode", "evt4Decode", "datDecode", "aedat4Decode"] as const;

/** The compiled event kernels on a memory of their own; `undefined` when the module has not been built. */
export function createCompiledEventKernels(): EventKernels | undefined {
  const module = loadKernelModule("events");
  if (module === undefined) return undefined;
  const memory = new WebAssembly.Memory({ initial: MEMORY_PAGES, maximum: MEMORY_PAGES });
  const { exports } = new WebAssembly.Instance(module, { env: { memory } });
  const missing = KERNELS.filter((name) => typeof exports[name] !== "function");
  if (missing.length > 0) {
    log("warning", "kernels", `${kernelPath("events")} is of another version; build the kernels again`);
    return undefined;
  }
  return { ...(exports as unknown as Pick<EventKernels, (typeof KERNELS)[number]>), memory: memory.buffer, compiled: true };
}

export { createPlainEventKernels };

let current: EventKernels | undefined;

/** The event kernels of this process: compiled where the build has made them, plain TypeScript otherwise. */
export function eventKernels(): EventKernels {
  current ??= createCompiledEventKernels() ?? createPlainEventKernels();
  return current;
}

/** Runs with other kernels from here on, for tests and benchmarks that compare the two; `undefined` goes back to the default. */
export function useEventKernels(kernels: EventKernels | undefined): void {
  current = kernels;
}
