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
