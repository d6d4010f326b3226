export { packWeights, packTurned, transpose, matMul } from "./product";
export { convolve, filterGradient } from "./convolution";
export { lifForward, lifBackward, bnFactors, bnLifForward, bnLifBackward } from "./lif";
export { bnStats, bnNormalize, bnGradient, bnRunning } from "./batch-norm";
export { avgPool2, avgPool2Gradient } from "./pool";
export { adamW } from "./adam-w";
