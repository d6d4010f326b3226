import { AppError } from "#shared/api/errors.ts";
import { requirePackage, tf } from "../tf.ts";
import { registerBatchNorm } from "./batch-norm.ts";
import { GpuDevice } from "./device.ts";
import { registerFilterGradient } from "./filter-gradient.ts";
import { registerNeuron } from "./neuron.ts";
import { registerReadoutLoss } from "./readout-loss.ts";
import { registerUpdates } from "./updates.ts";

/** The part of a WebGPU device that errors come from. */
interface ErrorSource {
  addEventListener(type: "uncapturederror", listener: (event: { readonly error: { readonly message: string } }) => void): void;
  readonly lost: Promise<{ readonly message: string }>;
}

interface PrivateBackend {
  readonly device: ErrorSource;
  read(dataId: object): Promise<unknown>;
}

/**
 * Errors of a GPU are silent: the step goes on with stale or zero results. The first one makes every later read fail,
 * and a training reads at least its loss.
 */
function failLoudly(backend: PrivateBackend): void {
  let failure: AppError | undefined;
  backend.device.addEventListener("uncapturederror", ({ error }) => {
    failure ??= new AppError("training-failed", `The GPU refused a computation: ${error.message}`, {
      hint: "Use a smaller batch or network, or train on WebAssembly.",
    });
  });
  void backend.device.lost.then(({ message }) => {
    failure ??= new AppError("training-failed", `The GPU device was lost: ${message}`, {
      hint: "The driver was reset or ran out of memory. Use a smaller batch, or train on WebAssembly.",
    });
  });
  const read = backend.read.bind(backend);
  backend.read = async (dataId) => {
    const values = await read(dataId);
    if (failure !== undefined) throw failure;
    return values;
  };
}

/**
 * Makes Dawn's WebGPU the place where tensors are computed.
 * @throws AppError `no-backend` when there is no adapter or the device cannot be opened.
 */
export async function startWebGpu(): Promise<void> {
  if (tf.findBackend("webgpu") !== null) {
    await tf.setBackend("webgpu");
    return;
  }
  const { create, globals } = await import("webgpu");
  Object.assign(globalThis, globals);
  Object.defineProperty(globalThis, "navigator", { value: { gpu: create([]), userAgent: "" }, configurable: true });
  requirePackage("@tensorflow/tfjs-backend-webgpu");
  // The tiled program; the default one is naive.
  tf.env().set("WEBGPU_USE_NAIVE_CONV2D_TRANSPOSE", false);
  // Fewer, longer submits: each costs more on the CPU than the dispatches of a small network on the GPU.
  tf.env().set("WEBGPU_DEFERRED_SUBMIT_BATCH_SIZE", 100);
  if (!(await tf.setBackend("webgpu"))) {
    throw new AppError("no-backend", "The WebGPU device could not be opened", {
      hint: "Install a current graphics driver, or train on WebAssembly.",
    });
  }
  failLoudly(tf.backend() as unknown as PrivateBackend);
  const gpu = new GpuDevice(tf.backend());
  registerNeuron(gpu);
  registerBatchNorm(gpu);
  registerFilterGradient(gpu);
  registerReadoutLoss(gpu);
  registerUpdates(gpu);
}
