import { readFile } from "node:fs/promises";
import { AppError } from "#shared/api/errors.ts";
import { kernelPath } from "#main/lib/paths.ts";

type Kernel = (...args: number[]) => void;

/** What `src-main/kernels/assembly/tensor` exports; arguments are documented there. */
export type TensorKernels = Readonly<
  Record<
    | "packWeights"
    | "packTurned"
    | "transpose"
    | "matMul"
    | "convolve"
    | "filterGradient"
    | "lifForward"
    | "lifBackward"
    | "bnFactors"
    | "bnLifForward"
    | "bnLifBackward"
    | "bnStats"
    | "bnNormalize"
    | "bnGradient"
    | "bnRunning"
    | "avgPool2"
    | "avgPool2Gradient"
    | "adamW",
    Kernel
  >
>;

/** The two variants: fused multiply-adds where the machine may round as it likes, or the same bits everywhere. */
export type KernelVariant = "relaxed" | "plain";

async function read(name: "tensor" | "tensor-relaxed"): Promise<Uint8Array<ArrayBuffer>> {
  try {
    return await readFile(kernelPath(name));
  } catch (cause) {
    throw new AppError("no-backend", `The compiled kernels are missing (${kernelPath(name)})`, {
      hint: "Build them: npm run build.",
      cause,
    });
  }
}

/**
 * Loads the kernels onto a memory: the relaxed variant when the engine knows it and it is not declined.
 * @throws AppError `no-backend` when they have not been built.
 */
export async function loadKernels(
  memory: WebAssembly.Memory,
  wanted: KernelVariant = "relaxed",
): Promise<{ readonly kernels: TensorKernels; readonly variant: KernelVariant }> {
  const relaxed = wanted === "relaxed" ? await read("tensor-relaxed") : undefined;
  const variant = relaxed !== undefined && WebAssembly.validate(relaxed) ? "relaxed" : "plain";
  const bytes = relaxed !== undefined && variant === "relaxed" ? relaxed : await read("tensor");
  const instance = new WebAssembly.Instance(new WebAssembly.Module(bytes), { env: { memory } });
  return { kernels: instance.exports as unknown as TensorKernels, variant };
}
