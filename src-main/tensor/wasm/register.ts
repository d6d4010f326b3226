import type { KernelConfig, TensorInfo } from "@tensorflow/tfjs";
import { tf } from "../tf.ts";
import type { WasmHeap } from "./backend.ts";
import type { TensorKernels } from "./module.ts";

/** What every kernel file gets. */
export interface WasmTools {
  readonly heap: WasmHeap;
  readonly kernels: TensorKernels;
}

type Inputs = Readonly<Record<string, TensorInfo>>;
/** Answers `undefined` for a case that it leaves to the kernel it replaces. */
export type WasmKernel = (inputs: Inputs, attrs: Readonly<Record<string, unknown>>) => TensorInfo | TensorInfo[] | undefined;

/** The named input. */
export function named(inputs: Inputs, name: string): TensorInfo {
  const tensor = inputs[name];
  if (tensor === undefined) throw new Error(`kernel input "${name}" is missing`);
  if (tensor.dtype !== "float32") throw new Error(`kernel input "${name}" must be float32, not ${tensor.dtype}`);
  return tensor;
}

/** Puts our kernel in the place of the stock or composed one, which stays responsible for what ours declines. */
export function replaceKernel(kernelName: string, kernel: WasmKernel): void {
  const before = tf.getKernel(kernelName, "wasm") as KernelConfig | undefined;
  if (before !== undefined) tf.unregisterKernel(kernelName, "wasm");
  tf.registerKernel({
    ...(before?.setupFunc === undefined ? {} : { setupFunc: before.setupFunc }),
    kernelName,
    backendName: "wasm",
    kernelFunc: (call) => {
      const answer = kernel(call.inputs as unknown as Inputs, call.attrs ?? {});
      if (answer !== undefined) return answer;
      if (before === undefined) throw new Error(`${kernelName} on wasm cannot do these shapes or options`);
      return before.kernelFunc(call);
    },
  });
}
