import { createRequire } from "node:module";
import { AppError } from "#shared/api/errors.ts";
import { installNativeKernels } from "#main/tensor/tensorflow/install.ts";
import { resolvePackageFile, tf } from "#main/tensor/tf.ts";
import type { ProbeResult } from "./backend.ts";
import { findNativePackage, loadNativePackage, nativeFolderVariable, type NativePackage } from "./native-package.ts";
import { multiplyAndCheck, probeInChild } from "./probe-child.ts";

/** How one of the two backends gets TensorFlow's C library. */
export interface Binding {
  /** The packages that will do, best first. */
  readonly packages: readonly [NativePackage, ...NativePackage[]];
  readonly gpu: boolean;
  readonly remedy: string;
}

const script = `
import { createRequire } from "node:module";
import { execFileSync } from "node:child_process";
import { cpus } from "node:os";
const require = createRequire(import.meta.url);
const load = ${loadNativePackage.toString()};
const [, tfjs, binding, wanted] = process.argv;
const tf = require(tfjs);
tf.env().set("PROD", true);
load(require, tfjs, binding, wanted === "gpu");
if (!(await tf.setBackend("tensorflow"))) throw new Error("it did not start");
${multiplyAndCheck}
const library = "TensorFlow " + tf.backend().binding.TF_Version;
if (wanted !== "gpu") {
  report({ ok: true, device: "CPU, " + library + ", " + cpus().length + " threads" });
} else if (!tf.backend().isUsingGpuDevice) {
  report({ ok: false, reason: library + " was loaded but found no GPU it can use", remedy: "It needs an NVIDIA GPU with its driver, and to have been built for CUDA: version 2.9 for CUDA 11.2 with cuDNN 8.1." });
} else {
  let name = "NVIDIA GPU";
  try {
    name = execFileSync("nvidia-smi", ["--query-gpu=name", "--format=csv,noheader"], { encoding: "utf8", timeout: 5000 }).split("\\n")[0] || name;
  } catch (error) {
    process.stderr.write("nvidia-smi: " + String(error) + "\\n");
  }
  report({ ok: true, device: name + ", " + library });
}
`;

const entryFile = ({ packages }: Binding): string | undefined =>
  packages.map(findNativePackage).find((file) => file !== undefined);

function missing({ packages }: Binding): string {
  const folder = process.env[nativeFolderVariable];
  if (folder !== undefined && folder !== "") return `${nativeFolderVariable} names ${folder}, which holds no ${packages[0]}`;
  return `the package ${packages[0]} is not installed`;
}

/** Loads the binding in a process of its own and multiplies with it. */
export function probeBinding(binding: Binding): Promise<ProbeResult> {
  const { gpu, remedy } = binding;
  const file = entryFile(binding);
  if (file === undefined) return Promise.resolve({ ok: false, reason: missing(binding), remedy });
  return probeInChild(script, [resolvePackageFile("@tensorflow/tfjs"), file, gpu ? "gpu" : "cpu"], remedy);
}

/** Loads the binding here; tensors are computed by TensorFlow afterwards. */
export async function startBinding(binding: Binding): Promise<void> {
  const { gpu, remedy } = binding;
  const file = entryFile(binding);
  if (file === undefined) throw new AppError("no-backend", `TensorFlow cannot be loaded: ${missing(binding)}`, { hint: remedy });
  let started: boolean;
  try {
    loadNativePackage(createRequire(import.meta.url), resolvePackageFile("@tensorflow/tfjs"), file, gpu);
    started = await tf.setBackend("tensorflow");
  } catch (cause) {
    throw new AppError("no-backend", `TensorFlow could not be loaded from ${file}`, { hint: remedy, cause });
  }
  if (!started) throw new AppError("no-backend", `TensorFlow did not start from ${file}`, { hint: remedy });
  installNativeKernels();
}
