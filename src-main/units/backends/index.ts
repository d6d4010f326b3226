import type { Backend } from "./backend.ts";
import { js } from "./js/js.ts";
import { tensorflowCpu } from "./tensorflow-cpu/tensorflow-cpu.ts";
import { tensorflowGpu } from "./tensorflow-gpu/tensorflow-gpu.ts";
import { wasm, wasmPlain } from "./wasm/wasm.ts";
import { webgpu } from "./webgpu/webgpu.ts";

/** All backends. The list is explicit; nothing scans folders at run time. */
export const backends: readonly Backend[] = [tensorflowGpu, webgpu, tensorflowCpu, wasm, wasmPlain, js];
