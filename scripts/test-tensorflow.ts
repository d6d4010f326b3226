import { tensorflowCpu } from "#main/units/backends/tensorflow-cpu/tensorflow-cpu.ts";
import { tensorflowGpu } from "#main/units/backends/tensorflow-gpu/tensorflow-gpu.ts";
import { testBackend } from "./backend-tests.ts";

/*
 * node scripts/test-tensorflow.ts [vitest options]
 *   Runs on the native TensorFlow what the suite runs on every backend. Says in one line when it is not there; on Linux
 *   `npm run native-tensorflow` builds it.
 */

const [cpu, gpu] = [await tensorflowCpu.probe(), await tensorflowGpu.probe()];
for (const result of [cpu, gpu]) {
  console.log(result.ok ? `TensorFlow is tested on ${result.device}` : `TensorFlow is not tested: ${result.reason}`);
}
if (cpu.ok || gpu.ok) testBackend("tensorflow", "tensorflow");
