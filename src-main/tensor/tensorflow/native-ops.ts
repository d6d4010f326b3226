import type { Tensor, TensorInfo } from "@tensorflow/tfjs";
import { AppError } from "#shared/api/errors.ts";

/*
 * The members of the pinned tfjs-node backend that are used although its types call them private: the only file that
 * knows them. They are checked at the start.
 */

interface OpAttribute {
  readonly name: string;
  readonly type: number;
  readonly value: unknown;
}

interface Addon {
  readonly TF_FLOAT: number;
  readonly TF_ATTR_STRING: number;
  readonly TF_ATTR_INT: number;
  readonly TF_ATTR_FLOAT: number;
  readonly TF_ATTR_BOOL: number;
  readonly TF_ATTR_TYPE: number;
  executeOp(name: string, attributes: readonly OpAttribute[], inputs: readonly number[], outputs: number): unknown;
}

interface PrivateBackend {
  binding: Addon;
  readonly isUsingGpuDevice: boolean;
  executeMultipleOutputs(
    name: string,
    attributes: readonly OpAttribute[],
    inputs: readonly TensorInfo[],
    outputs: number,
  ): Tensor[];
}

/** Attributes of a TensorFlow operation by name: whole numbers, lists of them, texts, truths; reals and the type float32 named. */
export type NativeAttributes = Readonly<
  Record<string, number | readonly number[] | string | boolean | { readonly real: number } | { readonly type: "float32" }>
>;

/** TensorFlow says so in these words, with the shape and the device: on a GPU, and on a CPU. */
const outOfMemory = /OOM when allocating|ran out of memory|Out of memory|failed to allocate memory|Resource exhausted/i;

/** A failure of the library as one that people understand; others are passed on as they are. */
export function nativeFailure(error: unknown): unknown {
  if (!(error instanceof Error) || error instanceof AppError || !outOfMemory.test(error.message)) return error;
  const [, shape] = /allocating tensor with shape\s*(\[[\d,\s]*\])/i.exec(error.message) ?? [];
  const where = /device:GPU/i.test(error.message) ? "The GPU" : "The machine";
  const what = shape === undefined ? "a tensor" : `a tensor of shape ${shape}`;
  return new AppError("out-of-memory", `${where} has no memory left for ${what}`, {
    hint: "Use a smaller batch, fewer time steps or a smaller network, or close other programs that use it.",
    cause: error,
  });
}

/** TensorFlow's own operations, beyond those that tfjs-node offers as kernels. */
export class NativeOps {
  readonly onGpu: boolean;
  readonly #backend: PrivateBackend;

  /** @throws AppError `no-backend` when the backend is not the version that this was written for. */
  constructor(backend: unknown) {
    const candidate = backend as Partial<PrivateBackend>;
    const { binding } = candidate;
    const complete =
      typeof candidate.executeMultipleOutputs === "function" &&
      typeof binding?.executeOp === "function" &&
      [binding.TF_FLOAT, binding.TF_ATTR_INT, binding.TF_ATTR_TYPE].every((value) => typeof value === "number");
    if (!complete) {
      throw new AppError("no-backend", "The installed @tensorflow/tfjs-node is not the version Saccade was made for", {
        hint: "Install version 4.22.0, or use another backend.",
      });
    }
    this.#backend = candidate as PrivateBackend;
    this.onGpu = this.#backend.isUsingGpuDevice;
    this.#tellFailures(binding);
  }

  #tellFailures(binding: Addon): void {
    const executeOp: Addon["executeOp"] = (...call) => {
      try {
        return binding.executeOp(...call);
      } catch (error) {
        throw nativeFailure(error);
      }
    };
    // The addon's own properties cannot be changed.
    this.#backend.binding = Object.create(binding, { executeOp: { value: executeOp } }) as Addon;
  }

  /** Runs an operation on float32 tensors that has one result. */
  run(name: string, inputs: readonly TensorInfo[], attributes: NativeAttributes): Tensor {
    return this.runMany(name, inputs, attributes, 1)[0]!;
  }

  /** Runs an operation on float32 tensors that has several results. */
  runMany(name: string, inputs: readonly TensorInfo[], attributes: NativeAttributes, outputs: number): Tensor[] {
    const { binding } = this.#backend;
    const typed = Object.entries(attributes).map(([attribute, value]): OpAttribute => {
      const of = (type: number, plain: unknown = value): OpAttribute => ({ name: attribute, type, value: plain });
      if (typeof value === "string") return of(binding.TF_ATTR_STRING);
      if (typeof value === "boolean") return of(binding.TF_ATTR_BOOL);
      if (typeof value === "object" && "real" in value) return of(binding.TF_ATTR_FLOAT, value.real);
      if (typeof value === "object" && "type" in value) return of(binding.TF_ATTR_TYPE, binding.TF_FLOAT);
      return of(binding.TF_ATTR_INT);
    });
    const float = { name: "T", type: binding.TF_ATTR_TYPE, value: binding.TF_FLOAT };
    return this.#backend.executeMultipleOutputs(name, [float, ...typed], inputs, outputs);
  }
}
