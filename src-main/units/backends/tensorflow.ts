import { AppError } from "#shared/api/errors.ts";
import { requirePackage, resolvePackageFile, tf } from "#main/tensor/tf.ts";
import type { ProbeResult } from "./backend.ts";
import { multiplyAndCheck, probeInChild } from "./probe-child.ts";

/** Which of the two packages that bind TensorFlow's C library. */
export interface Binding {
  readonly packageName: "@tensorflow/tfjs-node-gpu" | "@tensorflow/tfjs-node";
  readonly gpu: boolean;
  readonly remedy: string;
}

/** Node removed two functions that the binding calls; see `#main/tensor/tf.ts`. */
const script = `
import { createRequire } from "node:module";
import { execFileSync } from "node:child_process";
import { cpus } from "node:os";
const require = createRequire(import.meta.url);
const util = require("node:util");
util.isNullOrUndefined ??= (value) => value == null;
util.isArray ??= Array.isArray;
const [, tfjs, binding, wantsGpu] = process.argv;
const tf = require(tfjs);
tf.env().set("PROD", true);
require(binding);
if (!(await tf.setBackend("tensorflow"))) throw new Error("it did not start");
${multiplyAndCheck}
if (wantsGpu === "gpu" && !tf.backend().isUsingGpuDevice) {
  report({ ok: false, reason: "TensorFlow was loaded but found no GPU it can use", remedy: "Install the NVIDIA driver with CUDA 11.2 and cuDNN 8.1, which this TensorFlow was built for." });
} else if (wantsGpu === "gpu") {
  let name = "NVIDIA GPU";
  try {
    name = execFileSync("nvidia-smi", ["--query-gpu=name", "--format=csv,noheader"], { encoding: "utf8", timeout: 5000 }).split("\\n")[0] || name;
  } catch (error) {
    process.stderr.write("nvidia-smi: " + String(error) + "\\n");
  }
  report({ ok: true, device: name + ", TensorFlow" });
} else {
  report({ ok: true, device: "CPU, TensorFlow, " + cpus().length + " threads" });
}
`;

function resolved(name: string): string | undefined {
  try {
    return resolvePackageFile(name);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "MODULE_NOT_FOUND") return undefined;
    throw error;
  }
}

/** Loads the binding in a process of its own and multiplies with it. */
export function probeBinding({ packageName, gpu, remedy }: Binding): Promise<ProbeResult> {
  const path = resolved(packageName);
  if (path === undefined) {
    return Promise.resolve({ ok: false, reason: `the package ${packageName} is not installed`, remedy });
  }
  return probeInChild(script, [resolvePackageFile("@tensorflow/tfjs"), path, gpu ? "gpu" : "cpu"], remedy);
}

/** Loads the binding here; tensors are computed by TensorFlow afterwards. */
export async function startBinding({ packageName, remedy }: Binding): Promise<void> {
  try {
    requirePackage(packageName);
    if (await tf.setBackend("tensorflow")) return;
  } catch (cause) {
    throw new AppError("no-backend", `TensorFlow could not be loaded through ${packageName}`, { hint: remedy, cause });
  }
  throw new AppError("no-backend", `TensorFlow did not start through ${packageName}`, { hint: remedy });
}
