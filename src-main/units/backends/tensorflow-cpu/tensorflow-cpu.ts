import { availableParallelism } from "node:os";
import type { Backend } from "../backend.ts";
import { probeBinding, startBinding, type Binding } from "../tensorflow.ts";

const binding: Binding = {
  // The other package computes on the CPU as well where its GPU is hidden.
  packages: ["@tensorflow/tfjs-node", "@tensorflow/tfjs-node-gpu"],
  gpu: false,
  remedy:
    "If you want it: npm run native-tensorflow in a checkout (Linux on x86-64; needs Python and a C++ compiler). WebAssembly needs nothing.",
};

/** A step costs about three times the CPU time of our WebAssembly kernels, which use one core; TensorFlow uses all. */
const manyCores = 8;

/** TensorFlow's own CPU kernels. */
export const tensorflowCpu: Backend = {
  id: "tensorflow-cpu",
  label: "TensorFlow on the CPU",
  summary: "TensorFlow's native library on all CPU cores, where the package @tensorflow/tfjs-node is installed.",
  params: {},
  rank: availableParallelism() < manyCores ? 15 : 30,
  probe: () => probeBinding(binding),
  start: () => startBinding(binding),
};
