import type { Backend } from "../backend.ts";
import { probeBinding, startBinding, type Binding } from "../tensorflow.ts";

const binding: Binding = {
  packages: ["@tensorflow/tfjs-node-gpu"],
  gpu: true,
  remedy:
    "On Linux or Windows with an NVIDIA GPU, CUDA 11.2 and cuDNN 8.1: npm install @tensorflow/tfjs-node-gpu@4.22.0 (downloads TensorFlow 2.9.1).",
};

/** TensorFlow's own GPU kernels. */
export const tensorflowGpu: Backend = {
  id: "tensorflow-gpu",
  label: "TensorFlow on the GPU",
  summary: "TensorFlow's native library with CUDA, through the optional package @tensorflow/tfjs-node-gpu.",
  params: {},
  rank: 50,
  probe: () => probeBinding(binding),
  start: () => startBinding(binding),
};
