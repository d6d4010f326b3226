import { tf } from "./tf.ts";

/** What tensors occupy now, for leak tests and status lines. */
export interface TensorMemory {
  readonly tensors: number;
  readonly bytes: number;
}

/** Tensors alive on the current backend and the bytes they stand for. */
export function tensorMemory(): TensorMemory {
  const { numTensors, numBytes } = tf.memory();
  return { tensors: numTensors, bytes: numBytes };
}

/** How many tensors are alive. */
export const tensorCount = (): number => tf.memory().numTensors;

/** What lies below the tensors: a heap or buffers, which a leak fills although the tensors stay as many. */
export interface DeviceMemory extends TensorMemory {
  /** The heap of WebAssembly, which never shrinks, or all buffers on the GPU; else the bytes of the tensors again. */
  readonly heapBytes: number;
  /** Buffers on the GPU, those waiting to be used again included; 0 elsewhere. */
  readonly buffers: number;
}

interface PrivateBackend {
  readonly wasm?: { readonly HEAPU8?: Uint8Array };
  readonly bufferManager?: { readonly numBytesAllocated: number; getNumUsedBuffers(): number; getNumFreeBuffers(): number };
}

/** What the current backend occupies. */
export function deviceMemory(): DeviceMemory {
  const memory = tensorMemory();
  const { wasm, bufferManager } = tf.backend() as PrivateBackend;
  return {
    ...memory,
    heapBytes: wasm?.HEAPU8?.byteLength ?? bufferManager?.numBytesAllocated ?? memory.bytes,
    buffers: bufferManager === undefined ? 0 : bufferManager.getNumUsedBuffers() + bufferManager.getNumFreeBuffers(),
  };
}
