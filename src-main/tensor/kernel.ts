import type { NamedAttrMap, NamedTensorMap, Tensor } from "@tensorflow/tfjs";
import { tf } from "./tf.ts";

/** Backends that get the composed form of every operation; a fused one replaces it when its backend starts. */
const composedOn = ["cpu", "wasm", "webgpu", "tensorflow"] as const;

/** What a kernel computes from named tensors and constants. */
export type Composed = (inputs: NamedTensorMap, attrs: Readonly<Record<string, unknown>>) => Tensor | Tensor[];

/** An operation with one name on all backends, so that models never ask where they run. */
export interface Operation {
  readonly name: string;
  /** Left out where only a backend's own kernel makes sense. */
  readonly composed?: Composed;
  readonly gradient?: {
    readonly inputsToSave: string[];
    /** Which outputs the gradient needs, in order. */
    readonly outputsToSave?: boolean[];
    /** @param dys one gradient per output. */
    gradient(dys: Tensor[], saved: Tensor[], attrs: Readonly<Record<string, unknown>>): Record<string, () => Tensor>;
  };
}

/** Makes the operation known to TensorFlow.js in its composed form, with its gradient. */
export function registerOperation({ name, composed, gradient }: Operation): void {
  for (const backendName of composed === undefined ? [] : composedOn) {
    if (composed === undefined) break;
    tf.registerKernel({
      kernelName: name,
      backendName,
      kernelFunc: ({ inputs, attrs }) =>
        // The inputs are the caller's tensors; tidy frees only what is created inside.
        tf.tidy(() => composed(inputs as unknown as NamedTensorMap, (attrs ?? {}) as Record<string, unknown>)),
    });
  }
  if (gradient === undefined) return;
  const { inputsToSave, outputsToSave } = gradient;
  tf.registerGradient({
    kernelName: name,
    inputsToSave,
    ...(outputsToSave === undefined ? {} : { outputsToSave }),
    gradFunc: (dy, saved, attrs) => gradient.gradient(Array.isArray(dy) ? dy : [dy], saved, attrs),
  });
}

/** Runs an operation, recorded for the gradient when there is a tape. */
export function run(name: string, inputs: NamedTensorMap, attrs: object = {}): Tensor {
  return tf.engine().runKernel(name, inputs, attrs as NamedAttrMap);
}

/** Runs an operation that has several outputs. */
export function runMany(name: string, inputs: NamedTensorMap, attrs: object = {}): Tensor[] {
  return tf.engine().runKernel(name, inputs, attrs as NamedAttrMap);
}

/** The named input; absence is a mistake of ours. */
export function input(inputs: NamedTensorMap, name: string): Tensor {
  const tensor = inputs[name];
  if (tensor === undefined) throw new Error(`kernel input "${name}" is missing`);
  return tensor;
}
