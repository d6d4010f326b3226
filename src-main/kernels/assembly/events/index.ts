// The event kernels as one WebAssembly module. No runtime, no allocation, no data: memory and pointers come from outside.
export { evt3Decode } from "./evt3";
export { atisDecode } from "./atis";
export { evt2Decode, evt21Decode, evt4Decode } from "./evt2";
export { datDecode } from "./dat";
export { aedat4Decode } from "./aedat4";
