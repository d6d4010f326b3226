import type { TensorInfo } from "@tensorflow/tfjs";
import { tf } from "../tf.ts";
import { WasmHeap } from "./backend.ts";
import { registerBatchNorm } from "./batch-norm.ts";
import { registerConvolution } from "./convolution.ts";
import { registerMatMul } from "./mat-mul.ts";
import { loadKernels, type KernelVariant } from "./module.ts";
import { registerNeuron } from "./neuron.ts";
import { registerNormalizedNeuron } from "./normalized-neuron.ts";
import { registerPool } from "./pool.ts";
import { replaceKernel, type WasmTools } from "./register.ts";
import { registerUpdates } from "./updates.ts";

/** What was installed. */
export interface InstalledKernels {
  readonly variant: KernelVariant;
  readonly heap: WasmHeap;
}

let installed: Promise<InstalledKernels> | undefined;

async function install(wanted: KernelVariant): Promise<InstalledKernels> {
  const heap = new WasmHeap(tf.backend());
  const { kernels, variant } = await loadKernels(heap.memory, wanted);
  const tools: WasmTools = { heap, kernels };
  // The stock kernel copies, and the engine clones every tensor it saves for a gradient.
  replaceKernel("Identity", (inputs) => heap.alias(inputs["x"] as TensorInfo));
  registerConvolution(tools);
  registerMatMul(tools);
  registerNeuron(tools);
  registerNormalizedNeuron(tools);
  registerBatchNorm(tools);
  registerPool(tools);
  registerUpdates(tools);
  return { variant, heap };
}

/**
 * Puts our kernels into the wasm backend, which must be the current one. Once per process: a second call answers the
 * same.
 * @throws AppError `no-backend` when the kernels have not been built or tfjs is another version.
 */
export function installWasmKernels(wanted: KernelVariant = "relaxed"): Promise<InstalledKernels> {
  installed ??= install(wanted).catch((error: unknown) => {
    installed = undefined;
    throw error;
  });
  return installed;
}
