import { existsSync, readFileSync } from "node:fs";
import { AppError } from "#shared/api/errors.ts";
import { kernelPath } from "#main/lib/paths.ts";
import { requirePackage, resolvePackageFile, tf } from "#main/tensor/tf.ts";
import { installWasmKernels } from "#main/tensor/wasm/install.ts";
import type { KernelVariant } from "#main/tensor/wasm/module.ts";
import type { Backend, ProbeResult } from "../backend.ts";
import { multiplyAndCheck, probeInChild } from "../probe-child.ts";

const packageName = "@tensorflow/tfjs-backend-wasm";
const reinstall = "Install the dependencies again: npm ci.";

const script = `
import { createRequire } from "node:module";
const require = createRequire(import.meta.url);
const tf = require(process.argv[1]);
tf.env().set("PROD", true);
require(process.argv[2]).setThreadsCount(1);
if (!(await tf.setBackend("wasm"))) throw new Error("it did not start");
${multiplyAndCheck}
report({ ok: true });
`;

const nameOf = (variant: KernelVariant): string => `CPU, WASM SIMD (${variant}), 1 thread`;

async function probe(wanted: KernelVariant): Promise<ProbeResult> {
  const missing = ([wanted === "relaxed" ? "tensor-relaxed" : "tensor", "tensor"] as const).find(
    (name) => !existsSync(kernelPath(name)),
  );
  if (missing !== undefined) {
    return {
      ok: false,
      reason: `the compiled kernels are missing (${kernelPath(missing)})`,
      remedy: "Build them: npm run build.",
    };
  }
  const result = await probeInChild(script, [resolvePackageFile("@tensorflow/tfjs"), resolvePackageFile(packageName)], reinstall);
  if (!result.ok) return result;
  const relaxed = wanted === "relaxed" && WebAssembly.validate(readFileSync(kernelPath("tensor-relaxed")));
  return { ok: true, device: nameOf(relaxed ? "relaxed" : "plain") };
}

async function start(wanted: KernelVariant): Promise<void> {
  const tfjsWasm = requirePackage(packageName) as { setThreadsCount(count: number): void };
  tfjsWasm.setThreadsCount(1);
  if (!(await tf.setBackend("wasm"))) {
    throw new AppError("no-backend", "The WebAssembly backend did not start", { hint: reinstall });
  }
  const { variant } = await installWasmKernels(wanted);
  if (wanted === "plain" && variant !== "plain") {
    throw new AppError("busy", "This process has loaded the relaxed kernels already", {
      hint: "Start the reproducible backend in a fresh process.",
    });
  }
}

/** tfjs's WebAssembly backend with kernels of our own for everything that training spends its time on. */
export const wasm: Backend = {
  id: "wasm",
  label: "WebAssembly",
  summary: "SIMD kernels on one CPU core, with fused multiply-adds where the machine has them; needs no driver.",
  params: {},
  rank: 20,
  probe: () => probe("relaxed"),
  start: () => start("relaxed"),
};

/** The same without relaxed SIMD, whose rounding is the machine's choice. */
export const wasmPlain: Backend = {
  id: "wasm-plain",
  label: "WebAssembly, reproducible",
  summary: "As WebAssembly, but with the same rounding on every machine; about a third slower.",
  params: {},
  rank: 0,
  probe: () => probe("plain"),
  start: () => start("plain"),
};
