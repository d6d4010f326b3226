import type { TensorInfo } from "@tensorflow/tfjs";
import { lifGradKernel, lifKernel, mostFusedSteps, type LifAttrs } from "../lif.ts";
import type { SurrogateKind } from "../ops.ts";
import { elements, named, replaceKernel } from "../replace-kernel.ts";
import { lanes, mainPerIndex, type GpuDevice, type Shader } from "./device.ts";

/** How a program gets the neuron's input at `at`: as it lies there, or normalized on the way. */
interface Source {
  readonly key: string;
  readonly arrays: readonly string[];
  readonly integers: readonly string[];
  readonly floats: readonly string[];
  /** Declares `fn input(at: i32, t: i32, index: i32) -> f32`. */
  readonly code: string;
}

const plain: Source = {
  key: "lif",
  arrays: [],
  integers: [],
  floats: [],
  code: "fn input(at: i32, t: i32, index: i32) -> f32 { return x[at]; }",
};

const normalized: Source = {
  key: "normalized lif",
  arrays: ["gamma", "beta", "stats"],
  integers: ["channels", "groups"],
  floats: ["epsilon", "scale"],
  code: `
fn input(at: i32, t: i32, index: i32) -> f32 {
  let c = index % u.channels;
  let s = select(0, t, u.groups > 1) * u.channels + c;
  let factor = gamma[c] * u.scale / sqrt(stats[u.groups * u.channels + s] + u.epsilon);
  return (x[at] - stats[s]) * factor + beta[c];
}`,
};

const dynamics = `
    let pre = u.keep * v + u.gain * input(at, t, index);
    let fired = pre - u.threshold > 0.0;
    v = select(pre, 0.0, fired);`;

const forward = ({ output, potential }: LifAttrs, source: Source): Shader => {
  const value = output === "spikes" ? "select(0.0, 1.0, fired)" : potential === "post" ? "v" : "pre";
  return {
    key: `${source.key} ${output} ${potential}`,
    arrays: ["x", ...source.arrays, "result"],
    writes: 1 + source.arrays.length,
    integers: ["neurons", "steps", ...source.integers],
    floats: ["keep", "gain", "threshold", ...source.floats],
    code: `${source.code}
${mainPerIndex("u.neurons")}
  var v = 0.0;
  for (var t = 0; t < u.steps; t++) {
    let at = t * u.neurons + index;${dynamics}
    result[at] = ${value};
  }
}`,
  };
};

/** g'(d), d = v_pre − θ, with the kind's constant in `u.alpha`; see `surrogateGradient`. */
const surrogates: Readonly<Record<SurrogateKind, string>> = {
  "quadratic-gate": "max(0.0, u.alpha - u.alpha * u.alpha * abs(d))",
  "unit-box": "select(0.0, 1.0, abs(d) < 0.5)",
  triangle: "max(0.0, u.alpha - abs(d)) / (u.alpha * u.alpha)",
  gate: "select(0.0, 1.0, abs(d) < 1.0 / u.alpha)",
  arctan: "0.5 * u.alpha / (1.0 + pow2(1.5707963267948966 * u.alpha * d))",
  sigmoid: "u.alpha * sigma(u.alpha * d) * (1.0 - sigma(u.alpha * d))",
};

const backward = ({ output, potential, surrogate, detachReset, steps }: LifAttrs, source: Source): Shader => {
  const throughPost = output === "potential" && potential === "post";
  const throughPre = output === "potential" && potential === "pre";
  return {
    key: `${source.key} gradient ${output} ${potential} ${surrogate} ${detachReset} ${steps}`,
    arrays: ["x", "dy", ...source.arrays, "result"],
    writes: 2 + source.arrays.length,
    integers: ["neurons", ...source.integers],
    floats: ["keep", "gain", "threshold", "alpha", ...source.floats],
    code: `${source.code}
fn pow2(a: f32) -> f32 { return a * a; }
fn sigma(a: f32) -> f32 { return 1.0 / (1.0 + exp(-a)); }
fn surrogate(d: f32) -> f32 { return ${surrogates[surrogate]}; }
${mainPerIndex("u.neurons")}
  var trace: array<f32, ${steps}>;
  var v = 0.0;
  for (var t = 0; t < ${steps}; t++) {
    let at = t * u.neurons + index;${dynamics}
    trace[t] = pre;
  }
  var carried = 0.0;
  for (var t = ${steps - 1}; t >= 0; t--) {
    let at = t * u.neurons + index;
    let pre = trace[t];
    let d = pre - u.threshold;
    let post = carried${throughPost ? " + dy[at]" : ""};
    let spike = ${output === "spikes" ? "dy[at]" : "0.0"}${detachReset ? "" : " - post * pre"};
    let slope = select(post, 0.0, d > 0.0) + spike * surrogate(d)${throughPre ? " + dy[at]" : ""};
    result[at] = u.gain * slope;
    carried = u.keep * slope;
  }
}`,
  };
};

/** What a normalized source reads and is told. */
export interface Normalization {
  readonly tensors: readonly [gamma: TensorInfo, beta: TensorInfo, stats: TensorInfo];
  readonly integers: readonly [channels: number, groups: number];
  readonly floats: readonly [epsilon: number, scale: number];
}

const workgroups = (gpu: GpuDevice, neurons: number): readonly [number, number] => gpu.spread(Math.ceil(neurons / lanes));

/** The neuron over all steps in one dispatch, behind batch norm if there is one. */
export function runForward(gpu: GpuDevice, attrs: LifAttrs, x: TensorInfo, norm?: Normalization): TensorInfo {
  const { steps, keep, gain, threshold } = attrs;
  const neurons = elements(x.shape) / steps;
  const result = gpu.output(x.shape);
  gpu.run(
    forward(attrs, norm === undefined ? plain : normalized),
    [x, ...(norm?.tensors ?? []), result],
    [neurons, steps, ...(norm?.integers ?? []), keep, gain, threshold, ...(norm?.floats ?? [])],
    workgroups(gpu, neurons),
  );
  return result;
}

/** Its gradient with respect to its input (the normalized value, if there is batch norm), in one dispatch. */
export function runBackward(gpu: GpuDevice, attrs: LifAttrs, x: TensorInfo, dy: TensorInfo, norm?: Normalization): TensorInfo {
  const { steps, keep, gain, threshold, alpha } = attrs;
  const neurons = elements(x.shape) / steps;
  const result = gpu.output(x.shape);
  gpu.run(
    backward(attrs, norm === undefined ? plain : normalized),
    [x, dy, ...(norm?.tensors ?? []), result],
    [neurons, ...(norm?.integers ?? []), keep, gain, threshold, alpha, ...(norm?.floats ?? [])],
    workgroups(gpu, neurons),
  );
  return result;
}

/** The neuron over all time steps: one dispatch forward, one backward, and no membrane potential saved between. */
export function registerNeuron(gpu: GpuDevice): void {
  replaceKernel("webgpu", lifKernel, (inputs, raw) => {
    const x = named(inputs, "x");
    return gpu.floats(x) ? runForward(gpu, raw as unknown as LifAttrs, x) : undefined;
  });

  replaceKernel("webgpu", lifGradKernel, (inputs, raw) => {
    const attrs = raw as unknown as LifAttrs;
    const x = named(inputs, "x");
    const dy = named(inputs, "dy");
    return attrs.steps <= mostFusedSteps && gpu.floats(x, dy) ? runBackward(gpu, attrs, x, dy) : undefined;
  });
}
