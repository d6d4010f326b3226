import type { KernelConfig, TensorInfo } from "@tensorflow/tfjs";
import { tf } from "./tf.ts";

/** A kernel's inputs by name. */
export type KernelInputs = Readonly<Record<string, TensorInfo>>;

/** Answers `undefined` for a case that it leaves to the kernel it replaces. */
export type Kernel = (inputs: KernelInputs, attrs: Readonly<Record<string, unknown>>) => TensorInfo | TensorInfo[] | undefined;

/** The named input. */
export function named(inputs: KernelInputs, name: string): TensorInfo {
  const tensor = inputs[name];
  if (tensor === undefined) throw new Error(`kernel input "${name}" is missing`);
  if (tensor.dtype !== "float32") throw new Error(`kernel input "${name}" must be float32, not ${tensor.dtype}`);
  return tensor;
}

/** How many values a shape holds. */
export const elements = (shape: readonly number[]): number => shape.reduce((a, b) => a * b, 1);

/** Puts our kernel in the place of the stock or composed one, which stays responsible for what ours declines. */
export function replaceKernel(backendName: string, kernelName: string, kernel: Kernel): void {
  const before = tf.getKernel(kernelName, backendName) as KernelConfig | undefined;
  if (before !== undefined) tf.unregisterKernel(kernelName, backendName);
  tf.registerKernel({
    ...(before?.setupFunc === undefined ? {} : { setupFunc: before.setupFunc }),
    kernelName,
    backendName,
    kernelFunc: (call) => {
      const answer = kernel(call.inputs as unknown as KernelInputs, call.attrs ?? {});
      if (answer !== undefined) return answer;
      if (before === undefined) throw new Error(`${kernelName} on ${backendName} cannot do these shapes or options`);
      return before.kernelFunc(call);
    },
  });
}
