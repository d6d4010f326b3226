import { replaceKernel as replaceOn, type Kernel } from "../replace-kernel.ts";
import type { WasmHeap } from "./backend.ts";
import type { TensorKernels } from "./module.ts";

/** What every kernel file gets. */
export interface WasmTools {
  readonly heap: WasmHeap;
  readonly kernels: TensorKernels;
}

/** Puts our kernel in the place of the wasm backend's. */
export const replaceKernel = (kernelName: string, kernel: Kernel): void => replaceOn("wasm", kernelName, kernel);
