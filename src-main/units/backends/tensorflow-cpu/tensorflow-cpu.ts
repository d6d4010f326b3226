import type { Backend } from "../backend.ts";
import { probeBinding, startBinding, type Binding } from "../tensorflow.ts";

const binding: Binding = {
  packageName: "@tensorflow/tfjs-node",
  gpu: false,
  remedy: "If you want it: npm install @tensorflow/tfjs-node@4.22.0 (downloads TensorFlow 2.9.1). WebAssembly needs nothing.",
};

/** TensorFlow's own CPU kernels. */
export const tensorflowCpu: Backend = {
  id: "tensorflow-cpu",
  label: "TensorFlow on the CPU",
  summary: "TensorFlow's native library on all CPU cores, where the package @tensorflow/tfjs-node is installed.",
  params: {},
  rank: 30,
  probe: () => probeBinding(binding),
  start: () => startBinding(binding),
};
