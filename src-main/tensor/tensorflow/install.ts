import { tf } from "../tf.ts";
import { registerBatchNorm } from "./batch-norm.ts";
import { registerConvolution } from "./convolution.ts";
import { NativeOps } from "./native-ops.ts";
import { registerStep } from "./step.ts";

let installed = false;

/**
 * Adds what tfjs-node leaves out to the tensorflow backend, which must be the current one, and replaces what it does slowly.
 * Once per process.
 * @throws AppError `no-backend` when the package is another version.
 */
export function installNativeKernels(): void {
  if (installed) return;
  const ops = new NativeOps(tf.backend());
  registerConvolution(ops);
  registerStep(ops);
  registerBatchNorm(ops);
  installed = true;
}
