import { describe, expect, it } from "vitest";
import { AppError } from "#shared/api/errors.ts";
import { nativeFailure, NativeOps } from "./native-ops.ts";

/** What TensorFlow says when a GPU is full, and when a machine is. */
const gpuText =
  "OOM when allocating tensor with shape[320,48,48,512] and type float on /job:localhost/replica:0/task:0/device:GPU:0 by allocator GPU_0_bfc";
const cpuText =
  "OOM when allocating tensor with shape[320,48,48,512] and type float on /job:localhost/replica:0/task:0/device:CPU:0 by allocator cpu";

/** A backend as the addon makes it, whose operations fail with that text. */
const failing = (text: string) => {
  const fail = (): never => {
    throw new Error(text);
  };
  const binding = Object.freeze({ TF_FLOAT: 1, TF_ATTR_STRING: 0, TF_ATTR_INT: 1, TF_ATTR_TYPE: 4, executeOp: fail });
  return {
    binding,
    isUsingGpuDevice: true,
    executeMultipleOutputs(name: string, attributes: unknown, inputs: unknown, outputs: number): unknown {
      return (this.binding.executeOp as (...call: unknown[]) => unknown)(name, attributes, inputs, outputs);
    },
  };
};

describe("a failure of the native library", () => {
  it.each([
    [gpuText, /^The GPU has no memory left for a tensor of shape \[320,48,48,512\]$/],
    [cpuText, /^The machine has no memory left for a tensor of shape \[320,48,48,512\]$/],
    ["Failed to allocate memory for the batch on /device:GPU:0", /^The GPU has no memory left for a tensor$/],
  ])("of memory names the place, the tensor and a remedy: %s", (text, message) => {
    let caught: unknown;
    try {
      new NativeOps(failing(text)).run("Relu", [], {});
    } catch (error) {
      caught = error;
    }
    expect(caught).toBeInstanceOf(AppError);
    expect(caught).toMatchObject({ code: "out-of-memory", message: expect.stringMatching(message) as string });
    expect((caught as AppError).hint).toMatch(/smaller batch/);
  });

  it("of another kind is passed on as it is", () => {
    const other = new Error("Incompatible shapes: [2,3] vs. [4]");
    expect(nativeFailure(other)).toBe(other);
  });

  it("to be the version that is known is said at the start", () => {
    expect(() => new NativeOps({ binding: {} })).toThrow(/not the version Saccade was made for/);
  });
});
