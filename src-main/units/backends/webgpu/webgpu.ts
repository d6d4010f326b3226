import { pathToFileURL } from "node:url";
import { resolvePackageFile } from "#main/tensor/tf.ts";
import { startWebGpu } from "#main/tensor/webgpu/start.ts";
import type { Backend, ProbeResult } from "../backend.ts";
import { multiplyAndCheck, probeInChild } from "../probe-child.ts";

const remedy =
  "Install a current graphics driver (on Linux with Vulkan: libvulkan1 and the driver's Vulkan part), or train on WebAssembly.";

/** Below WebAssembly: a GPU played by the CPU is correct and slow. */
const softwareRank = 5;

const script = `
import { createRequire } from "node:module";
const require = createRequire(import.meta.url);
const [, dawn, tfjs, backend] = process.argv;
const { create, globals } = await import(dawn);
Object.assign(globalThis, globals);
const gpu = create([]);
const adapter = await gpu.requestAdapter({ powerPreference: "high-performance" });
if (adapter === null) {
  report({ ok: false, reason: "no graphics driver was found that WebGPU can use", remedy: ${JSON.stringify(remedy)} });
} else {
  Object.defineProperty(globalThis, "navigator", { value: { gpu, userAgent: "" }, configurable: true });
  const tf = require(tfjs);
  tf.env().set("PROD", true);
  require(backend);
  if (!(await tf.setBackend("webgpu"))) throw new Error("the device could not be opened");
  let failure;
  tf.backend().device.addEventListener("uncapturederror", (event) => (failure ??= event.error));
${multiplyAndCheck}
  if (failure) throw new Error(failure.message);
  const { vendor, architecture, device, description, isFallbackAdapter } = adapter.info;
  const name = description || [vendor, architecture, device].filter(Boolean).join(" ") || "GPU";
  const software = isFallbackAdapter === true || /swiftshader|llvmpipe|lavapipe|softpipe|basic render|warp/i.test([vendor, architecture, device, description].join(" "));
  report({ ok: true, device: software ? name + ", WebGPU in software (slow)" : name + ", WebGPU", software });
}
process.exit(0);
`;

async function probe(): Promise<ProbeResult> {
  const paths = [
    pathToFileURL(resolvePackageFile("webgpu")).href,
    resolvePackageFile("@tensorflow/tfjs"),
    resolvePackageFile("@tensorflow/tfjs-backend-webgpu"),
  ];
  const result: ProbeResult & { software?: boolean } = await probeInChild(script, paths, remedy);
  if (!result.ok) return result;
  return result.software === true ? { ok: true, device: result.device, rank: softwareRank } : { ok: true, device: result.device };
}

/** Dawn, Chromium's WebGPU, in Node: any GPU with a current driver. */
export const webgpu: Backend = {
  id: "webgpu",
  label: "WebGPU",
  summary: "Any GPU with a Vulkan, Metal or Direct3D 12 driver, through Dawn.",
  params: {},
  rank: 40,
  probe,
  start: () => startWebGpu(),
};
