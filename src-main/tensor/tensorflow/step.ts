import { replaceKernel } from "../replace-kernel.ts";
import type { NativeOps } from "./native-ops.ts";

/**
 * The spike. The stock kernel makes two tensors of constants and three selections for it; positive parts of signs are the
 * same in two passes, and both let what is no number through.
 */
export function registerStep(ops: NativeOps): void {
  replaceKernel("tensorflow", "Step", ({ x }, { alpha }) => {
    if (x === undefined || x.dtype !== "float32" || (alpha ?? 0) !== 0) return undefined;
    const sign = ops.run("Sign", [x], {});
    const spikes = ops.run("Relu", [sign], {});
    sign.dispose();
    return spikes;
  });
}
