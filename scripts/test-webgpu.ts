import { existsSync, readdirSync, realpathSync } from "node:fs";
import { delimiter, dirname, join } from "node:path";
import { webgpu } from "#main/units/backends/webgpu/webgpu.ts";
import { testBackend } from "./backend-tests.ts";

/*
 * node scripts/test-webgpu.ts [vitest options]
 *   Runs on WebGPU what the suite runs on every backend: on the GPU of this machine, or on a software driver (lavapipe, or the
 *   SwiftShader that comes with Chromium), which the tests find in no other way. Says in one line when neither is there.
 */

const icdFolders = ["/usr/share/vulkan/icd.d", "/etc/vulkan/icd.d"];
const browsers = ["chromium", "chromium-browser", "google-chrome"];
const browserFolders = ["/usr/lib/chromium", "/usr/lib/chromium-browser", "/usr/lib64/chromium-browser", "/opt/google/chrome"];

/** Folders of the browsers that the path or `CHROMIUM` names. */
function namedFolders(): string[] {
  const folders = (process.env["PATH"] ?? "").split(delimiter);
  const named = [process.env["CHROMIUM"] ?? "", ...folders.flatMap((folder) => browsers.map((name) => join(folder, name)))];
  return named.filter((path) => path !== "" && existsSync(path)).map((path) => dirname(realpathSync(path)));
}

/** Driver descriptions, the faster driver first. */
function softwareDrivers(): string[] {
  const lavapipe = icdFolders
    .filter(existsSync)
    .flatMap((folder) => readdirSync(folder).map((name) => join(folder, name)))
    .filter((path) => /lvp_icd.*\.json$/.test(path));
  const swiftShader = [...namedFolders(), ...browserFolders].map((folder) => join(folder, "vk_swiftshader_icd.json"));
  return [...lavapipe, ...new Set(swiftShader)].filter(existsSync);
}

/** Makes a driver known to this process and its children; answers the device, or why there is none. */
async function found(): Promise<{ readonly device: string } | { readonly reason: string }> {
  const own = await webgpu.probe();
  if (own.ok) return own;
  const drivers = softwareDrivers();
  for (const driver of drivers) {
    process.env["VK_ICD_FILENAMES"] = driver;
    // Chromium brings the Vulkan loader as well, for machines that have none.
    for (const libraries of [process.env["LD_LIBRARY_PATH"], dirname(driver)]) {
      if (libraries !== undefined) process.env["LD_LIBRARY_PATH"] = libraries;
      const result = await webgpu.probe();
      if (result.ok) return result;
    }
  }
  return {
    reason: drivers.length === 0 ? `${own.reason}, nor a software driver` : `${own.reason}, nor do ${drivers.join(", ")} work`,
  };
}

const result = await found();
if ("reason" in result) {
  console.log(`WebGPU is not tested: ${result.reason}`);
} else {
  console.log(`WebGPU is tested on ${result.device}`);
  testBackend("webgpu", "webgpu|WebGPU");
}
